"""A page's log as far as it can be read: what came in when, and what was done because of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, cast

import msgspec

from spindle._core.errors import LogCorrupt, LogTooNew
from spindle._core.names import kind_of, shown
from spindle._core.replay.formats import UNWRITABLE, Format
from spindle._core.replay.inputs import Begun
from spindle._core.replay.log import Frame
from spindle._core.replay.story import came
from spindle._lasting.opened import beginning_in, behind_snapshot, standing_in
from spindle._tools.words import counted, on_the_wall
from spindle.durable.errors import PageLogCorrupt
from spindle.durable.frames import Chain, read_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spindle._lasting.beginning import Beginning
    from spindle.durable.frames import Frame as Sealed
    from spindle.durable.store import Kept

__all__ = ["PageStory", "story_of"]


@dataclass
class PageStory:
    """What was read.

    Attributes:
        kept: all that the store has of the page.
        beginning: with what it began; None if that is damaged.
        inputs: the frames of its inputs, with number and time, up to the damage.
        covered: the number of the last frame that a snapshot stands for; -1 if there is none.
        begun: whether something had been started by then.
        damage: why not all could be read; None if all could.
    """

    kept: Kept
    beginning: Beginning | None = None
    inputs: list[tuple[Sealed, Frame]] = field(default_factory=list)
    covered: int = -1
    begun: bool = False
    damage: Exception | None = None

    @property
    def starts(self) -> dict[int, Begun]:
        """What the program has started since, by the numbers of these inputs."""
        told = ((sealed.seq, frame.input) for sealed, frame in self.inputs)
        return {number: given for number, given in told if isinstance(given, Begun)}

    def is_empty_at(self, number: int) -> bool:
        """Whether nothing had been started by that input; False if it cannot be read that far."""
        read = max(0, self.covered) + len(self.inputs)
        return number <= read and not self.begun and min(self.starts, default=read + 1) > number

    def lines(self) -> Iterator[str]:
        """For people."""
        record = self.kept.record
        began = self.beginning
        yield f"page {record.page}: {record.status.value}, {counted(record.head, 'input')}"
        if began is not None:
            yield f"made of {began.contract}, {on_the_wall(began.opened)}"
        if self.covered >= 0:
            yield f"frames up to {self.covered} are behind a snapshot"
        for sealed, frame in self.inputs:
            yield ""
            yield from frame_lines(sealed, frame)
        if self.damage is not None:
            yield ""
            yield f"here it ends, for {self.damage}"

    def plain(self) -> dict[str, object]:
        """For programs: what JSON can hold."""
        record, began = self.kept.record, self.beginning
        return {
            "page": record.page,
            "status": record.status.value,
            "head": record.head,
            "owner": record.owner,
            "wake_at": record.wake_at,
            "contract": None if began is None else began.contract,
            "opened": None if began is None else began.opened,
            "snapshot": self.covered if self.covered >= 0 else None,
            "inputs": [_plain_frame(*each) for each in self.inputs],
            "damage": None if self.damage is None else _plain_damage(self.damage),
        }


def story_of(kept: Kept) -> PageStory:
    """Read the log of a page, as far as it can be."""
    story = PageStory(kept)
    try:
        _read(story, kept)
    except (PageLogCorrupt, LogCorrupt, LogTooNew) as damage:
        story.damage = damage
    return story


def frame_lines(sealed: Sealed, frame: Frame) -> Iterator[str]:
    """What came in, and what was done because of it."""
    said = came(frame.input, Format.MSGPACK)
    yield f"{sealed.seq:5}  {on_the_wall(sealed.time)}  {frame.at:.3f} s  <- {said}"
    for command in frame.commands:
        yield f"       {command.told('the page')}  {command.place}".rstrip()


def _read(story: PageStory, kept: Kept) -> None:
    chain = Chain(kept.record.page)
    if kept.snapshot is not None:
        story.covered = kept.snapshot.seq
        standing = standing_in(chain, kept.snapshot)
        story.beginning = standing.beginning
        story.begun = bool(standing.spindles or standing.said)
    elif not kept.frames:
        beginning_in(kept.record.page, [])
    for sealed in read_log(chain, behind_snapshot(kept), kept.record.head):
        if sealed.seq == 0:
            story.beginning = beginning_in(kept.record.page, [sealed])
        else:
            story.inputs.append((sealed, _decoded(sealed)))


def _decoded(sealed: Sealed) -> Frame:
    try:
        return msgspec.msgpack.decode(sealed.body, type=Frame)
    except msgspec.DecodeError as error:
        raise LogCorrupt(f"frame {sealed.seq} of the log is none of a page: {error}") from error


def _plain_frame(sealed: Sealed, frame: Frame) -> dict[str, object]:
    given = frame.input
    return {
        "number": sealed.seq,
        "time": sealed.time,
        "at": frame.at,
        "input": {
            "type": given.__struct_config__.tag,
            "text": came(given, Format.MSGPACK),
            **_fields(given),
        },
        "commands": [_fields(each) for each in frame.commands],
    }


def _fields(struct: msgspec.Struct) -> dict[str, object]:
    return {name: _plain(getattr(struct, name)) for name in struct.__struct_fields__}


def _plain(value: object) -> object:
    if isinstance(value, msgspec.Raw):
        return _plain_value(msgspec.msgpack.decode(value))
    if isinstance(value, msgspec.Struct):
        return _fields(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in cast("tuple[object, ...]", value)]
    return value.value if isinstance(value, Enum) else value


def _plain_value(value: object) -> object:
    try:
        msgspec.json.encode(value)
    except UNWRITABLE:
        return shown(value)
    return value


def _plain_damage(damage: Exception) -> dict[str, object]:
    said: dict[str, object] = {"kind": kind_of(damage), "text": str(damage)}
    if isinstance(damage, PageLogCorrupt):
        said["number"] = damage.seq
    return said
