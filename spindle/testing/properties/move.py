"""What can be done to a page, as values that are made and written down."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from spindle._core.errors import hides_frames
from spindle.testing.source_code import as_source, names_in

if TYPE_CHECKING:
    from spindle.testing.properties.played_page import PlayedPage

__all__ = ["Move", "source_of_test"]

__tracebackhide__ = hides_frames

_MISSING: Final = object()


@dataclass(frozen=True)
class Move:
    """A call of one of the page's methods, perhaps many times."""

    method: str
    args: tuple[object, ...] = ()
    keywords: Mapping[str, object] = field(default_factory=dict[str, object])
    times: int = 1

    def make(self, page: PlayedPage) -> None:
        """Do it."""
        call: Callable[..., object] = getattr(page, self.method)
        for _ in range(self.times):
            call(*self.args, **self.keywords)

    def lines(self) -> list[str]:
        """Write it as Python."""
        given = [as_source(each) for each in self.args]
        given += [f"{name}={as_source(each)}" for name, each in self.keywords.items()]
        call = f"page.{self.method}({', '.join(given)})"
        return [call] if self.times == 1 else [f"for _ in range({self.times}):", f"    {call}"]


def source_of_test(
    name: str, given: Mapping[str, object], known: Mapping[str, object], moves: Sequence[Move]
) -> str:
    """Write a test that makes the moves.

    Args:
        name: of the test made by `play`, beside which this one is to stand.
        given: what that takes beside its page; what cannot be written, this one takes, too.
        known: the names that its module has.
        moves: what is done.
    """
    taken = [each for each, value in given.items() if not _is_expression(as_source(value))]
    passed = [f"{each}={each if each in taken else as_source(given[each])}" for each in given]
    written = [value for each, value in given.items() if each not in taken]
    written += [value for move in moves for value in (*move.args, *move.keywords.values())]
    imports: dict[str, set[str]] = {}
    for value in written:
        for home, what in names_in(value):
            if known.get(what, _MISSING) is not vars(sys.modules[home]).get(what):
                imports.setdefault(home, set()).add(what)
    lines = [f"from {home} import {', '.join(sorted(imports[home]))}" for home in sorted(imports)]
    lines += ["", ""] if lines else []
    body = [f"        {line}" for move in moves for line in move.lines()] or ["        pass"]
    opened = f"    with {name}.page({', '.join(passed)}) as page:"
    return "\n".join([*lines, f"def {name}_again({', '.join(taken)}) -> None:", opened, *body])


def _is_expression(source: str) -> bool:
    try:
        ast.parse(source, mode="eval")
    except SyntaxError:
        return False
    return True
