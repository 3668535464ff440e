"""What a visitor types as a value of a field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
from msgspec import inspect as mi

from spindle._core.decoding.form_wording import NOT_TEXT, advice
from spindle._core.decoding.json_value import unsound

if TYPE_CHECKING:
    from spindle._core.decoding.shapes import Leaf

__all__ = ["Misread", "read_text"]

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_INTEGER = re.compile("[+-]?[0-9]+")
_NO_SECONDS = re.compile("(.+[T ])?[0-9]{2}:[0-9]{2}")


class Misread(Exception):
    """A text is no value of its field; the message is for the visitor."""


def read_text(leaf: Leaf, text: str) -> object:
    """Return the value that `text` spells.

    White space around anything but text is left out; text is kept as it was typed.

    Raises:
        Misread: it spells none.
    """
    if not text.isascii() and _SURROGATE.search(text):
        raise Misread(NOT_TEXT)
    typed = text if isinstance(leaf.node, mi.StrType) else text.strip()
    try:
        if leaf.options is not None:
            return leaf.options[text if text in leaf.options else typed]
        value: object = msgspec.convert(_READERS.get(type(leaf.node), str)(typed), leaf.form)
        if unsound(value):
            raise ValueError(value)
    except (ValueError, LookupError, msgspec.ValidationError):
        raise Misread(leaf.message or advice(leaf.node, typed)) from None
    return value


def _integer(typed: str) -> int:
    if not _INTEGER.fullmatch(typed):
        raise ValueError(typed)
    return int(typed)


def _float(typed: str) -> float:
    return float(_number(typed))


def _decimal(typed: str) -> Decimal:
    return Decimal(_number(typed))


def _number(typed: str) -> str:
    if not _NUMBER.fullmatch(typed):
        raise ValueError(typed)
    return typed


def _with_seconds(typed: str) -> str:
    """Browsers leave them out of times: 18:30."""
    return f"{typed}:00" if _NO_SECONDS.fullmatch(typed) else typed


_READERS: Mapping[type[mi.Type], Callable[[str], object]] = {
    mi.IntType: _integer,
    mi.FloatType: _float,
    mi.DecimalType: _decimal,
    mi.TimeType: _with_seconds,
    mi.DateTimeType: _with_seconds,
}
