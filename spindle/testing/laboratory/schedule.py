"""A schedule: all that was decided in a run, so that the run can be had again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from spindle._core.errors import UsageError

__all__ = ["Injection", "Interleaving", "Schedule"]

Interleaving: TypeAlias = Literal["batches", "free"]
"""How far tasks may be interleaved.

`batches`: as trio does it, which lets each task that can run take one step before any takes two.
`free`: any task that can run may be next, as often as it likes.
"""

NAME: Final = r"[A-Za-z_][\w.-]*"
_TOKEN: Final = re.compile(
    rf"v1:(batches|free):((?:\d+=\d+(?:,\d+=\d+)*)?):((?:{NAME}@\d+(?:,{NAME}@\d+)*)?)"
)


@dataclass(frozen=True, order=True)
class Injection:
    """Something that is done to the program at one point of its run."""

    point: int
    """Points are counted from 1: one before and one after each step of a task, one before each
    input of a page."""
    origin: str
    """What is done: its name in the table of origins, or one that the scenario offers."""

    def __str__(self) -> str:
        return f"{self.origin}@{self.point}"


@dataclass(frozen=True)
class Schedule:
    """Which task ran when there was a choice, and what was done to the program."""

    interleaving: Interleaving = "batches"
    picks: Mapping[int, int] = field(default_factory=dict[int, int])
    """By the number of the choice, from 0, what was picked where that was not the first, which is
    the task that was started first."""
    injections: tuple[Injection, ...] = ()

    @property
    def token(self) -> str:
        """The schedule as one word: `v1:batches:3=1,17=2:page@41`."""
        picks = ",".join(f"{number}={pick}" for number, pick in sorted(self.picks.items()))
        return f"v1:{self.interleaving}:{picks}:{','.join(map(str, sorted(self.injections)))}"

    @classmethod
    def parse(cls, token: str) -> Schedule:
        """Read a token.

        Raises:
            UsageError: it is none.
        """
        match = _TOKEN.fullmatch(token) if isinstance(token, str) else None
        if match is None:
            raise UsageError(
                f"{token!r} is not the token of a schedule: copy it whole from the report, it "
                f"looks like 'v1:batches:3=1,17=2:page@41'"
            )
        interleaving, picks, injections = match.groups()
        assert interleaving in get_args(Interleaving)
        return cls(
            "free" if interleaving == "free" else "batches",
            {int(at): int(pick) for at, pick in _pairs(picks, "=")},
            tuple(sorted(Injection(int(at), origin) for origin, at in _pairs(injections, "@"))),
        )

    def __str__(self) -> str:
        return self.token


def _pairs(text: str, sign: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for each in text.split(",") if text else ():
        left, _, right = each.partition(sign)
        pairs.append((left, right))
    return pairs
