"""What was said while a transcript ran, and where it differs from what the test demands."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from spindle._core.journal import CallEnded, Entry, EventCame, MessageSent, Started
from spindle._core.names import call_shown, name_of, shown
from spindle._core.operations.cell import Cell
from spindle._core.source import Source
from spindle._core.states import Cancelled, Completed, Errored, Notified, Yielded
from spindle.testing.recording import line_of
from spindle.testing.refused import refusal_of
from spindle.testing.telling import speaker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spindle._core.kernel.record import Record
    from spindle._core.messages import Notify
    from spindle._core.operations.port import Call
    from spindle.testing.refused import Refusal

__all__ = ["Advanced", "CellPut", "Conversation", "Diff", "line"]

END: Final = 100
"""How many lines are shown of each end of a conversation that is longer than both."""


class CellPut(msgspec.Struct, frozen=True):
    """A spindle put a value into a cell of its own."""

    cell: Cell[Any]
    value: object


class Advanced(msgspec.Struct, frozen=True):
    """The test let time pass."""

    seconds: float


Item: TypeAlias = Entry | CellPut | Advanced


def line(who: Source | None, what: str) -> str:
    """A line of a conversation; `who` is None if the test has not said who is to say it."""
    return f"{'' if who is None else speaker(who):<24} {what}"


class Diff:
    """What is marked in a conversation: what was expected and did not come, what came instead."""

    def __init__(self) -> None:
        self.missing: dict[int, list[str]] = {}
        """Lines that were expected, by the place before which they were."""
        self.came: set[int] = set()
        """The places of what came instead."""
        self.notes: dict[int, list[str]] = {}
        """What differs in the one that came at this place."""

    def expected(self, at: int, text: str) -> None:
        """A line was expected before this place."""
        self.missing.setdefault(at, []).append(text)

    def compared(self, at: int, expected: object, came: object) -> None:
        """What came at this place is what was meant, with other contents."""
        self.came.add(at)
        if type(expected) is type(came):
            from spindle.testing.differences import differences  # only a test that fails wants it

            self.notes[at] = differences(expected, came)


class Conversation:
    """The journal of a transcript: keeps what happened, and which of it the test has seen."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.seen: set[int] = set()
        """The places of what the test has demanded, or looked at."""
        self.step = 0
        """Where the last step began."""
        self.calls: dict[int, Call[Any]] = {}
        """Each call, by the place where it began."""
        self.played: set[int] = set()
        """The places of those that the test plays."""
        self.replies: dict[int, int] = {}
        """Of each end of a call, and of each event, the place of what it answers."""
        self._asked: dict[Source, int] = {}
        self._made: deque[int] = deque()
        self._fibers: dict[Record, str] = {}
        self._fibers_of: Counter[str] = Counter()
        self._maker: dict[int, str] = {}
        self._reply: int | None = None

    # --- in -------------------------------------------------------------------------------------

    def record(self, at: float, entry: Entry) -> None:
        """See `Journal`."""
        # To ask a struct's class otherwise takes ten times as long.
        if type(entry) is CallEnded or type(entry) is EventCame:
            place = self._reply
            if place is None and self._made:
                place = self._made.popleft()
            if place is not None:
                self.replies[len(self.items)] = place
            self._reply = None
        elif type(entry) is MessageSent and type(entry.message) is Yielded:
            self._asked[entry.source] = len(self.items)
        self.items.append(entry)

    def add(self, item: CellPut | Advanced) -> None:
        """Keep what no journal is told of."""
        self.items.append(item)

    def begin_step(self) -> None:
        """The test is about to answer something, or to let time pass."""
        self.step = len(self.items)

    def called(self, record: Record, call: Call[Any], *, played: bool) -> int:
        """The call that `record` began just now; the place of that."""
        place = len(self.items) - 1
        self.calls[place] = call
        if record is not record.root and name_of(record.fn) != call.name:
            self._maker[place] = self._name_of_fiber(record)
        if played:
            self.played.add(place)
        else:
            self._made.append(place)
        return place

    def _name_of_fiber(self, record: Record) -> str:
        """Its function, with a number if it is not the first of that."""
        if record not in self._fibers:
            name = name_of(record.fn)
            self._fibers_of[name] += 1
            number = self._fibers_of[name]
            self._fibers[record] = name if number == 1 else f"{name} #{number}"
        return self._fibers[record]

    def replying(self, place: int) -> None:
        """What comes next is the reply to what was said at this place."""
        self._reply = place

    # --- where things are -----------------------------------------------------------------------

    def place_of(self, source: Source) -> int:
        """Where this question was asked."""
        return self._asked[source]

    def notified(self) -> list[tuple[int, Notify]]:
        """The news of the last step, with their places."""
        return [
            (at, said.message.notify)
            for at, said in enumerate(self.items[self.step :], self.step)
            if isinstance(said, MessageSent) and isinstance(said.message, Notified)
        ]

    def started(self) -> Iterator[tuple[int, Started]]:
        """The spindles that were forked, with the places of that."""
        starts = [(at, it) for at, it in enumerate(self.items) if isinstance(it, Started)]
        return iter(starts[1:])

    def puts(self, cell: Cell[Any]) -> Iterator[tuple[int, object]]:
        """What was put into a cell, with its places."""
        for at, item in enumerate(self.items):
            if isinstance(item, CellPut) and item.cell is cell:
                yield at, item.value

    def end_of(self, source: Source) -> int | None:
        """Where the end of a spindle was told, if it was."""
        for at in range(len(self.items) - 1, -1, -1):
            said = self.items[at]
            if (
                isinstance(said, MessageSent)
                and said.source == source
                and isinstance(said.message, (Completed, Errored, Cancelled))
            ):
                return at
        return None

    def unseen(self, end: int | None, refused: Sequence[Refusal]) -> list[int]:
        """The places of what the test has not seen and should have.

        `end` is that of the end; `refused` are the calls that fakes have refused.
        """
        return [
            at
            for at, item in enumerate(self.items)
            if at not in self.seen
            and (
                at in self.played
                or _has_to_be_seen(item, at == end)
                or (isinstance(item, CallEnded) and refusal_of(item.error) in refused)
            )
        ]

    # --- out ------------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """All that happened, a line each."""
        return [text for texts in self._texts() for text in texts]

    def told(self) -> str:
        """All that happened, of a long conversation its two ends."""
        return "\n".join(_ends([("", text) for text in self.lines()]))

    def diff(self, diff: Diff) -> str:
        """All that happened, with what was expected and what came instead."""
        lines: list[tuple[str, str]] = []
        for at, texts in enumerate(self._texts()):
            lines += _marked("- ", diff.missing.get(at, ()))
            lines += _marked("+ " if at in diff.came else "  ", texts)
            lines += _marked("?     ", diff.notes.get(at, ()))
        lines += _marked("- ", diff.missing.get(len(self.items), ()))
        return "\n".join(_ends(lines))

    def _texts(self) -> Iterator[tuple[str, ...]]:
        """The lines of each item; the end of one call among several of a method tells which."""
        in_flight: Counter[str] = Counter()
        for at, item in enumerate(self.items):
            texts = _lines_of(item)
            if at in self.calls:
                in_flight[self.calls[at].name] += 1
                if at in self._maker:
                    texts = (f"{texts[0]}   (fiber {self._maker[at]})",)
            elif isinstance(item, CallEnded) and at in self.replies:
                call = self.calls[self.replies[at]]
                if in_flight[call.name] > 1:
                    which = call_shown(call.name, call.args, call.keywords)
                    texts = (line_of(msgspec.structs.replace(item, call=which)),)
                in_flight[call.name] -= 1
            yield texts


def _has_to_be_seen(item: Item, is_end: bool) -> bool:
    if not isinstance(item, MessageSent):
        return False
    if isinstance(item.message, Completed):
        return is_end and item.message.value is not None
    return isinstance(item.message, (Yielded, Notified)) or (
        is_end and isinstance(item.message, (Errored, Cancelled))
    )


def _lines_of(item: Item) -> tuple[str, ...]:
    if isinstance(item, Advanced):
        return ()
    if isinstance(item, CellPut):
        cell = item.cell
        name = cell.name.rpartition(".")[2]
        return (line(Source(cell.block, cell.instance), f"-> {name}.put({shown(item.value)})"),)
    return (line_of(item),)


def _marked(mark: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    return [(mark, text) for text in texts]


def _ends(lines: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The lines; of very many the two ends, and what is marked."""
    left_out = 0
    for at, (mark, text) in enumerate(lines):
        if END <= at < len(lines) - END and not mark.strip():
            left_out += 1
            continue
        if left_out:
            yield f"... {left_out:,} lines more"
            left_out = 0
        yield mark + text
