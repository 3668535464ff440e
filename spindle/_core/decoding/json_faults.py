"""Every fault of a JSON value that is not the event it was meant to be, each with its path.

msgspec stops at the first. This walks the value along the shape of the type, after msgspec has
refused it; the verdict on a single value stays msgspec's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import inspect as mi

from spindle._core.decoding.faults import Faults
from spindle._core.decoding.json_value import (
    LONGEST,
    is_array,
    is_object,
    kind_of,
    tag_of,
    too_deep,
    unsound,
)
from spindle._core.decoding.shapes import Anything, Choice, Fixed, Keyed, Leaf, Many, Record, Shape
from spindle._core.names import bounded, shortened

__all__ = ["ROOT", "faults_in", "place_of", "said"]

ROOT = "$"
_TOO_DEEP = "nested too deeply, expected at most 64 levels"
_UNSOUND = f"expected a finite number of at most {LONGEST} digits"


def faults_in(shape: Record, value: object) -> Faults:
    """Return what is wrong with a decoded JSON value; empty if nothing is."""
    walk = _Walk()
    if too_deep(value):
        walk.faults.add(ROOT, _TOO_DEEP)
    else:
        walk.look(shape, value, ROOT)
    return walk.faults


def said(error: Exception) -> str:
    """Return what msgspec says, without the place and in our style: expected str, got int."""
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    if isinstance(error, UnicodeError):
        return "expected text that UTF-8 can carry"
    text = str(error).replace("`", "").partition(" - at ")[0]
    return shortened(text[:1].lower() + text[1:] if text[1:2].islower() else text, 200)


def place_of(error: Exception) -> str:
    """Return the path that msgspec gives."""
    return str(error).rpartition(" - at ")[2].strip("`") if " - at " in str(error) else ROOT


class _Walk:
    def __init__(self) -> None:
        self.faults = Faults()

    def look(self, shape: Shape, value: object, path: str) -> None:
        match shape:
            case Leaf():
                self._convert(value, shape.form, path)
            case Anything():
                return  # JSON text spells no number that is not finite
            case Record(positional=True) | Many() | Fixed():
                if is_array(value):
                    self._array(shape, value, path)
                else:
                    self._mismatch(shape, value, path)
            case Record() | Keyed():
                if is_object(value):
                    self._object(shape, value, path)
                else:
                    self._mismatch(shape, value, path)
            case _:
                self._choice(shape, value, path)

    def _convert(self, value: object, form: object, path: str) -> None:
        try:
            read: object = msgspec.convert(value, form, str_keys=True)
        except msgspec.ValidationError as error:
            self.faults.add(path, said(error))
        else:
            keys = read if is_object(read) else ()
            if unsound(read) or any(map(unsound, keys)):
                self.faults.add(path, _UNSOUND)

    def _array(self, shape: Record | Many | Fixed, items: Sequence[object], path: str) -> None:
        match shape:
            case Many(item=item):
                self._count(shape, len(items), path)
                for index, value in enumerate(items):
                    self.look(item, value, f"{path}[{index}]")
            case Fixed(shapes):
                if len(items) != len(shapes):
                    wanted = f"expected array of length {len(shapes)}"
                    self.faults.add(path, f"{wanted}, got {len(items)}")
                for index, (item, value) in enumerate(zip(shapes, items, strict=False)):
                    self.look(item, value, f"{path}[{index}]")
            case _:
                self._positional(shape, items, path)

    def _positional(self, record: Record, items: Sequence[object], path: str) -> None:
        found = self.faults.noted
        offset = 0 if record.tag is None else 1
        if offset:
            self._check_tag([record], items, path)
        most = offset + len(record.fields)
        if len(items) > most:
            self.faults.add(path, f"expected array of length {most}, got {len(items)}")
        for index, field in enumerate(record.fields, offset):
            if index < len(items):
                self.look(field.shape, items[index], f"{path}[{index}]")
            elif field.required:
                self.faults.add(f"{path}[{index}]", f"missing, expected {_expected(field.shape)}")
        self._own_check(record, items, path, found)

    def _object(self, shape: Record | Keyed, value: Mapping[str, object], path: str) -> None:
        match shape:
            case Record():
                self._record(shape, value, path)
            case _:
                self._count(shape, len(value), path)
                for key, inner in value.items():
                    self._convert({key: None}, shape.form, path)
                    self.look(shape.value, inner, _below(path, key))

    def _record(self, record: Record, value: Mapping[str, object], path: str) -> None:
        found = self.faults.noted
        if record.tag_field in value:
            self._check_tag([record], value, path)
        known = [field.encoded for field in record.fields]
        for name in value:
            if name not in known and name != record.tag_field:
                wanted = f"expected one of {', '.join(known[:8])}" if known else "expected none"
                self.faults.add(_below(path, name), f"unknown field, {wanted}")
        for field in record.fields:
            place = _below(path, field.encoded)
            if field.encoded in value:
                self.look(field.shape, value[field.encoded], place)
            elif field.required:
                self.faults.add(place, f"missing, expected {_expected(field.shape)}")
        self._own_check(record, value, path, found)

    def _own_check(self, record: Record, value: object, path: str, found: int) -> None:
        """Let a class whose fields are all right check itself."""
        if record.checked and self.faults.noted == found:
            self._convert(value, record.cls, path)

    def _choice(self, choice: Choice, value: object, path: str) -> None:
        if value is None and choice.optional:
            return
        records = [each for each in choice.records if each.positional == is_array(value)]
        if is_object(value) or is_array(value):
            other = choice.keyed if is_object(value) else choice.sequence
            if records:
                self._tagged(records, value, path)
            elif other is not None:
                self.look(other, value, path)
            else:
                self._mismatch(choice, value, path)
        elif choice.leaves:
            self._convert(value, choice.form, path)
        else:
            self._mismatch(choice, value, path)

    def _tagged(self, records: Sequence[Record], value: object, path: str) -> None:
        tag = tag_of(value, records[0].tag_field)
        known = [each for each in records if len(records) == 1 or each.tag == tag]
        if known:
            self.look(known[0], value, path)
        else:
            self._check_tag(records, value, path)

    def _check_tag(self, records: Sequence[Record], value: object, path: str) -> None:
        tag_field = records[0].tag_field or ""
        tag = tag_of(value, tag_field)
        if not any(each.tag == tag for each in records):
            tags = " or ".join(repr(each.tag) for each in records)
            place = f"{path}[0]" if is_array(value) else _below(path, tag_field)
            self.faults.add(place, f"expected {tags}, got {bounded(str(tag))}")

    def _count(self, shape: Many | Keyed, count: int, path: str) -> None:
        if count < shape.least:
            self.faults.add(path, f"expected at least {shape.least} items, got {count}")
        if shape.most is not None and count > shape.most:
            self.faults.add(path, f"expected at most {shape.most} items, got {count}")

    def _mismatch(self, shape: Shape, value: object, path: str) -> None:
        self.faults.add(path, f"expected {_expected(shape)}, got {kind_of(value)}")


def _below(path: str, name: object) -> str:
    text = str(name)
    return f"{path}.{shortened(text)}" if text.isidentifier() else f"{path}[{bounded(text)}]"


def _expected(shape: Shape) -> str:
    match shape:
        case Leaf(mi.NoneType()):
            return "null"
        case Leaf(node):
            return type(node).__name__.removesuffix("Type").lower()
        case Anything():
            return "any value"
        case Record(positional=True) | Many() | Fixed():
            return "array"
        case Record() | Keyed():
            return "object"
        case _:
            return " | ".join(_alternatives(shape))


def _alternatives(choice: Choice) -> Iterable[str]:
    others = [each for each in (choice.sequence, choice.keyed) if each]
    kinds = [_expected(each) for each in (*choice.leaves, *choice.records, *others)]
    return dict.fromkeys([*kinds, *(["null"] if choice.optional else [])])
