"""Where an app keeps its durable pages: what is given as its store, and how that is opened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from spindle._core.errors import UsageError
from spindle._core.names import shown
from spindle._core.replay.places import place_of
from spindle._lasting.beginning import place_of_contract
from spindle.durable.store import Store
from spindle.web.errors import PageDeclarationError

if TYPE_CHECKING:
    from spindle._core.contracts.contract import Declared

__all__ = [
    "SNAPSHOT_EVERY",
    "Keeping",
    "check_keepable",
    "check_keeping",
    "check_started",
    "checked_every",
    "opened_store",
]

Keeping: TypeAlias = str | Path | Store | Callable[[], AbstractAsyncContextManager[Store]]
"""A file, a store that is open, or what opens one."""
SNAPSHOT_EVERY: Final = 256
"""After how many inputs the log of a page begins anew by default, as with `open_durable_host`."""


def check_keeping(store: Keeping | None) -> Keeping | None:
    """Return what an app was given as its store.

    Raises:
        UsageError: it is none, or could be opened once only.
    """
    if store is None or isinstance(store, (str, Path)) or hasattr(store, "acquire"):
        return store
    if hasattr(store, "__aenter__"):
        raise UsageError(
            "store= was given a block that can be entered once, but an app may be opened again. "
            "Give what makes it: store=lambda: open_sqlite_store('pages.sqlite')"
        )
    if not callable(store):
        raise UsageError(
            f"store={store!r} is no store. Give a file, store=Path('pages.sqlite'), a store, or a "
            f"function that opens one: store=lambda: open_sqlite_store('pages.sqlite')"
        )
    return store


def checked_every(snapshot_every: int, *, has_store: bool) -> int:
    """Return after how many inputs the logs of an app's pages begin anew.

    Raises:
        UsageError: it is no positive whole number, or there is no store that would have logs.
    """
    if type(snapshot_every) is not int or snapshot_every < 1:
        wanted = "a positive whole number"
        raise UsageError(f"App(snapshot_every=) takes {wanted}, not {shown(snapshot_every)}")
    if snapshot_every != SNAPSHOT_EVERY and not has_store:
        raise UsageError(
            "App(snapshot_every=) is about the logs of durable pages, and those need a store: "
            "App(store=Path('pages.sqlite'), snapshot_every=...)"
        )
    return snapshot_every


def opened_store(store: Keeping) -> AbstractAsyncContextManager[Store]:
    """Open a store for the length of a block; one that is open already stays so.

    Raises:
        StoreError: from entering the block: it cannot be opened.
    """
    if isinstance(store, (str, Path)):
        from spindle.durable import open_sqlite_store  # an app without a store need not load it

        return open_sqlite_store(store)
    return store() if callable(store) else nullcontext(store)


def check_keepable(
    where: str, contract: Declared, names: tuple[str, ...], *, has_store: bool
) -> None:
    """Refuse a durable page that could not be kept, or not be found again.

    Args:
        where: what errors begin with.
        contract: of the page.
        names: of the parameters that its address fills.
        has_store: whether its app has a store.

    Raises:
        PageDeclarationError: with what to write.
    """
    if not has_store:
        raise PageDeclarationError(
            f"{where}: durable=True, but the app has no store to keep its pages in. Give it a "
            f"file: App(store=Path('pages.sqlite'))."
        )
    check_link(where, names)
    try:
        place_of_contract(contract)
    except UsageError as error:
        raise PageDeclarationError(f"{where}: {error}.") from error


def check_link(where: str, names: tuple[str, ...]) -> None:
    """Refuse a durable page whose address has something else under the name of its link.

    Args:
        where: what errors begin with.
        names: of the parameters that its address fills, or its route names.

    Raises:
        PageDeclarationError: with what to write.
    """
    if "page" in names:
        raise PageDeclarationError(
            f"{where}: the parameter 'page' of a durable page's address says which page it is. "
            f"Give yours another name."
        )


def check_started(where: str, fn: object) -> None:
    """Refuse a coroutine that would not be found again.

    Raises:
        PageDeclarationError: with what to write.
    """
    if not place_of(fn):
        raise PageDeclarationError(
            f"{where}: a durable coroutine is found by its name when the server starts again. "
            f"Declare it at the top of a module."
        )
