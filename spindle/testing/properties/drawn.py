"""A conversation that is drawn: one move after the other, by what the page is like then.

Failures shrink by leaving out moves, so what is left has to keep its meaning then. The kind of a
move is drawn from a table that is always the same. One that Hypothesis makes as simple as it gets
is a pause, not the end of the conversation; two pauses are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hypothesis import strategies as st

from spindle._core.errors import hides_frames
from spindle._core.journal import MessageSent
from spindle._core.kernel.mail import MAILBOX_BOUND
from spindle._core.kernel.record import Unnamed
from spindle._core.messages import Ask, Delivery, Event
from spindle._core.states import Yielded
from spindle.testing.properties.answering import Draw, DrawnEvents
from spindle.testing.properties.move import Move

if TYPE_CHECKING:
    from spindle._core.source import Source
    from spindle.testing.properties.played_page import PlayedPage
    from spindle.testing.properties.rules import PortMethod

__all__ = ["DrawnConversation"]

__tracebackhide__ = hides_frames

Events: TypeAlias = Mapping[type[Event], DrawnEvents]


class DrawnConversation:
    """Draws the moves of one conversation, and makes them."""

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
        self._over = False
        self.moves: list[Move] = []
        """Those that were made, the last one perhaps only in part."""

    def play(self) -> None:
        """Play on a page that has begun, until nothing more is to be done."""
        while self._faults and len(self.moves) < _FAULTS and self._draw(_YES_OR_NO):
            self._make(self.fails_a_call())
        step, pauses = _step(self), 0
        while not self._over and pauses < 2:
            move = self._draw(step)
            pauses = pauses + 1 if move is None else 0
            self._make(move)

    def _make(self, move: Move | None) -> None:
        if move is not None:
            self.moves.append(move)
            move.make(self._page)

    def move(self, draw: Draw) -> Move | None:
        """Draw the next move; None if there is none now."""
        self._draw = draw
        number: int = self._draw(_ANY_OF_TABLE)
        draw_move = _TABLE[number]
        if self._page.kernel.live or draw_move in _AFTERWARDS:
            return draw_move(self)
        return self.ends()

    def _pick(self, options: Sequence[Any]) -> Any:
        """One of several, the first one in the simplest conversation.

        A number is drawn even where there is one only, and always in the same way: another number
        of options would make others of the choices that follow, and a failure hard to shrink.
        """
        number: int = self._draw(
            _ANY if len(options) <= _MOST else st.integers(0, len(options) - 1)
        )
        return options[number % len(options)]

    # --- moves ----------------------------------------------------------------------------------

    def answers(self) -> Move | None:
        """Answer what is asked; where nothing is, wait for those who wait for time."""
        asked = self._page.pending()
        if not asked and self._page.kernel.timers.next_at() is not None:
            return self.waits()
        return self._about(asked, right=True)

    def confuses(self) -> Move | None:
        """Answer what is asked, or was, with any event of the same spindle's."""
        return self._about(self._asked(), right=False)

    def comes_late(self) -> Move | None:
        """Answer what is asked, or was, once more."""
        return self._about(self._asked(), right=True)

    def _about(self, asked: Sequence[tuple[Source, Ask]], *, right: bool) -> Move | None:
        sent = [
            (kind, source, ask, named)
            for source, ask in asked
            for named in (False, True)
            for kind in self._events
            if (kind in ask.__answers__ if right else named and kind.__block__ is source.block)
        ]
        if not sent:
            return None
        kind, source, ask, named = self._pick(sent)
        to = {"yield_id": source.yield_id} if named else {}
        return self._sends(kind, to, source.instance, [ask])

    def says_anything(self) -> Move | None:
        """Send any event, to any instance."""
        if not self._events:
            return None
        kind, instance = self._pick(self._addressed(self._events))
        return self._sends(kind, {}, instance, self._questions())

    def repeats(self) -> Move | None:
        """Send an event again, exactly as it was sent before; the last one most often."""
        sent = [each for each in reversed(self.moves) if each.method == "resume"]
        return self._pick(sent) if sent else None

    def floods(self) -> Move | None:
        """Send more of an event than a mailbox holds, or a few."""
        kinds = [each for each in self._events if each.delivery is not Delivery.ANSWER]
        if not kinds:
            return None
        kind, instance = self._pick(self._addressed(kinds))
        one = self._sends(kind, {}, instance, self._questions())
        return Move(one.method, one.args, one.keywords, self._pick([2, MAILBOX_BOUND + 1]))

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

    def pauses(self) -> Move | None:
        """Do nothing."""
        return None

    def ends(self) -> Move | None:
        """Say that the conversation is over."""
        self._over = True
        return None

    # --- what there is --------------------------------------------------------------------------

    def _sends(
        self,
        kind: type[Event],
        keywords: Mapping[str, object],
        instance: str | None,
        asked: Iterable[Ask],
    ) -> Move:
        to = {} if instance is None else {"instance": instance}
        event = self._events[kind].draw(self._draw, asked)
        return Move("resume", (event,), {**keywords, **to})

    def _questions(self) -> list[Ask]:
        return [ask for _, ask in self._page.pending()]

    def _asked(self) -> list[tuple[Source, Ask]]:
        """All that was asked so far, the last one first."""
        return [
            (entry.source, entry.message.ask)
            for _, entry in reversed(self._page.recording.entries)
            if isinstance(entry, MessageSent) and isinstance(entry.message, Yielded)
        ]

    def _addressed(self, kinds: Iterable[type[Event]]) -> list[tuple[type[Event], str | None]]:
        """Each of these events, to the spindle of its block and to each instance that runs."""
        live = self._page.kernel.live.values()
        instances = dict.fromkeys([None, *(each.instance for each in live)])
        return [(kind, instance) for instance in instances for kind in kinds]


@st.composite
def _step(draw: Draw, conversation: DrawnConversation) -> Move | None:
    return conversation.move(draw)


_Drawn: TypeAlias = DrawnConversation
_FAULTS: Final = 3
"""How many calls may be told to fail before anything else is done; most pages make few."""
_YES_OR_NO: Final = st.booleans()
_MOST: Final = 60
_ANY: Final = st.integers(0, _MOST - 1)  # none of up to six is drawn more often than another
_OFTEN: Final[Sequence[tuple[Callable[[_Drawn], Move | None], int]]] = (
    (_Drawn.pauses, 1),
    (_Drawn.answers, 12),
    (_Drawn.waits, 4),
    (_Drawn.says_anything, 2),
    (_Drawn.repeats, 3),
    (_Drawn.fails_a_call, 4),
    (_Drawn.comes_late, 3),
    (_Drawn.confuses, 3),
    (_Drawn.floods, 2),
    (_Drawn.cancels_a_spindle, 1),
    (_Drawn.ends_the_page, 2),
    (_Drawn.ends, 1),
)
"""How often each is drawn, of all together; what comes first is simpler."""
_TABLE: Final = [draws for draws, often in _OFTEN for _ in range(often)]
_ANY_OF_TABLE: Final = st.integers(0, len(_TABLE) - 1)
_AFTERWARDS: Final = (_Drawn.says_anything, _Drawn.repeats, _Drawn.comes_late)
"""What is still done where nobody is left: another move is the end."""
