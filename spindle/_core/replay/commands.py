"""What a spindle did, as a log keeps it: to see whether it does the same again."""

from __future__ import annotations

from functools import lru_cache
from types import CodeType, MethodType
from typing import TYPE_CHECKING

import msgspec

from spindle._core.journal import CallBegan, Entry, Journal, MessageSent, Started
from spindle._core.kernel.stack import place_of, place_of_code, place_of_program
from spindle._core.names import error_shown, name_of, shown
from spindle._core.replay.formats import digest_of
from spindle._core.states import Cancelled, Completed, Errored, Yielded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spindle._core.kernel.record import Record, SpindleRecord
    from spindle._core.source import Source

__all__ = ["Command", "Commands"]

WIDTH = 100
"""How many characters of a call's arguments are kept, to be read by people."""


class Command(msgspec.Struct, frozen=True, array_like=True):
    """A question, a call, a fork, or an end."""

    kind: str
    who: str
    """The spindle; empty for the first one."""
    what: str
    """Of a question its class, of a call its method, of an end how it came: `completed`."""
    digest: str = ""
    """Of the arguments."""
    said: str = ""
    """The arguments, shortened, for a reader."""
    place: str = ""
    """Where in the code, as it was then: `file:line function`."""

    def same(self, other: Command) -> bool:
        """Whether both are the same deed, wherever they stand."""
        mine = (self.kind, self.who, self.what, self.digest)
        return mine == (other.kind, other.who, other.what, other.digest)

    def told(self, first: str) -> str:
        """What was done, for a reader; the first spindle is called by this name."""
        return f"{self.who or first} {self.kind} {self.what}{self.said}"


class Commands:
    """A journal that notes the commands of a turn, and tells another one what it is told."""

    def __init__(self, journal: Journal | None) -> None:
        self.noted: list[Command] = []
        self.running: Record | None = None
        """Whose code runs."""
        self.first: SpindleRecord | None = None
        """The spindle that the page began with."""
        self.began = False
        """Whether that has done anything that is noted."""
        self.silent = False
        """Whether the other is told nothing, for it has been told before."""
        self.brief = False
        """Whether nothing is noted that is only there for a reader."""
        self.journal = journal
        """Is told what this is told."""

    def take(self) -> tuple[Command, ...]:
        """What was noted since this was asked last."""
        noted, self.noted = self.noted, []
        return tuple(noted)

    def record(self, at: float, entry: Entry) -> None:
        """See `Journal`."""
        if self.journal is not None and not self.silent:
            self.journal.record(at, entry)
        match entry:
            case CallBegan(source, call, args, keywords):
                said = "" if self.brief else _given(args, keywords)
                self._note("calls", source, call, digest_of([args, dict(keywords)]), said)
            case MessageSent(source, Yielded(ask)):
                self._note("asks", source, name_of(type(ask)))
            case MessageSent(source, Errored(error)):
                self._note("ends", source, "failed", said=f": {error_shown(error, WIDTH)}")
            case MessageSent(source, Completed() | Cancelled() as outcome):
                self._note("ends", source, type(outcome).__name__.lower())
            case Started(source, function):
                if self.running is not None:  # not the first one, which nobody starts
                    self._note("starts", source, function)
            case _:
                pass

    def patch(self, record: Record, name: str) -> Command:
        """That a spindle takes a change of its code; not noted yet."""
        who = self._name(record.root.source)
        return Command("takes", who, f"the change {name!r}", place=_place(record))

    def _note(self, kind: str, who: Source, what: str, digest: str = "", said: str = "") -> None:
        running = None if self.brief or kind == "ends" else self.running
        place = "" if running is None else _place(running)
        self.began = self.began or self.running is self.first
        self.noted.append(Command(kind, self._name(who), what, digest, said, place))

    def _name(self, who: Source) -> str:
        first = self.first
        if first is not None and who.block is first.block and who.instance is None:
            return ""
        name = name_of(who.block)
        return name if who.instance is None else f"{name}[{who.instance!r}]"


def _given(args: tuple[object, ...], keywords: Mapping[str, object]) -> str:
    given = [*map(shown, args), *(f"{k}={shown(v)}" for k, v in keywords.items())]
    return f"({', '.join(given)})"[:WIDTH]


def _place(record: Record) -> str:
    """The file with the folder it is in: where that is differs from one machine to the next.

    A fiber that runs no code of the program's own stands where its port declares the method that it
    is, or where its owner waits for it. A batch has no owner, and stands where it is awaited.
    """
    if record.coroutine is None:
        return ""
    at: Record | None = record
    while at is not None:
        place = place_of_program(at.coroutine) or _declaration_of(at.fn)
        if place:
            return _shortened(place)
        at = at.owner
    return _shortened(place_of(record.coroutine))


def _declaration_of(fn: object) -> str:
    """Where a port declares its method, if `fn` is one that calls it; else empty."""
    if not isinstance(fn, MethodType):
        return ""
    given: object = getattr(fn.__self__, "_given", None)
    name = name_of(fn).rpartition(".")[2]
    for base in type(given).__mro__:
        method = vars(base).get(name)
        code: object = getattr(method, "__code__", None)
        if hasattr(method, "__repeat__") and isinstance(code, CodeType):
            return place_of_code(code)
    return ""


@lru_cache(4096)
def _shortened(place: str) -> str:
    return "/".join(place.replace("\\", "/").split("/")[-2:])
