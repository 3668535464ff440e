"""Read what was posted along the shape of an event; the rules are the table in `forms`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress

from msgspec import inspect as mi

from spindle._core.decoding.faults import Faults
from spindle._core.decoding.form_entries import DEEPEST, Entry
from spindle._core.decoding.form_texts import Misread, read_text
from spindle._core.decoding.form_wording import (
    CHOOSE,
    FILL_IN,
    NO_SUCH_FIELD,
    NOT_VALID,
    ONE_ONLY,
    exactly,
    too_few,
    too_many,
)
from spindle._core.decoding.shapes import (
    Anything,
    Choice,
    Field,
    Fixed,
    Keyed,
    Leaf,
    Many,
    Record,
    Shape,
)
from spindle._core.names import shortened

__all__ = ["BROWSERS_OWN", "FormReading"]

BROWSERS_OWN = frozenset({"_charset_", "x", "y"})
"""Names a browser adds: the encoding's, and where an image button was hit."""


class FormReading:
    """Reads one form and notes its faults; what a faulty part is read as does not matter."""

    def __init__(self) -> None:
        self.faults = Faults()

    def form(self, shape: Record, pairs: Iterable[tuple[str, str]]) -> object:
        """Return the record that `pairs` spell; anything, if there are faults."""
        root = Entry()
        names = {field.name for field in shape.fields}
        for name, text in pairs:
            if name.count(".") >= DEEPEST:
                self._stray(name)
            elif name not in BROWSERS_OWN or name in names:
                root.grow(name.split("."), text)
        return self._record(shape, root)

    def _read(self, shape: Shape, entry: Entry) -> object:
        match shape:
            case Leaf():
                return self._leaf(shape, entry)
            case Anything():
                return self._anything(entry)
            case Record():
                return self._record(shape, entry)
            case Many():
                return self._many(shape, entry)
            case Fixed():
                return self._fixed(shape, entry)
            case Keyed():
                return self._keyed(shape, entry)
            case _:
                return self._choice(shape, entry)

    def _leaf(self, leaf: Leaf, entry: Entry) -> object:
        self._strays(entry.below.values())
        is_tick = isinstance(leaf.node, mi.BoolType)
        if is_tick and not entry.texts:
            return False
        if not entry.texts:
            return self._fault(entry, leaf.message or FILL_IN)
        if len(entry.texts) > 1 and not is_tick:  # a hidden "off" may stand before a tick box
            return self._fault(entry, ONE_ONLY)
        try:
            return read_text(leaf, entry.texts[-1])
        except Misread as misread:
            return self._fault(entry, str(misread))

    def _anything(self, entry: Entry) -> object:
        self._strays(entry.below.values())
        if not entry.texts:
            return self._fault(entry, FILL_IN)
        return entry.texts if len(entry.texts) > 1 else entry.texts[0]

    def _record(self, record: Record, entry: Entry) -> object:
        found = self.faults.noted
        if entry.texts:
            self._stray(entry.name or "")
        known = {field.name for field in record.fields}
        if record.tag is not None and record.tag_field:
            known.add(record.tag_field)
            self._check_tag(record.tag, entry.field(record.tag_field))
        self._strays(below for name, below in entry.below.items() if name not in known)
        values = {
            field.name: self._read(field.shape, below)
            for field in record.fields
            if not _takes_default(field, below := entry.field(field.name))
        }
        return self._built(record, values, entry) if self.faults.noted == found else None

    def _check_tag(self, tag: str | int, entry: Entry) -> None:
        if any(text != str(tag) for text in entry.texts):
            self._fault(entry, CHOOSE)

    def _built(self, record: Record, values: Mapping[str, object], entry: Entry) -> object:
        if not record.checked:
            return record.cls(**values)
        try:
            return record.cls(**values)
        except ValueError as error:  # what the class says of itself is for the visitor
            return self._fault(entry, str(error) or NOT_VALID)
        except TypeError:
            return self._fault(entry, NOT_VALID)

    def _many(self, shape: Many, entry: Entry) -> object:
        found = self.faults.noted
        self._strays(entry.below_without_index())
        items = [self._read(shape.item, row) for row in entry.rows()]
        if self.faults.noted != found:
            return None
        return self._counted(shape, shape.build(items), entry)

    def _fixed(self, shape: Fixed, entry: Entry) -> object:
        self._strays(entry.below_without_index())
        rows = entry.rows()
        if len(rows) != len(shape.items):
            return self._fault(entry, shape.message or exactly(len(shape.items)))
        return tuple(map(self._read, shape.items, rows))

    def _keyed(self, shape: Keyed, entry: Entry) -> object:
        found = self.faults.noted
        if entry.texts:
            self._stray(entry.name or "")
        read = {
            name: (self._read(shape.key, Entry(below.name, [name])), self._read(shape.value, below))
            for name, below in entry.below.items()
        }
        if self.faults.noted != found:
            return None
        return self._counted(shape, dict(read.values()), entry)

    def _counted(self, shape: Many | Keyed, items: Collection[object], entry: Entry) -> object:
        if len(items) < shape.least:
            return self._fault(entry, shape.message or too_few(shape.least))
        if shape.most is not None and len(items) > shape.most:
            return self._fault(entry, shape.message or too_many(shape.most))
        return items

    def _choice(self, choice: Choice, entry: Entry) -> object:
        if choice.optional and _blank(choice, entry):
            return None
        if entry.below and choice.records:
            return self._tagged(choice.records, entry)
        if entry.below and choice.keyed:
            return self._keyed(choice.keyed, entry)
        several = entry.below or len(entry.texts) > 1 or not choice.leaves
        if several and choice.sequence:
            return self._read(choice.sequence, entry)
        return self._any_leaf(choice, entry)

    def _tagged(self, records: Sequence[Record], entry: Entry) -> object:
        if len(records) == 1:
            return self._record(records[0], entry)
        tag = entry.field(records[0].tag_field or "")
        for record in records:
            if tag.texts == [str(record.tag)]:
                return self._record(record, entry)
        return self._fault(tag, CHOOSE)

    def _any_leaf(self, choice: Choice, entry: Entry) -> object:
        if len(choice.leaves) == 1:
            return self._leaf(choice.leaves[0], entry)
        self._strays(entry.below.values())
        if len(entry.texts) > 1:
            return self._fault(entry, ONE_ONLY)
        if _blank(choice, entry):
            return self._fault(entry, choice.message or FILL_IN)
        for leaf in sorted(choice.leaves, key=_is_text):
            with suppress(Misread):
                return read_text(leaf, entry.texts[0])
        return self._fault(entry, choice.message or NOT_VALID)

    def _fault(self, entry: Entry, problem: str) -> object:
        self.faults.add(entry.name or "", problem)
        return None

    def _strays(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            for each in entry.everything():
                if each.texts:
                    self._stray(each.name or "")

    def _stray(self, name: str) -> None:
        printable = name.encode(errors="backslashreplace").decode()
        self.faults.add(shortened(printable, 200), NO_SUCH_FIELD)


def _takes_default(field: Field, entry: Entry) -> bool:
    """Say whether the visitor left a field alone that has a default."""
    shape = field.shape
    if field.required or isinstance(shape, Many):
        return False
    if not isinstance(shape, Leaf):
        return entry.empty
    if isinstance(shape.node, mi.BoolType):
        return False
    spells_nothing = not isinstance(shape.node, mi.StrType) and "" not in (shape.options or ())
    return not entry.below and not any(text.strip() or not spells_nothing for text in entry.texts)


def _blank(choice: Choice, entry: Entry) -> bool:
    """Say whether only empty texts were posted; white space is text where text is wanted."""
    takes_text = any(map(_is_text, choice.leaves))
    texts = (text for each in entry.everything() for text in each.texts)
    return not any(text if takes_text else text.strip() for text in texts)


def _is_text(leaf: Leaf) -> bool:
    return isinstance(leaf.node, mi.StrType)
