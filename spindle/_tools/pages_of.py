"""The pages of a store's file."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from spindle._core.names import bounded
from spindle._tools.refusal import Refusal
from spindle._tools.words import near
from spindle.durable.errors import NoSuchPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spindle.durable.sqlite.looking import StoreFile
    from spindle.durable.store import Kept, PageRecord, PageStatus

__all__ = ["all_pages", "look_at", "no_such_page"]

AT_A_TIME = 1000


def all_pages(file: StoreFile, status: PageStatus | None = None) -> Iterator[PageRecord]:
    """All pages by name, some at a time: nothing is held up meanwhile."""
    after = ""
    while some := file.pages(status, after=after, limit=AT_A_TIME):
        yield from some
        after = some[-1].page


def look_at(file: StoreFile, page: str) -> Kept:
    """All of a page.

    Raises:
        Refusal: there is none of that name; names the ones that are near.
    """
    try:
        return file.look(page)
    except NoSuchPage:
        names = [each.page for each in islice(all_pages(file), 100_000)]
        raise no_such_page(page, names, str(file.path)) from None


def no_such_page(page: str, names: list[str], store: str) -> Refusal:
    """What to say where there is no page of a name."""
    alike = near(page, names)
    meant = f"did you mean {' or '.join(alike)}?" if alike else "spindle log list shows all pages"
    return Refusal(f"{store} has no page {bounded(page)}: {meant}")
