"""Who plays with a page: draws one move after the other, by what the page is like then.

What is drawn first decides the kind of move, from a table that is always the same, so that the
rest of a conversation keeps its meaning when one move is left out: that is how failures shrink.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from spindle._core.journal import MessageSent
from spindle._core.kernel.mail import MAILBOX_BOUND
from spindle._core.kernel.record import Unnamed
from spindle._core.messages import Ask, Delivery, Event
from spindle._core.states import Yielded
from spindle.testing.properties.move import Move

if TYPE_CHECKING:
    from spindle._core.source import Source
    from spindle.testing.properties.played_page import PlayedPage
    from spindle.testing.properties.rules import PortMethod

__all__ = ["Draw", "Player"]

Draw: TypeAlias = Callable[[SearchStrategy[Any]], Any]
Events: TypeAlias = Mapping[type[Event], SearchStrategy[Event]]


class Player:
    """Plays one conversation."""

    def __init__(
        self,
        draw: Draw,
        page: PlayedPage,
        events: Events,
        faults: Sequence[tuple[PortMethod, Exception, bool]],
    ) -> None:
        self._draw = draw
        self._page = page
        self._events = events
        self._faults = faults
        self.moves: list[Move] = []
        """Those that were made, the last one perhaps only in part."""

    def play(self) -> None:
        """Play to the end, and leave the page."""
        with self._page as page:
            while (draw_move := self._pick(_TABLE)) is not None:
                if not page.kernel.live and draw_move not in _AFTERWARDS:
                    break
                move = draw_move(self)
                if move is not None:
                    self.moves.append(move)
                    move.make(page)

    def _pick(self, options: Sequence[Any]) -> Any:
        """One of several, the first one in the simplest conversation."""
        return options[0 if len(options) == 1 else self._draw(_below(len(options)))]

    # --- moves ----------------------------------------------------------------------------------

    def answers(self) -> Move | None:
        """Answer what is asked."""
        return self._about(self._page.pending(), right=True)

    def confuses(self) -> Move | None:
        """Answer what is asked, or was, with any event of the same spindle's."""
        return self._about(self._asked(), right=False)

    def comes_late(self) -> Move | None:
        """Answer what is asked, or was, once more."""
        return self._about(self._asked(), right=True)

    def _about(self, asked: Sequence[tuple[Source, Ask]], *, right: bool) -> Move | None:
        if not asked:
            return self.waits()
        source, ask = self._pick(asked)
        block = source.block
        kinds = [
            each
            for each in self._events
            if (each in ask.__answers__ if right else each.__block__ is block)
        ]
        named = {"yield_id": source.yield_id} if not right or self._draw(_YES_OR_NO) else {}
        return self._sends(self._pick(kinds), named, source.instance) if kinds else None

    def says_anything(self) -> Move | None:
        """Send any event, to any instance."""
        if not self._events:
            return None
        kinds = list(self._events)
        return self._sends(self._pick(kinds), {}, self._pick([None, *self._instances()]))

    def repeats(self) -> Move | None:
        """Send an event again, exactly as it was sent before; the last one most often."""
        sent = [each for each in reversed(self.moves) if each.method == "resume"]
        return self._pick(sent) if sent else None

    def floods(self) -> Move | None:
        """Send more of an event than a mailbox holds, or a few."""
        kinds = [each for each in self._events if each.delivery is not Delivery.ANSWER]
        if not kinds:
            return None
        one = self._sends(self._pick(kinds), {}, self._pick([None, *self._instances()]))
        return Move(one.method, one.args, one.keywords, self._pick([2, 3, MAILBOX_BOUND + 1]))

    def waits(self) -> Move | None:
        """Let time pass: up to the next deadline, half-way there, or over it."""
        at = self._page.kernel.timers.next_at()
        left = 0.0 if at is None else at - self._page.now
        spans = [left, left / 2, left + 1] if 0 < left < 1e9 else [1.0, 60.0]
        return Move("advance", (self._pick(spans),))

    def fails_a_call(self) -> Move | None:
        """Let the next call of a port's method fail."""
        if not self._faults:
            return None
        method, error, done = self._pick(self._faults)
        return Move("fail_next", (method, error), {"done": True} if done else {})

    def cancels_a_spindle(self) -> Move | None:
        """Cancel one that runs."""
        live = [each for each in self._page.kernel.live.values() if each.block is not Unnamed]
        if not live:
            return None
        record = self._pick(live)
        return Move("cancel_spindle", (record.block, *filter(None, [record.instance])))

    def ends_the_page(self) -> Move | None:
        """Cancel the page, or stop it."""
        grace = self._pick([None, 0.0, 1.0])
        if grace is None:
            return Move("cancel")
        return Move("stop", ("in a test",), {"grace": grace})

    # --- what there is --------------------------------------------------------------------------

    def _sends(
        self, kind: type[Event], keywords: Mapping[str, object], instance: str | None
    ) -> Move:
        to = {} if instance is None else {"instance": instance}
        return Move("resume", (self._draw(self._events[kind]),), {**keywords, **to})

    def _asked(self) -> list[tuple[Source, Ask]]:
        """All that was asked so far, the last one first."""
        return [
            (entry.source, entry.message.ask)
            for _, entry in reversed(self._page.recording.entries)
            if isinstance(entry, MessageSent) and isinstance(entry.message, Yielded)
        ]

    def _instances(self) -> list[str]:
        live = self._page.kernel.live.values()
        return list(dict.fromkeys(each.instance for each in live if each.instance is not None))


@lru_cache
def _below(number: int) -> SearchStrategy[int]:
    return st.integers(0, number - 1)


_YES_OR_NO: Final = st.booleans()
_TABLE: Final[Sequence[Callable[[Player], Move | None] | None]] = (
    None,  # the end of the conversation
    *[Player.answers] * 12,
    *[Player.waits] * 4,
    *[Player.says_anything] * 2,
    *[Player.repeats] * 3,
    *[Player.fails_a_call] * 3,
    *[Player.comes_late] * 2,
    *[Player.confuses] * 2,
    Player.cancels_a_spindle,
    Player.floods,
    Player.ends_the_page,
)
"""What comes first is simpler, and what stands there more often is done more often."""
_AFTERWARDS: Final = (Player.says_anything, Player.repeats, Player.comes_late)
"""What is still done where nobody is left: another move is the end."""
