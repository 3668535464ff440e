"""Where a page stood, all of it, when its log began anew."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from spindle._core.replay.commands import Command
from spindle._core.replay.failures import Failure
from spindle._core.states import Origin
from spindle._core.supervision import Escalate, Report, Restart
from spindle._lasting.beginning import Beginning

__all__ = [
    "CellStanding",
    "EndStanding",
    "NewsStanding",
    "PageStanding",
    "Said",
    "SpindleStanding",
]


class CellStanding(msgspec.Struct, frozen=True, array_like=True):
    """A cell that was written."""

    block: str
    name: str
    instance: str | None
    puts: int
    value: msgspec.Raw


class SpindleStanding(msgspec.Struct, frozen=True, array_like=True):
    """A spindle that waits at the end of a stretch.

    Attributes:
        block: its block, `Checkout`.
        instance: its instance.
        function: where its function stands.
        args: with what that begins anew.
        policy: what happens when it ends.
        significant: whether the page ends with it.
        place: of its stretch, among those of the page.
        at: when that began.
        asked: how many questions it had asked before.
        drawn: how often chance had been asked before.
        channels: how many channels had been used before.
        commands: what it has done in the stretch.
        before: the cells that it has written in it, as they were before.
        lately: when it was started anew, as its policy counts.
        row: how often in a row.
        since: when this run of it began.
        start: with what it is called if it is started anew, if that is something else.
        seen: how often the cells had been written when the subscriptions it waits for had seen
            their last values, in the order in which it waited first.
        marked: whether it begins anew from a mark, behind which it may mark anywhere; older
            snapshots do not say that it has not.
    """

    block: str
    instance: str | None
    function: str
    args: tuple[msgspec.Raw, ...]
    policy: Report | Escalate | Restart
    significant: bool
    place: int
    at: float
    asked: int
    drawn: int
    channels: int
    commands: tuple[Command, ...]
    before: tuple[CellStanding, ...]
    lately: tuple[float, ...] | None
    row: int
    since: float
    start: tuple[msgspec.Raw, ...] | None = None
    seen: tuple[int, ...] = ()
    marked: bool = True


class NewsStanding(msgspec.Struct, frozen=True, array_like=True, tag="news"):
    """The last notify of a class and spindle."""

    block: str
    instance: str | None
    kind: str
    value: msgspec.Raw


class EndStanding(msgspec.Struct, frozen=True, array_like=True, tag="end"):
    """How the last spindle of a key ended, as the view was told."""

    block: str
    instance: str | None
    value: msgspec.Raw
    error: Failure | None
    reason: str | None
    """Why it was cancelled, if it was."""
    origin: Origin
    by: tuple[str, str | None] | None


Said: TypeAlias = NewsStanding | EndStanding


class PageStanding(msgspec.Struct, frozen=True, array_like=True):
    """A page at rest.

    Attributes:
        beginning: what is known of it for good.
        now: what its clock showed.
        drawn: how often chance had been asked.
        channels: how many channels had been used.
        asked: how many questions those have asked that have ended, by block and instance.
        least: from which number on those count of which that is not known; see `Asked`.
        ledger: events accepted, handled, refused, dead-lettered.
        restarts: how often a spindle was started anew.
        abandoned: keys whose spindle left a cell without a value, and whether it made way.
        cells: those that were written.
        spindles: those that are there, the oldest first.
        said: what the view is to be told anew, beside what they say again.
        called: how many calls were begun.
        batches: how many batches were read.
    """

    beginning: Beginning
    now: float
    drawn: int
    channels: int
    asked: tuple[tuple[str, str | None, int], ...]
    ledger: tuple[int, int, int, int]
    restarts: int
    abandoned: tuple[tuple[str, str | None, bool], ...]
    cells: tuple[CellStanding, ...]
    spindles: tuple[SpindleStanding, ...]
    said: tuple[Said, ...]
    called: int = 0
    least: int = 0
    batches: int = 0

    def encode(self) -> bytes:
        """Write it down."""
        return msgspec.msgpack.encode(self)

    @staticmethod
    def decode(data: bytes) -> PageStanding:
        """Read what was written.

        Raises:
            msgspec.DecodeError: it was not.
        """
        return msgspec.msgpack.decode(data, type=PageStanding)
