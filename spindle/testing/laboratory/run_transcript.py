"""The transcript of a run: each step of a task, and between them what its pages did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from inspect import CORO_CLOSED, getcoroutinestate
from typing import TYPE_CHECKING

from spindle.testing.laboratory.scheduler import is_main
from spindle.testing.laboratory.waiting import coroutine_of, is_spindles_own, where
from spindle.testing.recording import line_of

if TYPE_CHECKING:
    import trio

    from spindle._core.journal import Entry, Journal
    from spindle._core.kernel.kernel import Kernel
    from spindle.testing.laboratory.witness import Witness

__all__ = ["RunTranscript"]


class RunTranscript:
    """Written while a run goes on, if anybody wants to read it."""

    def __init__(
        self, lines: list[str], witness: Witness, clock: Callable[[], float], *, wanted: bool
    ) -> None:
        """Begin.

        Args:
            lines: where it is written.
            witness: knows which task runs which spindle.
            clock: seconds of the run.
            wanted: whether anything is written at all.
        """
        self._lines = lines
        self._witness = witness
        self._clock = clock
        self.wanted = wanted
        self._names: dict[trio.lowlevel.Task, str] = {}
        self._became: dict[trio.lowlevel.Task, str] = {}
        self._times: Counter[str] = Counter()

    def say(self, text: str) -> None:
        """Write a line."""
        if self.wanted:
            self._lines.append(f"{self._clock():8.3f}  {text}")

    def took_a_step(self, task: trio.lowlevel.Task) -> None:
        """Write what became of a task in a step that it took, if that is new."""
        if not self.wanted or is_spindles_own(task):
            return
        if getcoroutinestate(task.coro) == CORO_CLOSED:
            became = "ends"
        else:
            became = f"waits {where(coroutine_of(task, self._witness))}".rstrip()
        if self._became.get(task) != became:
            self._became[task] = became
            self.say(f"{self.name(task)} {became}")

    def follow(self, kernel: Kernel) -> None:
        """Write what a page does."""
        if self.wanted:
            kernel.journal = _Lines(self.say, kernel.journal)

    def name(self, task: trio.lowlevel.Task) -> str:
        """What a task is called: by its function, with a number where there are more of it."""
        name = self._names.get(task)
        if name is None:
            path, bracket, instance = task.name.partition("[")
            function = path.rpartition(".")[2] + bracket + instance
            if is_main(task):
                function = "the scenario"
            self._times[function] += 1
            times = self._times[function]
            name = self._names[task] = function if times == 1 else f"{function} ({times})"
        return name


class _Lines:
    """A journal that writes its entries, and hands them on."""

    def __init__(self, say: Callable[[str], None], usual: Journal | None) -> None:
        self._say = say
        self._usual = usual

    def record(self, at: float, entry: Entry) -> None:
        self._say(f"    {line_of(entry)}")
        if self._usual is not None:
            self._usual.record(at, entry)
