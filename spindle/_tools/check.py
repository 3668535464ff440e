"""Whether today's code goes on with the pages of a store."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import trio

from spindle._core.errors import LogCorrupt, LogTooNew, ReplayMismatch
from spindle._core.names import error_shown
from spindle._core.replay.places import Unimportable
from spindle._lasting.rehearsal import NothingToGive, Rehearsal
from spindle._tools.page_story import story_of
from spindle._tools.pages_of import all_pages, look_at
from spindle._tools.words import counted
from spindle.durable.errors import NoSuchPage, PageLogCorrupt, StoreError
from spindle.durable.store import PageStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spindle.durable.sqlite.looking import StoreFile

__all__ = ["Checked", "check"]

TOLD = (ReplayMismatch, LogCorrupt, LogTooNew, PageLogCorrupt)
"""Errors whose texts are complete."""


@dataclass
class Checked:
    """What was found.

    Attributes:
        well: how many pages go on.
        inputs: how many inputs of those were told.
        stuck: how many do not.
        unknown: how many could not be looked at.
        ended: how many are over, and were left out.
        seconds: how long it took.
    """

    well: int = 0
    inputs: int = 0
    stuck: int = 0
    unknown: int = 0
    ended: int = 0
    seconds: float = 0.0

    @property
    def status(self) -> int:
        """Of the process: 0 all go on, 1 some do not, 2 it is not known of some."""
        return 1 if self.stuck else 2 if self.unknown else 0

    def __str__(self) -> str:
        looked = self.well + self.stuck + self.unknown
        said = [f"{self.well:,} go on ({counted(self.inputs, 'input')})" if self.well else ""]
        said += [f"{self.stuck:,} do not" if self.stuck else ""]
        said += [f"of {self.unknown:,} it is not known" if self.unknown else ""]
        said = [each for each in said if each]
        return (
            f"{counted(looked, 'page')} looked at in {self.seconds:.1f} s"
            + (f": {', '.join(said)}" if said else "")
            + (f"; {self.ended:,} more are over" if self.ended else "")
        )


def check(
    file: StoreFile,
    provide: Mapping[type, object] | None,
    names: Sequence[str],
    sample: int | None,
    say: Callable[[str], None],
) -> Checked:
    """Tell pages their logs.

    Args:
        file: the store.
        provide: what `use` hands out; None for stand-ins, which there are for ports.
        names: which pages; if there are none, all that are not over.
        sample: so many of them at most, evenly spread over their names.
        say: is told of each page that does not go on.

    Raises:
        Refusal: there is no page of a name that was given.
        StoreFailed: the file cannot be read.
    """
    began = time.perf_counter()
    found = Checked()
    pages = [_there(file, each) for each in names] or _going_on(file, found)
    trio.run(_check, file, provide, _spread(pages, sample), say, found)
    found.seconds = time.perf_counter() - began
    return found


def _there(file: StoreFile, page: str) -> str:
    with suppress(PageLogCorrupt):  # told with what else does not go on
        look_at(file, page)
    return page


def _going_on(file: StoreFile, found: Checked) -> list[str]:
    pages = list[str]()
    for record in all_pages(file):
        if record.status is PageStatus.ENDED:
            found.ended += 1
        else:
            pages.append(record.page)
    return sorted([*pages, *file.damaged])


def _spread(pages: list[str], sample: int | None) -> list[str]:
    if sample is None or sample >= len(pages):
        return pages
    return [pages[place * len(pages) // sample] for place in range(sample)]


async def _check(
    file: StoreFile,
    provide: Mapping[type, object] | None,
    pages: Sequence[str],
    say: Callable[[str], None],
    found: Checked,
) -> None:
    broke: BaseException | None = None
    async with trio.open_nursery() as nursery:
        rehearsal = Rehearsal(nursery, provide)
        try:
            for page in pages:
                await trio.lowlevel.checkpoint()
                with suppress(NoSuchPage):  # purged meanwhile
                    _look(rehearsal, file, page, say, found)
        except (StoreError, OSError, KeyboardInterrupt) as error:  # or who reads has gone
            broke = error  # raised here, it would come in a group
    if broke is not None:
        raise broke


def _look(
    rehearsal: Rehearsal, file: StoreFile, page: str, say: Callable[[str], None], found: Checked
) -> None:
    try:
        found.inputs += rehearsal.rehearse(file.look(page))
        found.well += 1
    except NothingToGive as missing:
        found.unknown += 1
        say(f"page {page}: not known whether it would go on: {missing}\n")
    except StoreError:
        raise
    except Exception as error:
        found.stuck += 1
        told = str(error) if isinstance(error, TOLD) else error_shown(error, 1000)
        rest = _remedy(error, page, file) if isinstance(error, ReplayMismatch) else ""
        say(f"page {page}: would not go on: {told}{rest}\n")


def _remedy(error: ReplayMismatch, page: str, file: StoreFile) -> str:
    if not error.number or _is_import(error):
        return ""
    story = story_of(file.look(page))
    if error.number in story.starts or story.is_empty_at(error.number - 1):
        return ""  # a start is not made again: the visitor would find an empty page, for good
    return (
        f"\n  or let the page forget what came in from there on, once no server has the store: "
        f"spindle log rewind {page} --to {error.number - 1} --store {file.path}"
    )


def _is_import(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, Unimportable):
        error = error.__cause__
    return error is not None
