"""Texts that match a simple regular expression.

Literals, `.`, classes, groups, alternatives, repetitions and anchors are understood; look-around,
back references and flags are not. What was made is checked against the expression itself, so that
what is not understood is never sent.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable
from typing import Final, TypeAlias

from spindle.stress.making.errors import Unmakeable

__all__ = ["Pattern"]

Piece: TypeAlias = Callable[[random.Random], str]

PRINTABLE: Final = string.ascii_letters + string.digits + " -_.,:;!?()"
CLASSES: Final = {
    "d": string.digits,
    "w": string.ascii_letters + string.digits + "_",
    "s": " ",
    "D": string.ascii_letters + "-",
    "W": " -.",
    "S": string.ascii_letters + string.digits,
}
ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r"}
MORE: Final = 4
"""How many times more than it must a repetition without an end is repeated."""
TRIES: Final = 20


class Pattern:
    """Makes texts that a regular expression finds.

    Raises:
        Unmakeable: the expression is not a simple one.
    """

    def __init__(self, expression: str) -> None:
        self._expression = re.compile(expression)
        self._made = _Parser(expression).whole()

    def make(self, draw: random.Random, least: int = 0, most: int | None = None) -> str:
        """Make one, `least` to `most` characters long.

        Raises:
            Unmakeable: none of some that were tried fits.
        """
        for _ in range(TRIES):
            text = self._made(draw)
            if len(text) < least:
                text += "".join(draw.choices(string.ascii_letters, k=least - len(text)))
            if (most is None or len(text) <= most) and self._expression.search(text):
                return text
        raise Unmakeable(f"no text was found that matches the pattern {self._expression.pattern!r}")


class _Parser:
    """Reads an expression from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def whole(self) -> Piece:
        made = self._alternatives()
        if self._at < len(self._text):
            raise self._unknown()
        return made

    def _alternatives(self) -> Piece:
        branches = [self._sequence()]
        while self._took("|"):
            branches.append(self._sequence())
        return lambda draw: draw.choice(branches)(draw)

    def _sequence(self) -> Piece:
        pieces: list[Piece] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            pieces.append(self._repeated(self._one()))
        return lambda draw: "".join(piece(draw) for piece in pieces)

    def _one(self) -> Piece:
        char = self._next()
        match char:
            case "^" | "$":
                return lambda draw: ""
            case ".":
                return _any_of(PRINTABLE)
            case "(":
                return self._group()
            case "[":
                return _any_of(self._set())
            case "\\":
                return self._escape()
            case "*" | "+" | "?":
                raise self._unknown()
            case _:
                return lambda draw: char

    def _group(self) -> Piece:
        if self._took("?") and not (self._took(":") or self._named()):
            raise self._unknown()
        inside = self._alternatives()
        if not self._took(")"):
            raise self._unknown()
        return inside

    def _named(self) -> bool:
        name = re.compile(r"P<\w+>").match(self._text, self._at)
        if name is not None:
            self._at = name.end()
        return name is not None

    def _escape(self) -> Piece:
        char = self._next()
        if char in "AZz":
            return lambda draw: ""
        return _any_of(self._class(char))

    def _class(self, char: str) -> str:
        if char in CLASSES:
            return CLASSES[char]
        if char.isalnum() and char not in ESCAPED:
            raise self._unknown()
        return ESCAPED.get(char, char)

    def _set(self) -> str:
        negated = self._took("^")
        found = ""
        while not self._took("]") or not found:
            found += self._members()
        if not negated:
            return found
        left = "".join(char for char in PRINTABLE if char not in found)
        if not left:
            raise self._unknown()
        return left

    def _members(self) -> str:
        char = self._next()
        if char == "\\":
            return self._class(self._next())
        if self._text[self._at : self._at + 1] == "-" and self._text[
            self._at + 1 : self._at + 2
        ] not in ("]", ""):
            self._at += 1
            last = self._next()
            return "".join(map(chr, range(ord(char), ord(last) + 1)))
        return char

    def _repeated(self, piece: Piece) -> Piece:
        bounds = self._bounds()
        if bounds is None:
            return piece
        self._took("?")  # lazy: the same texts
        least, most = bounds

        def repeat(draw: random.Random) -> str:
            return "".join(piece(draw) for _ in range(draw.randint(least, most)))

        return repeat

    def _bounds(self) -> tuple[int, int] | None:
        for sign, bounds in (("*", (0, MORE)), ("+", (1, 1 + MORE)), ("?", (0, 1))):
            if self._took(sign):
                return bounds
        counted = re.compile(r"\{(\d*)(,?)(\d*)\}").match(self._text, self._at)
        if counted is None:
            return None
        self._at = counted.end()
        low, comma, high = counted.groups()
        least = int(low or 0)
        return least, int(high) if high else least + MORE if comma else least

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise self._unknown()
        self._at += 1
        return self._text[self._at - 1]

    def _took(self, char: str) -> bool:
        taken = self._text.startswith(char, self._at)
        self._at += len(char) * taken
        return taken

    def _unknown(self) -> Unmakeable:
        return Unmakeable(f"the pattern {self._text!r} is not a simple one")


def _any_of(chars: str) -> Piece:
    return lambda draw: draw.choice(chars)
