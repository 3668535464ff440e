"""The assigns of a view class: its annotated attributes, with their defaults."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from difflib import get_close_matches
from types import MappingProxyType

from spindle._core.names import name_of
from spindle.view.errors import ViewError

__all__ = ["assigns_of", "no_such_assign"]

_CLASS_VARIABLE = re.compile(r"(\w+\.)*ClassVar\b")

_INSTEAD: dict[type, str] = {
    list: "a tuple, as in `{name}: tuple[...] = ()`",
    dict: "`{name}: Mapping[..., ...] = MappingProxyType({{}})`",
    set: "a frozenset, as in `{name}: frozenset[...] = frozenset()`",
}


def assigns_of(view: type, base: type) -> frozenset[str]:
    """Return the names that may be assigned on a `view`, inherited ones included.

    Args:
        view: The class that is being defined.
        base: The class whose own methods no assign may hide.

    Raises:
        ViewError: an assign has no default, one that may change in place, or the name of a method
            of `base`.
    """
    annotations = inspect.get_annotations(view)
    own = {name for name, value in vars(view).items() if _is_data(name, value)}
    own |= {name for name, kind in annotations.items() if not _is_class_variable(kind)}
    constants = {name for name, kind in annotations.items() if _is_class_variable(kind)}
    for name in sorted(own - constants):
        _check_name(view, base, name)
        _check_default(view, base, name)
    settable = {name for name, value in vars(view).items() if inspect.isdatadescriptor(value)}
    return frozenset(own - constants | settable).union(*_inherited(view))


def no_such_assign(view: type, name: str, assigns: frozenset[str]) -> ViewError:
    """Return the error for an assignment to a name that is not an assign."""
    if hasattr(view, name):
        return ViewError(f"{name_of(view)}.{name} is not an assign: it cannot be assigned")
    near = get_close_matches(name, assigns, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return ViewError(
        f"{name_of(view)} has no assign {name!r}. {hint}Declare it in the class with a type "
        f"and a default, as in `{name}: str = ''`, or begin it with _ if it is not for render"
    )


def _inherited(view: type) -> Iterator[frozenset[str]]:
    for parent in view.__bases__:
        yield getattr(parent, "__assigns__", frozenset())


def _check_name(view: type, base: type, name: str) -> None:
    hidden: object = getattr(base, name, None)
    if callable(hidden) or isinstance(hidden, property):
        raise ViewError(
            f"{name_of(view)}.{name} would hide {base.__name__}.{name}, which the page needs. "
            f"Give the assign another name"
        )


def _check_default(view: type, base: type, name: str) -> None:
    if hasattr(view, name):
        _check_value(f"{name_of(view)}.{name}", name, getattr(view, name))
    elif not _makes_its_own(view, base):
        raise ViewError(
            f"{name_of(view)}.{name} has no default: a view renders before any message has "
            f"come. Give it one, as in `{name}: ... | None = None`"
        )


def _check_value(where: str, name: str, default: object) -> None:
    if _is_mutable(default):
        kind = type(default)
        instead = _INSTEAD.get(kind, "a value that cannot change").format(name=name)
        raise ViewError(
            f"{where} has a {kind.__name__} as default, which all views of the class would share: "
            f"what one visitor does, others would see. Use {instead}; or assign it in __init__; "
            f"or annotate it ClassVar if it is a constant"
        )


def _makes_its_own(view: type, base: type) -> bool:
    """Tell whether an `__init__` may assign what the class leaves out."""
    return any("__init__" in vars(parent) for parent in view.__mro__ if issubclass(parent, base))


def _is_data(name: str, value: object) -> bool:
    dunder = name.startswith("__") and name.endswith("__")
    return not (dunder or isinstance(value, type) or hasattr(type(value), "__get__"))


def _is_class_variable(annotation: object) -> bool:
    text = annotation if isinstance(annotation, str) else str(annotation)
    return _CLASS_VARIABLE.match(text) is not None


def _is_mutable(value: object) -> bool:
    if isinstance(value, MappingProxyType):
        return False
    try:
        hash(value)
    except TypeError:
        return True
    return False
