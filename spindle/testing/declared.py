"""The types that functions and fields declare, looked up as type checkers look them up.

Python itself looks for the names of an annotation in the module. What stands in the class around
comes first, and what a function around makes is not to be had at all: a name that may be one of
these is of any type here, and so is one that is not found.
"""

from __future__ import annotations

import builtins
import sys
import types
from functools import lru_cache
from inspect import get_annotations, iscoroutinefunction, unwrap
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["hints_of", "returned"]

_PYTHONS_OWN: Final = {"typing", "typing_extensions", *sys.stdlib_module_names}
_OPTIMIZED: Final = 1  # of `co_flags`: a function's code, not the body of a class


@lru_cache(maxsize=256)
def returned(fn: Callable[..., object]) -> tuple[object, object]:
    """What an async function declares that it returns: the type, and as it is written."""
    given = getattr(fn, "__annotations__", {})
    opaque = hasattr(fn, "__wrapped__") or hasattr(fn, "__no_type_check__")
    if "return" not in given or opaque or not iscoroutinefunction(fn):
        return Any, ""
    module: dict[str, object] = getattr(fn, "__globals__", {})
    around = getattr(fn, "__qualname__", "").split(".")[:-1]
    try:
        names = _local_names(module, around)
        if around and around[-1] != "<locals>":
            names |= _names_in_class(_at(module, around))
        return _looked_up(given["return"], module, names), given["return"]
    except Exception:
        return Any, ""


@lru_cache(maxsize=256)
def hints_of(kind: type) -> Mapping[str, object]:
    """The types of a class's fields, as far as they can be looked up."""
    hints: dict[str, object] = {}
    for each in reversed(kind.__mro__):
        module = vars(sys.modules.get(each.__module__, builtins))
        try:
            names = _local_names(module, each.__qualname__.split(".")[:-1]) | _names_in_class(each)
        except Exception:
            continue
        for name, given in get_annotations(each).items():
            try:
                hints[name] = _looked_up(given, module, names)
            except Exception:
                hints[name] = Any
    return hints


def _looked_up(given: object, module: dict[str, Any], names: dict[str, Any]) -> object:
    # Not by `get_type_hints`, which loses the star of `tuple[int, *tuple[str, ...]]`.
    while isinstance(given, str):
        given = eval(given, module, names)
    return given


def _at(module: Mapping[str, object], path: list[str]) -> object:
    """What stands at a path of names in a module; None if that is not to be had."""
    found: object = module.get(path[0])
    for name in path[1:]:
        found = getattr(found, "__dict__", {}).get(name)
    return found


def _names_in_class(kind: object) -> dict[str, Any]:
    """What else but fields the body of a class gives names to."""
    if not isinstance(kind, type):
        return {}
    fields = get_annotations(kind)
    return {name: value for name, value in vars(kind).items() if name not in fields}


def _local_names(module: Mapping[str, object], around: list[str]) -> dict[str, Any]:
    """What may be a function's own: of any type, as nobody else can look it up."""
    if "<locals>" not in around:
        return {}
    outermost = _at(module, around[: around.index("<locals>")])
    code = getattr(unwrap(outermost) if callable(outermost) else None, "__code__", None)
    if isinstance(code, types.CodeType):
        return dict.fromkeys(_made_in(code), Any)
    return {name: Any for name, value in module.items() if not _is_pythons_own(value)}


def _made_in(code: types.CodeType) -> Iterator[str]:
    yield from code.co_varnames
    yield from code.co_cellvars
    if not code.co_flags & _OPTIMIZED:
        yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from _made_in(each)


def _is_pythons_own(value: object) -> bool:
    home = getattr(value, "__module__", None) or type(value).__module__
    return home.partition(".")[0] in _PYTHONS_OWN
