"""Classes and functions by where they stand, `shop.contract:Store.Checkout`.

What stands in the program itself goes by the name under which others import it: of `python shop.py`
and of `python -m shop` that is `shop`, so that a tool finds it, and the next program that imports
`shop`. Where one of its modules imports it by that name, it is there twice: that name is the other
one's then. Nobody can import what was typed into a prompt or a notebook; this process finds it.
"""

from __future__ import annotations

import sys
from inspect import getmodulename
from typing import Any, Final

__all__ = ["MEND", "Unimportable", "found_at", "place_of"]

MEND: Final = "mend what it raises, which is told above"
"""What helps where a module cannot be imported."""


class Unimportable(LookupError):
    """Nobody knows what is there: its module raises when it is loaded.

    Attributes:
        cause: in a few words.
    """

    def __init__(self, module: str, error: BaseException) -> None:
        super().__init__(f"{module} cannot be imported now: {type(error).__name__}: {error}")
        self.cause = f"{module} cannot be imported now"


def place_of(value: object) -> str:
    """Where it stands; empty if it is not found there, for it was made in a function."""
    module = getattr(value, "__module__", "")
    if module in ("__main__", "__mp_main__"):  # in a process that multiprocessing has spawned
        module = _program() or module
    place = f"{module}:{getattr(value, '__qualname__', '')}"
    try:
        return place if found_at(place) is value else ""
    except LookupError:
        return ""


def found_at(place: str) -> object:
    """What stands there; its module is loaded.

    Raises:
        LookupError: there is nothing.
        Unimportable: its module cannot be loaded.
    """
    module, _, path = place.partition(":")
    if module and module == _program():
        module = "__main__"
    try:
        found = _imported(module)
        for name in path.split("."):
            found = getattr(found, name)
    except Unimportable:
        raise
    except Exception as error:  # what getting it does, too
        raise LookupError(f"there is no {place}: {error}") from error
    else:
        return found


def _imported(module: str) -> Any:
    try:
        __import__(module)
    except (Exception, SystemExit) as error:  # a program that has no `__main__` guard
        is_gone = isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(
            f"{error.name}."
        )
        if is_gone or not module:
            raise
        raise Unimportable(module, error) from error
    return sys.modules[module]


def _program() -> str:
    """The name by which others import the module that was run; empty if they cannot, or have."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    file: str = getattr(main, "__file__", None) or ""
    name = getmodulename(file) or "" if spec is None else str(spec.name)
    return name if sys.modules.get(name, main) is main else ""
