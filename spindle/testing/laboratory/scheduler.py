"""What is private to trio: which task runs next, who waits, and how a run is given up.

All that the laboratory needs of it is in this file. Verified with the versions below, by the test
of this file; others are refused with a message.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import ctypes
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import trio
from trio._core import _run as run

from spindle._core.errors import UsageError

if TYPE_CHECKING:
    from spindle.testing.laboratory.schedule import Interleaving

__all__ = [
    "VERIFIED_WITH",
    "GivenUp",
    "Scheduler",
    "check_version",
    "is_main",
    "is_trios_own",
    "somebody_waits_for_a_thread",
    "somebody_waits_until_all_are_blocked",
    "tasks_of_this_run",
]

VERIFIED_WITH: Final = ("0.31", "0.32", "0.33", "0.34", "0.35")

TIMES: Final = 3
"""How often a coroutine is closed that does not want to be."""

Pick = Callable[[list[trio.lowlevel.Task]], int]
"""Which of several tasks runs next: its index."""


class GivenUp(BaseException):
    """Ends a run from inside of trio, where nothing else does."""

    def __init__(self, tasks: list[trio.lowlevel.Task]) -> None:
        super().__init__()
        self.tasks = tasks
        """Those that are left in the middle."""
        self._runner = run.GLOBAL_RUN_CONTEXT.runner

    def cut_off(self) -> None:
        """Close the coroutines of the tasks, the youngest first; keep those that cannot be closed.

        As if the run went on: outside of one trio's functions raise where they would wait, and code
        that passes over whatever is raised, and tries again, would do so for ever.
        """
        context = run.GLOBAL_RUN_CONTEXT
        context.runner = self._runner
        try:
            for task in reversed(self.tasks):
                context.task = task
                _close(task)
        finally:
            context.__dict__.clear()


def _close(task: trio.lowlevel.Task) -> None:
    for _ in range(TIMES):
        try:
            task.coro.close()
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: ASYNC103 - of a task that nobody waits for
            continue  # noqa: ASYNC104
        return
    # Python would close it once more when it is collected, where it may well go on for ever.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(task.coro))


def check_version(version: str) -> None:
    """Refuse a trio that the laboratory was not verified with.

    Raises:
        UsageError: it was not.
    """
    if version.rpartition(".")[0] not in VERIFIED_WITH:
        known = ", ".join(VERIFIED_WITH)
        raise UsageError(
            f"the laboratory decides which task of trio runs next, which trio has no public way "
            f"for: it was verified with trio {known}, and this is {version}. Install one of those "
            f"to run it; nothing else of Spindle is concerned"
        )


class Scheduler:
    """Takes trio's place in deciding which task runs next.

    For trio it is the source of chance by which it shuffles each batch of tasks that can run.
    """

    def __init__(self, pick: Pick, interleaving: Interleaving) -> None:
        self._pick = pick
        self._is_free = interleaving == "free"
        self._batch: list[trio.lowlevel.Task] = []
        self._given_up = False

    @contextmanager
    def at_work(self) -> Generator[None]:
        """Decide for the runs that are started in this block."""
        was = run._r, run._ALLOW_DETERMINISTIC_SCHEDULING
        run._r, run._ALLOW_DETERMINISTIC_SCHEDULING = self, True  # type: ignore[assignment,misc]
        try:
            yield
        finally:
            run._r, run._ALLOW_DETERMINISTIC_SCHEDULING = was  # type: ignore[misc]

    def shuffle(self, batch: list[trio.lowlevel.Task]) -> None:
        """Arrange a batch, which trio takes from the end; it has sorted it by age."""
        if self._given_up:
            raise GivenUp(tasks_of_this_run())
        if self._is_free:
            self._batch = batch
            self._put_next_last()
        elif len(batch) > 1:
            arranged: list[trio.lowlevel.Task] = []
            while len(batch) > 1:
                arranged.append(batch.pop(self._pick(batch)))
            batch.extend(reversed(arranged))

    def step_is_done(self) -> None:
        """Where interleaving is free: let those that can run since then be among the next."""
        if not self._is_free or self._given_up:
            return
        runner = run.GLOBAL_RUN_CONTEXT.runner
        if runner.deadlines.next_deadline() <= runner.clock.current_time():
            # Trio looks at the deadlines between batches only.
            runner.runq.extend(self._batch)
            self._batch.clear()
            return
        if runner.runq:
            self._batch.extend(runner.runq)
            runner.runq.clear()
            self._batch.sort(key=lambda task: task._counter)
        self._put_next_last()

    def _put_next_last(self) -> None:
        if len(self._batch) > 1:
            self._batch.append(self._batch.pop(self._pick(self._batch)))

    def give_up(self) -> None:
        """End the run, whatever goes on: nothing but trio itself could catch what is raised."""
        self._given_up = True
        self._batch.clear()

    def random(self) -> float:
        """Asked by trio where it does not shuffle."""
        return 1.0

    def uniform(self, low: float, high: float) -> float:
        """Asked by trio's own clock for a beginning."""
        return low


def is_trios_own(task: trio.lowlevel.Task) -> bool:
    """Whether it is one of the tasks that trio needs itself."""
    runner = run.GLOBAL_RUN_CONTEXT.runner
    return task is runner.init_task or task.name == "<TrioToken.run_sync_soon task>"


def is_main(task: trio.lowlevel.Task) -> bool:
    """Whether it is the one in which the scenario was begun."""
    return task is run.GLOBAL_RUN_CONTEXT.runner.main_task


def somebody_waits_until_all_are_blocked() -> bool:
    """Whether a task is in `wait_all_tasks_blocked`."""
    return bool(run.GLOBAL_RUN_CONTEXT.runner.waiting_for_idle)


def somebody_waits_for_a_thread() -> bool:
    """Whether a function runs in a thread."""
    return trio.to_thread.current_default_thread_limiter().borrowed_tokens > 0


def tasks_of_this_run() -> list[trio.lowlevel.Task]:
    """All tasks, trio's own too, those that were started first first."""
    root = trio.lowlevel.current_root_task()
    tasks: list[trio.lowlevel.Task] = []
    left = [] if root is None else [root]
    while left:
        task = left.pop()
        tasks.append(task)
        for nursery in task.child_nurseries:
            left.extend(nursery.child_tasks)
    return sorted(tasks, key=lambda task: task._counter)
