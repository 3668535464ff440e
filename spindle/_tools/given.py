"""What pages are given, found by its name: `package.module:app`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from spindle._core.errors import SpindleError
from spindle._core.names import shown
from spindle._core.operations.provision import check_provided
from spindle._tools.refusal import Refusal

__all__ = ["given_by"]


def given_by(place: str) -> Mapping[type, object]:
    """What an app provides, or a mapping that a host is given.

    Raises:
        Refusal: nothing of that kind is there.
    """
    found: object = _found(place)
    provide: object = getattr(found, "provide", found)
    if not isinstance(provide, Mapping):
        raise Refusal(
            f"--app {place} is {shown(found)}: name an App, or the mapping that open_durable_host "
            f"is given as provide="
        )
    try:
        return check_provided(cast("Mapping[Any, object]", provide))
    except SpindleError as error:
        raise Refusal(f"--app {place}: {error}") from error


def _found(place: str) -> Any:
    module, _, path = place.partition(":")
    if not module or not path:
        raise Refusal(f"--app takes package.module:app, not {place!r}")
    try:
        found: Any = import_module(module)
    except (Exception, SystemExit) as error:  # a program that has no `__main__` guard
        raise Refusal(f"--app {place}: importing {module} failed: {shown(error)}") from error
    for name in path.split("."):
        if not hasattr(found, name):
            raise Refusal(f"--app {place}: there is no {path} in {module}")
        found = getattr(found, name)
    return found
