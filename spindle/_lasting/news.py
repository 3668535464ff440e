"""What a view has to be told that sees a page for the first time, beside what is asked."""

from __future__ import annotations

from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from spindle._core.apart import apart
from spindle._core.journal import MessageSent
from spindle._core.kernel.record import key_of
from spindle._core.limits import ENDED_KEPT
from spindle._core.replay.commands import Commands
from spindle._core.states import Cancelled, Completed, Errored, Notified

if TYPE_CHECKING:
    from collections.abc import Container

    from spindle._core.journal import Entry, Journal
    from spindle._core.kernel.record import Key
    from spindle._core.source import Source
    from spindle._core.states import Sent

__all__ = ["Heard", "News"]

Heard: TypeAlias = "tuple[int, Source, Sent]"
"""Its number among all that was said, who said it, and what."""


class News(Commands):
    """Keeps the last notify of each class and spindle, and how the last of each key ended."""

    def __init__(self, journal: Journal | None) -> None:
        super().__init__(journal)
        self.said = 0
        """How much was said by now."""
        self._last: dict[Key, dict[type | None, Heard]] = {}

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
        """Keep what was said in the place of what was said like it before.

        A copy is kept, for the view may change what it was told.
        """
        self.said += 1
        key = key_of(source.block, source.instance)
        self._last.setdefault(key, {})[kind] = (self.said, source, apart(sent))

    def last(self, live: Container[Key]) -> list[Heard]:
        """What is kept, in the order in which it was said, when a log begins anew.

        Of names whose spindles have ended, only as many as `ENDED_KEPT` are known from then on.
        """
        ended = [
            (said[None][0], key)
            for key, said in self._last.items()
            if None in said and isinstance(key, tuple) and key not in live
        ]
        for _, key in sorted(ended, key=itemgetter(0))[:-ENDED_KEPT]:
            del self._last[key]
        said = chain.from_iterable(each.values() for each in self._last.values())
        return sorted(said, key=itemgetter(0))
