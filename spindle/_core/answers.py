"""What may answer a yield: the argument of `Yield[...]`, as classes."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Literal, TypeVar, Union, get_args, get_origin

__all__ = ["answer_classes"]


def answer_classes(form: object) -> frozenset[type]:
    """Return the classes whose instances an answer of type `form` may be."""
    return frozenset(_classes(form))


def _classes(form: object) -> Iterator[type]:
    origin = get_origin(form)
    if origin is Union or origin is types.UnionType:
        for each in get_args(form):
            yield from _classes(each)
    elif origin is Literal:
        yield from map(type, get_args(form))
    elif isinstance(origin, type):
        yield origin
    elif isinstance(form, type):
        yield form
    elif form is None:
        yield types.NoneType
    else:
        yield object
