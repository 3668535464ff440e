"""What the user names: `package.module:name`."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
)
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, isawaitable, signature
from typing import TypeAlias, cast

from spindle._core.errors import UsageError
from spindle.stress.page_load import PageLoad
from spindle.stress.site_load import SiteLoad
from spindle.web.app import App

__all__ = ["find_target", "open_target"]

_Async: TypeAlias = AbstractAsyncContextManager[object]
_Sync: TypeAlias = AbstractContextManager[object]

SPELLING = "Name it as package.module:name, as Python imports it from the current folder"
WANTED = "an App, a SiteLoad, a PageLoad, or a function without arguments that makes one of these"


def find_target(name: str) -> object:
    """Import what the user names.

    Raises:
        UsageError: there is none; the text says what to write instead. What importing the module
            raises comes as it is.
    """
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        raise UsageError(f"{name!r} names no page. {SPELLING}.")
    if not _exists(module):
        raise UsageError(f"there is no module {module!r}. {SPELLING}.")
    found: object = import_module(module)
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise UsageError(f"module {module!r} has no {attribute!r}. {SPELLING}.")
        found = getattr(found, part)
    return found


@asynccontextmanager
async def open_target(
    found: object, name: str, paths: Sequence[str]
) -> AsyncGenerator[PageLoad | SiteLoad, None]:
    """Make a load of what was imported, for the length of an `async with` block.

    Args:
        found: an app, a load, or a function that makes one; it may be async, or be a context
            manager, which is left when the run is over.
        name: as the user wrote it.
        paths: which pages of an app are opened.

    Raises:
        UsageError: it is none of these, or has no such page.
    """
    made = found
    if not isinstance(found, App | PageLoad | SiteLoad) and callable(found):
        _check_call(found, name)
        made = found()
        if isawaitable(made):
            made = await made
    async with AsyncExitStack() as stack:
        if isinstance(made, AbstractAsyncContextManager):
            made = await stack.enter_async_context(cast("_Async", made))
        elif isinstance(made, AbstractContextManager):
            made = stack.enter_context(cast("_Sync", made))
        yield _load(made, name, paths)


def _check_call(function: Callable[..., object], name: str) -> None:
    try:
        expected = signature(function)
    except (TypeError, ValueError):
        return  # of some that are written in C it is not known
    try:
        expected.bind()
    except TypeError:
        wanted = ", ".join(filter(None, map(_wanted, expected.parameters.values())))
        raise UsageError(f"{name} wants arguments: {wanted:.80}. Name {WANTED}.") from None


def _wanted(parameter: Parameter) -> str:
    many = parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    return "" if many or parameter.default is not Parameter.empty else parameter.name


def _load(made: object, name: str, paths: Sequence[str]) -> PageLoad | SiteLoad:
    match made:
        case App():
            return SiteLoad(made, tuple(paths) or _first_path(made, name))
        case SiteLoad():
            return SiteLoad(made.app, tuple(paths), made.values, made.left) if paths else made
        case PageLoad() if paths:
            raise UsageError(f"{name} is a PageLoad, which has no addresses: leave out --path.")
        case PageLoad():
            return made
        case _:
            raise UsageError(f"{name} gives {made!r:.80}. Name {WANTED}.")


def _first_path(app: App, name: str) -> tuple[str]:
    for page in app.pages:
        if not page.route.names:
            return (page.route.pattern,)
    routes = ", ".join(page.route.pattern for page in app.pages) or "none"
    raise UsageError(
        f"every page of {name} has parameters in its address. Give one with --path; "
        f"its routes are {routes}."
    )


def _exists(module: str) -> bool:
    try:
        return module in sys.modules or find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):
        return False
