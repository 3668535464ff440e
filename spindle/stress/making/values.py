"""Values of a type, as JSON: drawn at random within what the type allows."""

from __future__ import annotations

import datetime
import math
import random
import string
import uuid
from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import inspect as mi

from spindle.stress.making.errors import Unmakeable
from spindle.stress.making.pattern import Pattern

__all__ = ["Values"]

DEEP: Final = 3
"""Below so many types in one another the shortest is chosen: None, no items, the default."""
DEEPEST: Final = 40
LETTERS: Final = string.ascii_letters + string.digits + " .-'\"<>&äß€"
"""What a text consists of: also what HTML, JSON and forms have to escape."""
REACH: Final = 1000
"""How far from its bound, or from 0, a number is."""
TRIES: Final = 20


class Values:
    """Makes values that msgspec decodes; says of which field none could be made.

    Args:
        draw: the chance.
    """

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._patterns: dict[str, Pattern] = {}

    def make(self, node: mi.Type, place: str, depth: int = 0) -> object:
        """Make one, as what JSON carries.

        Raises:
            Unmakeable: the type, or what it demands of its values, is not known here.
        """
        if depth > DEEPEST:
            raise Unmakeable(f"{place}: its type holds itself without end")
        match node:
            case mi.Metadata(type=inner):
                return self.make(inner, place, depth)
            case mi.UnionType(types=types):
                return self.make(self._one_of(types, depth), place, depth)
            case mi.LiteralType(values=values):
                return self._draw.choice(values)
            case mi.EnumType(cls=cls):
                return self._draw.choice(list(cls)).value
            case mi.StrType() if node.pattern is not None:
                return self._matching(node, node.pattern, place)
            case mi.StrType():
                return self._text(*_bounds(node.min_length, node.max_length, 12))
            case _:
                return self._number_or_more(node, place, depth)

    def _number_or_more(self, node: mi.Type, place: str, depth: int) -> object:
        match node:
            case mi.NoneType():
                return None
            case mi.AnyType():
                return self._draw.choice([None, True, 1, 0.5, "text"])
            case mi.BoolType():
                return self._draw.random() < 0.5
            case mi.IntType():
                return self._integer(node, place)
            case mi.FloatType():
                return self._float(node)
            case mi.DecimalType():
                return f"{self._draw.uniform(-REACH, REACH):.2f}"
            case mi.BytesType() | mi.ByteArrayType() | mi.MemoryViewType():
                count = self._draw.randint(*_bounds(node.min_length, node.max_length, 12))
                return b64encode(self._draw.randbytes(count)).decode()
            case _:
                return self._moment_or_more(node, place, depth)

    def _moment_or_more(self, node: mi.Type, place: str, depth: int) -> object:
        moment = datetime.datetime(2000, 1, 1) + datetime.timedelta(
            days=self._draw.randrange(20_000), seconds=self._draw.randrange(86_400)
        )
        match node:
            case mi.DateType():
                return moment.date().isoformat()
            case mi.DateTimeType(tz=zoned):
                return moment.isoformat() + ("Z" if zoned else "")
            case mi.TimeType(tz=zoned):
                return moment.time().isoformat() + ("Z" if zoned else "")
            case mi.TimeDeltaType():
                return f"PT{self._draw.randrange(86_400)}S"
            case mi.UUIDType():
                return str(uuid.UUID(int=self._draw.getrandbits(128), version=4))
            case _:
                return self._compound(node, place, depth)

    def _compound(self, node: mi.Type, place: str, depth: int) -> object:
        match node:
            case mi.SetType() | mi.FrozenSetType():
                return self._items(node, place, depth, distinct=True)
            case mi.ListType() | mi.VarTupleType():
                return self._items(node, place, depth, distinct=False)
            case mi.TupleType(item_types=types):
                return [
                    self.make(each, f"{place}[{index}]", depth + 1)
                    for index, each in enumerate(types)
                ]
            case mi.DictType():
                return self._pairs(node, place, depth)
            case mi.StructType():
                return self._struct(node, place, depth)
            case mi.DataclassType(fields=fields) | mi.TypedDictType(fields=fields):
                return self._fields(fields, place, depth)
            case mi.NamedTupleType(fields=fields):
                return [self.make(each.type, f"{place}.{each.name}", depth + 1) for each in fields]
            case _:
                raise Unmakeable(f"{place}: no value is known for {type(node).__name__}")

    def _one_of(self, types: Sequence[mi.Type], depth: int) -> mi.Type:
        if depth < DEEP:
            return self._draw.choice(types)
        return min(types, key=_weight)

    # --- leaves ---------------------------------------------------------------------------------

    def _text(self, least: int, most: int) -> str:
        return "".join(self._draw.choices(LETTERS, k=self._draw.randint(least, most)))

    def _matching(self, node: mi.StrType, expression: str, place: str) -> str:
        try:
            pattern = self._patterns.get(expression)
            if pattern is None:
                pattern = self._patterns[expression] = Pattern(expression)
            return pattern.make(self._draw, node.min_length or 0, node.max_length)
        except Unmakeable as error:
            raise Unmakeable(f"{place}: {error}") from None

    def _integer(self, node: mi.IntType, place: str) -> int:
        step = int(node.multiple_of or 1)
        low = node.ge if node.ge is not None else None if node.gt is None else node.gt + 1
        high = node.le if node.le is not None else None if node.lt is None else node.lt - 1
        if low is None:
            low = -REACH if high is None else high - REACH * step
        if high is None:
            high = max(REACH, low + REACH * step)
        first, last = math.ceil(low / step), math.floor(high / step)
        if first > last:
            raise Unmakeable(f"{place}: no whole number is within its bounds")
        return step * self._draw.randint(first, last)

    def _float(self, node: mi.FloatType) -> float:
        low = node.ge if node.ge is not None else node.gt
        high = node.le if node.le is not None else node.lt
        if low is None:
            low = -REACH if high is None else high - REACH
        if high is None:
            high = max(REACH, low + REACH)
        if node.multiple_of:
            first, last = math.ceil(low / node.multiple_of), math.floor(high / node.multiple_of)
            return node.multiple_of * self._draw.randint(first, max(first, last))
        drawn = self._draw.uniform(low, high)
        excluded = drawn == node.gt or drawn == node.lt
        return (low + high) / 2 if excluded else drawn

    # --- what holds others ----------------------------------------------------------------------

    def _items(
        self, node: mi.CollectionType, place: str, depth: int, *, distinct: bool
    ) -> list[object]:
        least, most = _bounds(node.min_length, node.max_length, 3)
        count = least if depth >= DEEP else self._draw.randint(least, most)
        items: list[object] = []
        for _ in range(count + TRIES * distinct):
            if len(items) < count:
                item = self.make(node.item_type, f"{place}[]", depth + 1)
                if not distinct or item not in items:
                    items.append(item)
        if len(items) < least:
            raise Unmakeable(f"{place}: {least} items that differ were not found")
        return items

    def _pairs(self, node: mi.DictType, place: str, depth: int) -> dict[str, object]:
        least, most = _bounds(node.min_length, node.max_length, 3)
        count = least if depth >= DEEP else self._draw.randint(least, most)
        pairs: dict[str, object] = {}
        for _ in range(count + TRIES):
            if len(pairs) < count:
                key = str(self.make(node.key_type, f"{place}[key]", depth + 1))
                pairs[key] = self.make(node.value_type, f"{place}[]", depth + 1)
        if len(pairs) < least:
            raise Unmakeable(f"{place}: {least} keys that differ were not found")
        return pairs

    def _struct(self, node: mi.StructType, place: str, depth: int) -> object:
        if not node.array_like:
            tag = {node.tag_field: node.tag} if node.tag_field else {}
            return {**tag, **self._fields(node.fields, place, depth)}
        tags = [] if node.tag is None else [node.tag]
        return tags + [
            self.make(each.type, f"{place}.{each.name}", depth + 1) for each in node.fields
        ]

    def _fields(self, fields: Iterable[mi.Field], place: str, depth: int) -> dict[str, object]:
        made: dict[str, object] = {}
        for field in fields:
            if field.required or (depth < DEEP and self._draw.random() < 0.5):
                made[field.encode_name] = self.make(field.type, f"{place}.{field.name}", depth + 1)
        return made


def _bounds(least: int | None, most: int | None, usual: int) -> tuple[int, int]:
    low = least or 0
    return low, min(most, max(usual, low)) if most is not None else low + usual


def _weight(node: mi.Type) -> int:
    """How soon a type ends, the sooner the less."""
    match node:
        case mi.Metadata(type=inner):
            return _weight(inner)
        case mi.NoneType():
            return 0
        case mi.CollectionType() | mi.DictType():
            return 2
        case mi.StructType(fields=fields) | mi.DataclassType(fields=fields):
            return 3 + len(fields)
        case mi.TypedDictType() | mi.NamedTupleType() | mi.TupleType():
            return 3
        case _:
            return 1
