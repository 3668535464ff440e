"""What a view has to be told that sees a page for the first time, beside what is asked."""

from __future__ import annotations

from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from spindle._core.journal import MessageSent
from spindle._core.limits import ENDED_KEPT
from spindle._core.replay.commands import Commands
from spindle._core.states import Cancelled, Completed, Errored, Notified

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.contracts.block import Block
    from spindle._core.journal import Entry, Journal
    from spindle._core.source import Source
    from spindle._core.states import Sent

__all__ = ["Heard", "News"]

Key: TypeAlias = "tuple[type[Block], str | None]"

Heard: TypeAlias = "tuple[int, Source, Sent]"
"""Its number among all that was said, who said it, and what."""


class News(Commands):
    """Keeps the last notify of each class and spindle, and how the last of each key ended.

    Of those that have ended, only as many as `ENDED_KEPT` says.
    """

    def __init__(self, journal: Journal | None, is_live: Callable[[Source], bool]) -> None:
        super().__init__(journal)
        self._is_live = is_live
        self.said = 0
        """How much was said by now."""
        self._last: dict[Key, dict[type | None, Heard]] = {}
        self._ended: dict[Key, Source] = {}

    def record(self, at: float, entry: Entry) -> None:
        """See `Journal`."""
        super().record(at, entry)
        match entry:
            case MessageSent(source, Notified(notify) as sent):
                self.hear(source, sent, type(notify))
            case MessageSent(source, Completed() | Errored() | Cancelled() as sent):
                self.hear(source, sent, None)
            case _:
                pass

    def hear(self, source: Source, sent: Sent, kind: type | None) -> None:
        """Keep what was said in the place of what was said like it before."""
        self.said += 1
        key = (source.block, source.instance)
        self._last.setdefault(key, {})[kind] = (self.said, source, sent)
        self._ended.pop(key, None)
        if kind is None:
            self._ended[key] = source
            if len(self._ended) > ENDED_KEPT:
                self._forget(next(iter(self._ended)))

    def _forget(self, key: Key) -> None:
        if not self._is_live(self._ended.pop(key)):  # it was another one that has ended
            del self._last[key]

    def last(self) -> list[Heard]:
        """What is kept, in the order in which it was said."""
        return sorted(
            chain.from_iterable(each.values() for each in self._last.values()), key=itemgetter(0)
        )
