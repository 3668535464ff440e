"""Calls for which a fake has no answer: each has to be looked at by the test, or fails it.

The error alone is not enough. It is raised in the spindle, which may catch it, or end with it where
nobody looks.
"""

from __future__ import annotations

import weakref
from collections import deque
from itertools import takewhile
from typing import TYPE_CHECKING, Final, TypeVar, cast

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "Refusal",
    "error_of",
    "forget",
    "latest",
    "look_at",
    "parts_of",
    "refusal_of",
    "refuse",
    "told",
    "unseen",
    "unseen_by",
    "unseen_since",
]

E = TypeVar("E", bound=BaseException)

_LATEST: Final[deque[Refusal]] = deque(maxlen=1_000)
"""Those that no test has been asked about yet; bounded, for there may be nobody who asks."""

_KEY: Final = "spindle_refusal"

_MOST: Final = 10
"""How many are told at once."""


class Refusal(msgspec.Struct, eq=False):
    """A call that was refused."""

    fake: weakref.ref[object]
    text: str
    seen: bool = False
    """Whether the test has looked at it."""


def refuse(fake: object, call: str, advice: str) -> Refusal:
    """Remember that a call was refused; `advice` says what to write instead."""
    text = f"{call} was called, but nothing is scripted for it: {advice}"
    refusal = Refusal(weakref.ref(fake), text)
    _LATEST.append(refusal)
    return refusal


def error_of(refusal: Refusal) -> AssertionError:
    """What is raised where the call was made."""
    error = AssertionError(refusal.text)
    vars(error)[_KEY] = refusal
    return error


def refusal_of(error: BaseException | None) -> Refusal | None:
    """The refusal whose error this is."""
    found: Refusal | None = None if error is None else vars(error).get(_KEY)
    return found


def look_at(error: E) -> E:
    """The test gets this error, or a group with it: a refusal in it is seen. Gives it back."""
    for each in parts_of(error):
        look_at(each)
    refusal = refusal_of(error)
    if refusal is not None:
        refusal.seen = True
    return error


def parts_of(error: BaseException) -> tuple[BaseException, ...]:
    """What is in it, if it is a group."""
    if not isinstance(error, BaseExceptionGroup):
        return ()
    return cast("BaseExceptionGroup[BaseException]", error).exceptions


def unseen_by(given: Iterable[object]) -> list[Refusal]:
    """Those of these fakes, among other things, that the test has not looked at."""
    fakes = list(given)
    return [
        each for each in _LATEST if not each.seen and any(each.fake() is fake for fake in fakes)
    ]


def latest() -> Refusal | None:
    """The last one so far."""
    return _LATEST[-1] if _LATEST else None


def unseen_since(last: Refusal | None) -> list[Refusal]:
    """Those after one that the test has not looked at."""
    new = takewhile(lambda each: each is not last, reversed(_LATEST))
    return [each for each in new if not each.seen][::-1]


def unseen() -> str:
    """Those that no test has looked at, as a text; empty if there are none. Then they are seen."""
    return told([each for each in _LATEST if not each.seen])


def told(refusals: Sequence[Refusal]) -> str:
    """Tell of these, which are seen from now on; empty if there are none."""
    for each in refusals:
        each.seen = True
    texts = list(dict.fromkeys(each.text for each in refusals))
    if not texts:
        return ""
    more = [f"... and {len(texts) - _MOST:,} more"] if len(texts) > _MOST else []
    return "\n".join(
        [
            "a fake was called where nothing is scripted, and the test has not looked at that:",
            *texts[:_MOST],
            *more,
            "A test that means it says so: fake.expect_refused(method, ...)",
        ]
    )


def forget() -> None:
    """Another test begins."""
    _LATEST.clear()
