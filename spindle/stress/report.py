"""What a run came to, as figures, as text and as JSON."""

from __future__ import annotations

import random
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from spindle._core.names import shortened
from spindle.stress.blame import is_of_the_page, parts_of, shown
from spindle.stress.process import megabytes
from spindle.stress.samples import Samples

__all__ = ["Failure", "Report"]

GROWTH: Final = 0.10
SLACK: Final = 12_000_000
"""How much the memory may have grown after the warm-up: a share of it, and bytes."""
SHOWN: Final = 20
"""So many kinds of violations and of failures are shown; the JSON has all."""
KINDS: Final = 1_000
"""Beyond so many kinds of violations those that are new are counted, not kept."""
HARDLY: Final = 0.25
"""A page that asks one thing is answered in half of all visits: with fewer there is no talk."""
TALK: Final = "Raise --patience, or with --path name a page that asks"
LABEL: Final = 23
KNOWN: Final = "_spindle_stress_knows"


class Failure(msgspec.Struct):
    """Errors of one kind that the page's own code raised."""

    kind: str
    count: int
    traceback: str
    """Of the first of them."""


class Report:
    """Figures, and everything that was wrong. Prints as a text.

    Args:
        what: was run.
        seed: of the run, with the chance of what is kept of very many durations.
        strict: whether failures of the page's own code are violations.
    """

    def __init__(self, what: str, seed: int, *, strict: bool = False) -> None:
        draw = random.Random(seed)
        self.what = what
        self.seed = seed
        self.strict = strict
        self.seconds = 0.0
        self.waves = 0
        """How many were begun."""
        self.over = False
        """Whether all of them have ended."""
        self.pages: Counter[str] = Counter()
        """How many have ended, by the way they were opened."""
        self.events = 0
        """How many were sent to pages."""
        self.conversations = 0
        """Questions of a page that were answered."""
        self.gone: dict[str, Samples] = {}
        """From asking for the end of a page to when nothing was left of it, by the same."""
        self.round_trip = Samples(draw)
        """Over a socket, from sending an event to hearing how it was settled."""
        self.memory_warm = 0
        self.memory_end = 0
        """Bytes of the process."""
        self.tasks_first = 0
        self.tasks_end = 0
        """Of the program, when each visitor has opened a page, and after the last wave."""
        self.failures: dict[str, Failure] = {}
        self.warnings: Counter[str] = Counter()
        self.violations: Counter[str] = Counter()
        """What was wrong, and how often."""
        self._draw = draw

    # --- noting ---------------------------------------------------------------------------------

    def ended(self, opened: str, took: float | None) -> None:
        """Count a page of which nothing is left, and how long that took, if that says anything."""
        self.pages[opened] += 1
        if took is not None:
            self.gone.setdefault(opened, Samples(self._draw)).add(took)

    def violated(self, what: str) -> None:
        """Note something that must not be."""
        known = what in self.violations or len(self.violations) < KINDS
        self.violations[what if known else "others"] += 1

    def failed(self, kind: str, text: str) -> None:
        """Note that the page's own code failed.

        Args:
            kind: short, the same for failures of one kind.
            text: the traceback.
        """
        failure = self.failures.setdefault(kind, Failure(kind, 0, text))
        failure.count += 1

    def raised(
        self, error: BaseException, where: str, expected: tuple[type[Exception], ...] = ()
    ) -> None:
        """Note an error, as a failure of the page's own code or as a violation; once, if often.

        Args:
            error: one, or a group.
            where: it was seen.
            expected: what is raised on purpose: it is noted as nothing, here and later.
        """
        for each in parts_of(error):
            if _is_known(each) or isinstance(each, expected):
                continue
            text = shown(each)
            if is_of_the_page(each):
                self.failed(_kind(each), text)
            else:
                self.violated(f"{where}: {text}")

    def judge_memory(self) -> None:
        """Note if the memory has grown by more than it may."""
        if self.memory_end > self.memory_allowed:
            self.violated(
                f"memory has grown from {megabytes(self.memory_warm)} to "
                f"{megabytes(self.memory_end)}"
            )

    # --- reading --------------------------------------------------------------------------------

    @property
    def clean(self) -> bool:
        """Whether nothing was wrong."""
        return not self.violations and not (self.strict and self.failures)

    @property
    def total(self) -> int:
        """How many pages have ended."""
        return self.pages.total()

    @property
    def memory_allowed(self) -> int:
        """Bytes that the process may have at the end."""
        return int(self.memory_warm * (1 + GROWTH) + SLACK)

    def rate(self, count: int) -> float:
        """Give how many a second that is."""
        return count / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def write(self, path: Path) -> None:
        """Write the figures to a file, as JSON.

        Raises:
            OSError: it cannot be written.
        """
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self._figures())) + b"\n")

    def _lines(self) -> Iterator[str]:
        kinds = ", ".join(f"{count:,} {opened}" for opened, count in self.pages.items())
        yield _line("run", f"{self.what}, seed {self.seed}")
        yield _line(
            "pages",
            f"{self.total:,} in {self.seconds:.1f} s, {self.rate(self.total):,.0f} a second",
        )
        yield _line("", kinds or "none")
        yield _line(
            "conversations",
            f"{self.conversations:,} questions answered, "
            f"{self.rate(self.conversations):,.0f} a second, {self.events:,} events sent",
        )
        if self.conversations < HARDLY * self.total:
            yield _line("", f"hardly any for so many pages. {TALK}")
        for opened, samples in self.gone.items():
            yield _line("from cancel to gone", f"{samples.figures()}  ({opened})")
        if self.round_trip.figures().count:
            yield _line("socket round trip", str(self.round_trip.figures()))
        yield _line(
            "memory",
            f"{megabytes(self.memory_warm)} after the warm-up, {megabytes(self.memory_end)} at the "
            f"end, {megabytes(self.memory_allowed)} allowed",
        )
        yield _line("tasks between waves", f"{self.tasks_first} at first, {self.tasks_end} at last")
        for text, count in self.warnings.most_common(SHOWN):
            yield _line("warned", f"{count:,} times: {text}")
        yield from self._failure_lines()
        yield _line("violations", f"{self.violations.total():,}")
        for text, count in self.violations.most_common(SHOWN):
            yield f"  - {text}" + (f" ({count:,} times)" if count > 1 else "")

    def _failure_lines(self) -> Iterator[str]:
        count = sum(failure.count for failure in self.failures.values())
        counted = (
            ""
            if not count
            else "; violations, as --strict says"
            if self.strict
            else ("; no violations without --strict")
        )
        yield _line("failures of the page", f"{count:,}{counted}")
        for failure in list(self.failures.values())[:SHOWN]:
            yield f"  - {failure.kind} ({failure.count:,} times), the first of them:"
            yield from (f"      {line}" for line in failure.traceback.splitlines())

    def _figures(self) -> dict[str, object]:
        return {
            "run": self.what,
            "seed": self.seed,
            "clean": self.clean,
            "seconds": self.seconds,
            "pages": dict(self.pages),
            "pages_a_second": self.rate(self.total),
            "events": self.events,
            "conversations": self.conversations,
            "conversations_a_second": self.rate(self.conversations),
            "cancel_to_gone_ms": {
                opened: samples.figures() for opened, samples in self.gone.items()
            },
            "socket_round_trip_ms": self.round_trip.figures(),
            "memory": {
                "warm": self.memory_warm,
                "end": self.memory_end,
                "allowed": self.memory_allowed,
            },
            "tasks": {"first": self.tasks_first, "end": self.tasks_end},
            "warnings": dict(self.warnings),
            "failures": list(self.failures.values()),
            "violations": dict(self.violations),
        }


def _line(label: str, text: str) -> str:
    return f"{label:<{LABEL}}{text}"


def _is_known(error: BaseException) -> bool:
    """Whether an error was noted before: what ends a page is said by the page, and raised by it."""
    known = hasattr(error, KNOWN)
    if not known:
        setattr(error, KNOWN, True)
    return known


def _kind(error: BaseException) -> str:
    """Name what failed, and where, without what differs from one failure to the next."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return shortened(type(error).__qualname__, 80) + where
