"""A log as JSON: a text that others may lay out anew, with checksums of what it says."""

from __future__ import annotations

import json
import re
import zlib
from decimal import Decimal
from json import JSONDecodeError, JSONDecoder
from typing import TYPE_CHECKING, Final, cast

import msgspec

from spindle._core.replay.dumped import VERSION, Damage
from spindle._core.replay.formats import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["JsonLog", "json_written"]

_ON_PURPOSE: Final = 'If that was done on purpose, write "checksums": null in the log'


def _number(text: str) -> int | float:
    """The same for 5 and 5.0, and for 1e20 and 100000000000000000000."""
    number = float(text)
    if not number.is_integer():
        return number
    return int(number) if abs(number) < _EXACT else int(Decimal(repr(number)))


def _refused(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


_EXACT: Final = 2**53
"""Below this a double holds every whole number; beyond, others write the digits that tell it."""
_READER: Final = JSONDecoder(parse_float=_number, parse_constant=_refused)
_SPACE: Final = re.compile(r"[ \t\n\r]*")


def _checksum(value: object) -> str:
    """Of what a text says, however it is laid out."""
    try:
        written = msgspec.msgpack.encode(value, order="deterministic")
    except (OverflowError, UnicodeEncodeError):  # a number of more than 64 bits, half a character
        written = json.dumps(value, sort_keys=True).encode()
    return f"{zlib.crc32(written):08x}"


def json_written(entries: Iterable[object]) -> bytes:
    """The first of these, the head, and the others, the frames, with a checksum of each."""
    texts = [msgspec.json.encode(each) for each in entries]
    return msgspec.json.encode(
        {
            "spindle_log": VERSION,
            "checksums": [_checksum(_READER.raw_decode(each.decode())[0]) for each in texts],
            "head": msgspec.Raw(texts[0]),
            "frames": [msgspec.Raw(each) for each in texts[1:]],
        }
    )


class JsonLog:
    """What such a text says, up to where it is none any more."""

    def __init__(self, data: bytes | str) -> None:
        """Read as much of it as can be read."""
        self.fields: dict[str, object] = {}
        """What it says, but for what it says of its entries."""
        self.entries: dict[str, list[tuple[object, str]]] = {}
        """Of the head and the frames, what each says, and its text."""
        self.damage = ""
        """Why no more of it could be read."""
        self._at = 0
        self._text = ""
        try:
            self._read(data)
        except RecursionError:
            self.damage = "it is nested too deeply"
        except ValueError as error:
            self.damage = f"it was cut or changed: {self.damage or error}"

    def _read(self, data: bytes | str) -> None:
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogatepass")
        try:
            self._text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._text, self.damage = data[: error.start].decode(), str(error)
        self._take("{")
        while self._next() != "}":
            if self.fields or self.entries:
                self._take(",")
            name = str(self._value()[0])
            if name in self.fields or name in self.entries:
                raise ValueError(f"{name!r} stands there twice")
            self._take(":")
            if name == "head":
                self.entries[name] = [self._value()]
            elif name == "frames" and self._next() == "[":
                self._read_frames()
            else:
                self.fields[name] = self._value()[0]
        self._take("}")
        if self._next():
            raise self._expected("the end")

    def _read_frames(self) -> None:
        frames = self.entries["frames"] = []
        self._take("[")
        while self._next() != "]":
            if frames:
                self._take(",")
            frames.append(self._value())
        self._take("]")

    def _next(self) -> str:
        """The character that is next, if any is."""
        space = _SPACE.match(self._text, self._at)
        assert space is not None
        self._at = space.end()
        return self._text[self._at : self._at + 1]

    def _take(self, character: str) -> None:
        if self._next() != character:
            raise self._expected(f"{character!r}")
        self._at += 1

    def _expected(self, what: str) -> JSONDecodeError:
        return JSONDecodeError(f"Expecting {what}", self._text, self._at)

    def _value(self) -> tuple[object, str]:
        """What stands next, and its text."""
        self._next()
        value, end = _READER.raw_decode(self._text, self._at)
        begins, self._at = self._at, end
        return value, self._text[begins:end]

    def bodies(self) -> Iterator[bytes]:
        """The texts of the head and of each frame, as far as they are whole.

        Raises:
            Damage: what follows is not as it was written.
        """
        head, frames = self.entries.get("head"), self.entries.get("frames")
        if head is None:
            raise Damage(self.damage or "it has no `head`")
        checksums = self._checksums()
        if checksums is None and not self._unchecked and not self.damage:
            raise Damage(f"it has no list of `checksums`. {_ON_PURPOSE}")
        entries = [*head, *(frames or ())]
        for number, (value, text) in enumerate(entries):
            if checksums is not None and number >= len(checksums):
                raise Damage(f"it has no checksum: it was added. {_ON_PURPOSE}")
            if checksums is not None and checksums[number] != _checksum(value):
                raise Damage(f"its checksum is wrong: it was changed. {_ON_PURPOSE}")
            yield in_order(text.encode())
        if self.damage:
            raise Damage(self.damage)
        if frames is None:
            raise Damage("it has no list of `frames`")
        if checksums is not None and len(entries) < len(checksums):
            raise Damage(f"it was taken out, and its checksum is still there. {_ON_PURPOSE}")

    def _checksums(self) -> list[object] | None:
        """One for each entry, if they are there."""
        found = self.fields.get("checksums")
        return cast("list[object]", found) if isinstance(found, list) else None

    @property
    def _unchecked(self) -> bool:
        """Whether it is to be taken without them: version 1 had none."""
        if "checksums" in self.fields:
            return self.fields["checksums"] is None
        return self.fields["spindle_log"] == 1
