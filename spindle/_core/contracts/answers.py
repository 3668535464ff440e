"""What may answer a yield: the argument of `Yield[...]`, as classes."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import (
    Annotated,
    Any,
    ForwardRef,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    is_typeddict,
)

from spindle._core.errors import ContractError
from spindle._core.names import name_of

__all__ = ["answer_form", "answers_to"]

_BARE = (
    "{name} derives a bare Yield, so nothing says what may answer it. "
    "Name its event, or a union of events: class {short}(Yield[SomethingGiven]): ..."
)
_QUOTED = (
    "{name} names what answers it in quotes ({quoted!r}), which is not looked up. "
    "Declare the events above the yield and write them without quotes."
)


def answer_form(yield_type: type, root: type) -> object:
    """Return what stands in the brackets of `root[...]` among the bases of `yield_type`.

    `root` is Yield. A generic yield of the user's own (`class Choose(Yield[T], Generic[T])`) is
    followed to what its parameters were given.

    Raises:
        ContractError: the yield is bare.
    """
    for base in vars(yield_type).get("__orig_bases__", ()):
        origin, arguments = get_origin(base), get_args(base)
        if origin is root:
            return arguments[0]
        if isinstance(origin, type) and issubclass(origin, root):
            return _filled(answer_form(origin, root), _parameters(origin), arguments)
    for parent in yield_type.__bases__:
        if parent is not root and issubclass(parent, root):
            return answer_form(parent, root)
    raise ContractError(_BARE.format(name=name_of(yield_type), short=yield_type.__name__))


def answers_to(yield_type: type, root: type) -> frozenset[type]:
    """Return the classes an answer of `yield_type` may be an instance of.

    A type variable, or `Any`, admits every object.

    Raises:
        ContractError: the yield is bare, or names its events in quotes.
    """
    form = answer_form(yield_type, root)
    if isinstance(form, ForwardRef):
        quoted = form.__forward_arg__
        raise ContractError(_QUOTED.format(name=name_of(yield_type), quoted=quoted))
    return frozenset(_classes(form))


def _parameters(generic: type) -> tuple[object, ...]:
    parameters: tuple[object, ...] = getattr(generic, "__parameters__", ())
    return parameters


def _filled(form: Any, parameters: tuple[object, ...], arguments: tuple[object, ...]) -> object:
    given = dict(zip(parameters, arguments, strict=True))
    if isinstance(form, TypeVar):
        return given[form]
    inner: tuple[object, ...] = getattr(form, "__parameters__", ())
    return form[tuple(given[each] for each in inner)] if inner else form


def _classes(form: object) -> Iterator[type]:
    origin = get_origin(form)
    if origin is Union or origin is types.UnionType:
        for each in get_args(form):
            yield from _classes(each)
    elif origin is Annotated:
        yield from _classes(get_args(form)[0])
    elif origin is Literal:
        yield from map(type, get_args(form))
    elif named := getattr(form, "__supertype__", None) or getattr(form, "__value__", None):
        yield from _classes(named)
    elif form is float:
        yield from (float, int)  # as type checkers have it
    else:
        yield _runtime_class(form if origin is None else origin)


def _runtime_class(form: object) -> type:
    """Return the closest class that `isinstance` can be asked about."""
    if not isinstance(form, type) or form is Any:
        return object
    if is_typeddict(form):
        return dict
    try:
        isinstance(None, form)
    except TypeError:  # a protocol that is not for run time
        return object
    return form
