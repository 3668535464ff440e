"""The log of one conversation: with what it began, and all that came in since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol
from weakref import ReferenceType, ref

import msgspec
from msgspec.structs import astuple, replace

from spindle._core.entropy import drawn
from spindle._core.errors import LogCorrupt, LogTooNew, UsageError
from spindle._core.names import shown
from spindle._core.public import publish
from spindle._core.replay.commands import Command
from spindle._core.replay.dumped import MAGIC, VERSION, Damage, bodies, written
from spindle._core.replay.formats import Format
from spindle._core.replay.inputs import Input

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Frame", "Head", "Log", "Standing", "Writer", "check_log"]


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """What a spindle has behind it at a mark."""

    block: str
    """Where the class of its block stands, `shop.contract:Store.Checkout`; empty if it has none."""
    asked: int
    """How many questions it has asked."""
    others: tuple[tuple[str, str | None, int], ...]
    """How many those have asked that have ended, by block and instance."""
    channels: int
    """How many channels were used."""
    drawn: int
    """How often chance was asked."""
    called: int = 0
    """How many calls were begun."""
    least: int = 0
    """From which number on those count that nothing is known of; see `Asked`."""
    batches: int = 0
    """How many batches were read."""


class Head(msgspec.Struct, frozen=True, array_like=True):
    """With what a conversation began."""

    function: str
    args: tuple[msgspec.Raw, ...]
    seed: int
    standing: Standing | None = None
    """Where its page stood, if it began anew at a mark."""
    conversation: bytes = b""
    """Its id, of which the keys of its calls are made; older logs have none."""


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """One input, and what the page did because of it."""

    at: float
    """Seconds of the page's clock."""
    input: Input
    commands: tuple[Command, ...]
    early: int = 0
    """Where it came in while others could still run, 1 and the steps since the input before; else
    0."""
    steps: int = 0
    """How many steps were made because of it, by coroutines that take turns."""
    goes_on: bool = False
    """Whether others could still run then. The log may end with it, and is taken up there: what
    came next may never have been kept."""


class Writer(Protocol):
    """A page that writes down its conversation."""

    @property
    def goes_on(self) -> bool:
        """Whether more may happen there by itself, or happens just now."""
        ...


class Log:
    """Keeps one conversation, so that another process can take it up where it stopped.

    What is kept is what came in: answers, what calls have returned or raised, and time; and what
    the spindle did because of that in short, to see that it does the same when it is resumed.
    """

    def __init__(self, *, json: bool = False) -> None:
        """A log in which nothing is kept yet.

        Args:
            json: whether it is written as JSON, to be read by people and other programs, instead
                of msgpack, which is smaller and knows more types. Values are kept in that form.

        Raises:
            UsageError: `json` is neither True nor False.
        """
        if not isinstance(json, bool):
            raise UsageError(
                f"Log(json=) takes True, for a log that is written as JSON, or False, for one in "
                f"msgpack, not {shown(json)}. Log.load(data) reads what dump() has written"
            )
        self.format: Final = Format.JSON if json else Format.MSGPACK
        self.head: Head | None = None
        self.frames: list[Frame] = []
        self.before = 0
        """How many inputs it had before it began anew, if those are counted."""
        self.fault = ""
        """Why nothing can be added any more."""
        self._writer: ReferenceType[Writer] | None = None
        """Who has written to it last."""

    @property
    def conversation(self) -> bytes:
        """The id of its conversation."""
        assert self.head is not None
        return self.head.conversation

    @property
    def _function(self) -> str:
        assert self.head is not None
        return self.head.function

    def begin(self, head: Head) -> None:
        """Keep with what it began.

        Raises:
            UsageError: there is a conversation in it.
        """
        if self.head is not None:
            raise UsageError(
                f"this log has a conversation with {self.head.function} already: take it up with "
                f"Coroutine.resume(fn, log), or give a new one to each"
            )
        self.head = head

    def check_free(self) -> None:
        """See that it can be taken up: of two that go on at a time it would keep neither.

        Raises:
            UsageError: the conversation that is written to it goes on.
        """
        writer = None if self._writer is None else self._writer()
        if writer is not None and writer.goes_on:
            raise UsageError(
                f"this log is being written: its conversation with {self._function} goes on. "
                f"Let that end first, or take up a log of its own, Log.load(log.dump())"
            )

    def write_by(self, writer: Writer) -> None:
        """From now on this one writes to it, and nobody else does."""
        self._writer = ref(writer)

    def check_writer(self, writer: Writer) -> None:
        """See that this one writes to it: whoever is the first, and then who has taken it up last.

        Raises:
            UsageError: another one has taken it up.
        """
        if self._writer is None:
            self.write_by(writer)
        elif self._writer() is not writer:
            raise UsageError(
                f"this conversation with {self._function} was taken up anew from its log, and "
                f"goes on there: a log has one writer at a time. For another one, take up a log of "
                f"its own, Log.load(log.dump())"
            )

    def keep(self, frame: Frame) -> None:
        """Add a frame."""
        self.frames.append(frame)

    def begin_anew(self, head: Head) -> None:
        """Forget what was kept: it begins with this."""
        self.head = head
        self.frames = []

    def dump(self) -> bytes:
        """All of it as bytes, with checksums: JSON, or lines of msgpack.

        Raises:
            UsageError: nothing was begun.
        """
        if self.head is None:
            raise UsageError("there is nothing to dump: no Coroutine was started with this log")
        if self.format is Format.JSON:
            from spindle._core.replay.dumped_json import json_written

            return json_written([_head(self.head, _EXACT), *self.frames])
        return b"".join(written([_head(self.head, _TOO_LARGE), *self.frames]))

    @classmethod
    def load(cls, data: bytes | str) -> Log:
        """The log that `dump` has written.

        Raises:
            UsageError: `data` is neither bytes nor a text.
            LogCorrupt: it is damaged, cut short, or no log. Its `intact` is what comes before the
                damage, if anything does.
            LogTooNew: a newer Spindle has written it.
        """
        data = _checked(data)
        if isinstance(data, str) or data[:1].isspace() or data[:1] in {b"{", b"\xef"}:
            return _load_json(data)
        return _load_msgpack(data)

    def __str__(self) -> str:
        """Return what it tells, for people: a line for each input, and for what was done then."""
        if self.head is None:
            return "a log in which nothing was begun"
        from spindle._core.replay.story import story

        return "\n".join(story(self.head, self.frames, self.format))


def check_log(caller: str, log: object) -> None:
    """Refuse what is no log.

    Raises:
        UsageError: it is none; says who was to be given one.
    """
    if not isinstance(log, Log):
        raise UsageError(
            f"{caller} takes a Log, not {shown(log)}: give a new one, Log(), or what "
            f"Log.load(data) makes of the bytes or the text that dump() has written"
        )


def _checked(data: object) -> bytes | str:
    if isinstance(data, (bytes, str)):
        return data
    if type(data) is bytearray or type(data) is memoryview:  # as some databases give them
        return bytes(data)
    raise UsageError(
        f"Log.load() takes the bytes or the text that dump() has written, not {shown(data)}"
    )


_EXACT: Final = 2**53
"""Below this a double holds every whole number, and JSON is read as doubles by others."""
_TOO_LARGE: Final = 2**63
"""Below this msgpack holds every whole number."""


def _head(head: Head, bound: int) -> Head | tuple[object, ...]:
    """The head as it is written: with its seed as text, from this bound on."""
    if abs(head.seed) < bound:
        return head
    function, args, seed, *others = astuple(head)
    return (function, args, str(seed), *others)


def _load_json(data: bytes | str) -> Log:
    from spindle._core.replay.dumped_json import JsonLog

    text = JsonLog(data)
    if text.damage and "spindle_log" not in text.fields:
        raise LogCorrupt(f"this is no log of Spindle, or one that is damaged: {text.damage}")
    _check_version(text.fields.get("spindle_log"))
    return _filled(Log(json=True), text.bodies())


def _load_msgpack(data: bytes) -> Log:
    if not data.startswith(MAGIC) or len(data) == len(MAGIC):
        raise LogCorrupt("this is no log of Spindle: it does not begin as one")
    version = data[len(MAGIC)]
    _check_version(version)
    return _filled(Log(), bodies(data, version))


def _filled(log: Log, parts: Iterable[bytes]) -> Log:
    """With what was written, first its head.

    Raises:
        LogCorrupt: something else follows. It has what came before.
    """
    decode = msgspec.json.decode if log.format is Format.JSON else msgspec.msgpack.decode
    try:
        for body in parts:
            if log.head is None:
                head = decode(body, type=Head, strict=False)  # the seed may be text
                log.head = _identified(head)
            else:
                log.frames.append(decode(body, type=Frame))
    except (Damage, msgspec.DecodeError) as damage:
        raise _corrupt(log, damage) from damage
    if log.head is None:
        raise LogCorrupt("this log was cut: it ends before anything was begun")
    return log


def _identified(head: Head) -> Head:
    # Drawn, not made of what an older log has: two that began alike would have the same keys.
    return head if head.conversation else replace(head, conversation=drawn())


def _check_version(version: object) -> None:
    if type(version) is not int or version < 1:
        raise LogCorrupt("this is no log of Spindle: it does not say its version")
    if version > VERSION:
        raise LogTooNew(
            f"this log was written by a newer Spindle (format {shown(version)}, this one reads "
            f"up to {VERSION}): it is left as it is; update Spindle to read it"
        )


def _corrupt(log: Log, damage: Exception) -> LogCorrupt:
    if log.head is None:
        return LogCorrupt(f"the beginning of this log is damaged: {damage}")
    return LogCorrupt(
        f"this log is damaged from frame {len(log.frames) + 1} on: {damage}. The "
        f"{len(log.frames)} before it are intact: the log up to there is this error's `intact`",
        log,
    )


publish("spindle", [Log])
