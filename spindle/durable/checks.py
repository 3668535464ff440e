"""What every store asks of its arguments, before anything waits.

What a file is asked to write must be what can be written: an argument that cannot would look like a
disk that fails, and end the store for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Final

from spindle._core.errors import UsageError
from spindle._core.names import is_wire_name, shown
from spindle._core.texts import plain_text
from spindle.durable.errors import NoSuchPage
from spindle.durable.store import PageStatus

__all__ = [
    "checked_bytes",
    "checked_frames",
    "checked_name",
    "checked_new_name",
    "checked_number",
    "checked_owner",
    "checked_status",
    "checked_time",
]

LONGEST_OWNER: Final = 200
LARGEST: Final = 1 << 62


def checked_new_name(page: str) -> str:
    """Return the name of a page to be.

    Raises:
        UsageError: it has blanks, control characters or more than 200 characters, or is empty.
    """
    if not is_wire_name(page):
        raise UsageError(
            f"a page is named by 1 to 200 characters without blanks and controls, not {shown(page)}"
        )
    return plain_text("a page's name", page)


def checked_name(page: str) -> str:
    """Return the name of a page that is there perhaps.

    Raises:
        NoSuchPage: no page can have it.
    """
    if issubclass(type(page), str) and not is_wire_name(name := str.__str__(page)):
        raise NoSuchPage(name)
    return plain_text("a page's name", page)


def checked_owner(owner: str) -> str:
    """Return who wants a page.

    Raises:
        UsageError: it cannot be printed, is empty, or longer than 200 characters.
    """
    name = plain_text("owner", owner)
    if not name.isprintable() or not 0 < len(name) <= LONGEST_OWNER:
        raise UsageError(f"an owner is named by 1 to 200 plain characters, not {shown(owner)}")
    return name


def checked_bytes(what: str, value: bytes) -> bytes:
    """Return bytes.

    Raises:
        UsageError: it is something else.
    """
    if type(value) is not bytes:
        raise UsageError(f"a store keeps bytes: {what} is {shown(value)}")
    return value


def checked_frames(frames: Sequence[bytes]) -> list[bytes]:
    """Return frames as a list.

    Raises:
        UsageError: some are something else than bytes.
    """
    kept = list(frames)
    for each in kept:
        if type(each) is not bytes:
            checked_bytes("a frame", each)
    return kept


def checked_number(what: str, value: int, least: int = -1) -> int:
    """Return the number of a frame, or of how many.

    Raises:
        UsageError: it is none.
    """
    if type(value) is not int or not least <= value < LARGEST:
        raise UsageError(f"{what} is a number from {least} on, not {shown(value)}")
    return value


def checked_time(what: str, value: float) -> float:
    """Return seconds.

    Raises:
        UsageError: it is no number.
    """
    if type(value) not in (int, float) or isnan(value):
        raise UsageError(f"{what} is a number of seconds, not {shown(value)}")
    return float(value)


def checked_status(status: PageStatus) -> PageStatus:
    """Return a status.

    Raises:
        UsageError: it is none.
    """
    if not isinstance(status, PageStatus):
        raise UsageError(f"a page is LIVE, PARKED or ENDED: see PageStatus, not {shown(status)}")
    return status
