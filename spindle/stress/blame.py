"""Whose fault an error is: the page's own code, or Spindle's."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Final

from spindle._core.errors import SpindleError

__all__ = ["is_of_the_page", "parts_of", "shown"]

BENEATH: Final = {"h11", "markupsafe", "msgspec", "outcome", "trio", "trio_websocket", "wsproto"}
"""Packages that Spindle stands on; what passes through them only is no user's."""
SLIPS: Final = (TypeError, ValueError)
"""What a line of Spindle's raises when the page's code has given it something wrong to pass on."""
PAGES: Final = ("spindle.stress.builtin.", "spindle.testing.")
"""Where in Spindle pages and their backends are written."""


def parts_of(error: BaseException) -> Iterator[BaseException]:
    """List the errors of a group; one that is none is its own only part."""
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions  # pyright: ignore[reportUnknownMemberType] isinstance cannot tell
        else:
            yield one


def is_of_the_page(error: BaseException) -> bool:
    """Whether an error comes of the code of a page: what it raised, or did with Spindle wrongly.

    What was raised by a line of Spindle's own is Spindle's, unless it is one of its errors, or may
    come of what that line was given. Anything else is the page's if its traceback passes through
    code that is neither Spindle's, nor of what Spindle stands on.
    """
    modules = [_module(frame) for frame in _frames(error.__traceback__)]
    if not modules or isinstance(error, SpindleError):
        return True
    if _is_spindles(modules[-1]) and not isinstance(error, SLIPS):
        return False
    return any(map(_is_the_pages, modules))


def shown(error: BaseException) -> str:
    """Print an error with its traceback, from where the code of a page begins, if it is in it."""
    begins = error.__traceback__
    while begins is not None and not _is_the_pages(_module(begins.tb_frame)):
        begins = begins.tb_next
    lines = traceback.format_exception(type(error), error, begins or error.__traceback__)
    return "".join(lines).rstrip()


def _frames(traceback: TracebackType | None) -> Iterator[FrameType]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_the_pages(module: str) -> bool:
    return not _is_spindles(module) and not _is_beneath(module)


def _is_spindles(module: str) -> bool:
    return module.partition(".")[0] == "spindle" and not module.startswith(PAGES)


def _is_beneath(module: str) -> bool:
    root = module.partition(".")[0]
    return root in BENEATH or (root in sys.stdlib_module_names and root != "__main__")
