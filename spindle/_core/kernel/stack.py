"""Where a suspended coroutine stands, for a reader."""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from inspect import iscoroutine, isgenerator
from itertools import islice
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["place_of", "place_of_code", "place_of_program", "stack_of"]

_OURS: Final = __file__.rpartition("kernel")[0]
"""The folder of operations and messages, whose own frames say nothing to a reader."""
OUTER: Final = 8
INNER: Final = 24
"""How many frames are shown of a stack that is longer than both together."""


def stack_of(coroutine: object) -> tuple[str, ...]:
    """The frames of a coroutine and of what it awaits, the outermost first.

    Each is given as `file:line function`. The middle of a very long stack is left out. What is
    awaited but not written in Python has no frame, and ends the walk.
    """
    frames = map(_shown, _frames(coroutine))
    outer = tuple(islice(frames, OUTER))
    inner: deque[str] = deque(maxlen=INNER)
    rest = 0
    for each in frames:
        inner.append(each)
        rest += 1
    left_out = (f"... {rest - INNER} more",) if rest > INNER else ()
    return (*outer, *left_out, *inner)


def place_of(coroutine: object) -> str:
    """Where a coroutine stands in code that is not Spindle's own: `file:line function`."""
    frames = list(_frames(coroutine))
    return _of_program(frames) or (_shown(frames[-1]) if frames else "its beginning")


def place_of_program(coroutine: object) -> str:
    """As `place_of`; empty if it is in no code but Spindle's own."""
    return _of_program(_frames(coroutine))


def place_of_code(code: CodeType) -> str:
    """Where a function is defined: `file:line function`."""
    return _shown_at(code, code.co_firstlineno)


def _of_program(frames: Iterable[FrameType]) -> str:
    innermost: FrameType | None = None
    for frame in frames:
        if not frame.f_code.co_filename.startswith(_OURS):
            innermost = frame
    return "" if innermost is None else _shown(innermost)


def _shown(frame: FrameType) -> str:
    return _shown_at(frame.f_code, frame.f_lineno)


@lru_cache(4096)
def _shown_at(code: CodeType, line: int) -> str:
    return f"{code.co_filename}:{line} {code.co_qualname}"


def _frames(coroutine: object) -> Iterator[FrameType]:
    each: Any = coroutine
    while each is not None:
        frame: FrameType | None
        if iscoroutine(each):
            frame, each = each.cr_frame, each.cr_await
        elif isgenerator(each):
            frame, each = each.gi_frame, each.gi_yieldfrom
        else:
            return
        if frame is None:
            return
        yield frame
