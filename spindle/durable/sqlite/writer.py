"""The thread that has the file, and the tasks that wait for it.

All that waits when the thread is free is one transaction, and one flush to the disk: the more is
waiting, the less each of it costs. What is asked is done in the order of asking. Answers are given
when the transaction is committed, all at once, so nobody sees what is not kept yet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TypeVar

import outcome
import trio

from spindle._core.errors import SpindleError
from spindle.durable.errors import StoreClosed, StoreFailed
from spindle.durable.points import reach
from spindle.durable.sqlite.database import told

if TYPE_CHECKING:
    from spindle.durable.sqlite.database import Database
    from spindle.durable.store import Lease

__all__ = ["Job", "Writer"]

T = TypeVar("T")
MOST: Final = 1024
"""So many jobs in one transaction."""


class Job:
    """Something to be done in the thread, and the task that waits for it, if it still does."""

    __slots__ = ("outcome", "task", "what", "writes")

    def __init__(self, what: Callable[[Database], object] | None, writes: bool) -> None:
        self.what = what
        self.writes = writes
        self.task: trio.lowlevel.Task | None = None
        self.outcome: outcome.Outcome[Any] | None = None

    def do(self, database: Database) -> object:
        """Do it, in the thread."""
        database.settle()
        return None if self.what is None else self.what(database)

    def give_up(self, _: object) -> trio.lowlevel.Abort:
        """Let the task go: it is cancelled."""
        self.task = None
        return trio.lowlevel.Abort.SUCCEEDED


class _Append(Job):
    __slots__ = ("expected_head", "frames", "lease")

    def __init__(self, lease: Lease, expected_head: int, frames: list[bytes]) -> None:
        super().__init__(None, True)
        self.lease = lease
        self.expected_head = expected_head
        self.frames = frames

    def do(self, database: Database) -> None:
        database.append(self.lease, self.expected_head, self.frames)


class Writer:
    """Does jobs on a file, in a thread of its own.

    Args:
        open_database: opens the file; called in the thread.
    """

    def __init__(self, open_database: Callable[[], Database]) -> None:
        self._open = open_database
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._token = trio.lowlevel.current_trio_token()
        self._failure: str | None = None
        self._closing = False
        self._opened = Job(None, writes=False)
        self._ended = Job(None, writes=False)
        self._over = False

    async def start(self) -> None:
        """Start the thread, and wait until the file is open.

        Raises:
            Exception: whatever opening it has raised.
        """
        thread = threading.Thread(target=self._run, name="spindle store", daemon=True)
        with trio.CancelScope(shield=True):  # the thread cannot be told to stop opening it
            await self._wait(self._opened, thread.start)

    async def do(self, what: Callable[[Database], T], *, writes: bool = True) -> T:
        """Have something done, and return what came of it.

        Cancelled, it returns at once; what was asked is done all the same.

        Raises:
            StoreClosed: the file is closed, or about to be.
            StoreFailed: the file could not be written.
        """
        result: T = await self.carry_out(Job(what, writes))
        return result

    async def append(self, lease: Lease, expected_head: int, frames: list[bytes]) -> None:
        """Have frames appended: what `do` does, for what is done most."""
        await self.carry_out(_Append(lease, expected_head, frames))

    @trio.lowlevel.enable_ki_protection  # a task that is woken has to be waiting
    async def carry_out(self, job: Job) -> Any:
        """Have a job done."""
        await trio.lowlevel.checkpoint_if_cancelled()
        if self._closing:
            raise StoreClosed("the store is closed")
        job.task = trio.lowlevel.current_task()
        self._queue.put(job)
        return await trio.lowlevel.wait_task_rescheduled(job.give_up)

    async def close(self) -> None:
        """Do what was asked before, close the file, and wait until it is closed."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        with trio.CancelScope(shield=True):
            if self._over:
                await trio.lowlevel.checkpoint()
            else:
                await self._wait(self._ended, lambda: None)

    @trio.lowlevel.enable_ki_protection  # a task that is woken has to be waiting
    async def _wait(self, job: Job, start: Callable[[], None]) -> Any:
        job.task = trio.lowlevel.current_task()
        start()
        return await trio.lowlevel.wait_task_rescheduled(job.give_up)

    # ── In the trio thread, when a transaction has ended ─────────────────────────────────────────

    def _answer(self, jobs: list[Job]) -> None:
        for job in jobs:
            task, job.task = job.task, None
            came, job.outcome = job.outcome, None  # an error knows the frames that know the job
            if task is not None:
                trio.lowlevel.reschedule(task, came or outcome.Value(None))
            self._over = self._over or job is self._ended

    # ── In the thread of the file ────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        try:
            database = self._open()
        except BaseException as error:  # noqa: ASYNC103 - for the task that waits
            self._opened.outcome = outcome.Error(error)
            self._tell([self._opened])
            return  # noqa: ASYNC104
        self._tell([self._opened])
        last = False
        while not last:
            jobs, last = self._next()
            if jobs:
                reach("batch:taken")
                self._carry_out(database, jobs)
                self._tell(jobs)
                reach("batch:told")
                self._tidy(database)
        try:
            database.close(failed=self._failure is not None)
        except Exception as error:
            if self._failure is None:
                self._ended.outcome = outcome.Error(_failed(database, "closing it", error, False))
        self._tell([self._ended])

    def _next(self) -> tuple[list[Job], bool]:
        """Wait for a job, and take what waits behind it."""
        first = self._queue.get()
        jobs: list[Job] = []
        with suppress(Empty):
            while first is not None:
                jobs.append(first)
                if len(jobs) == MOST:
                    return jobs, False
                first = self._queue.get_nowait()
            return jobs, True
        return jobs, False

    def _carry_out(self, database: Database, jobs: list[Job]) -> None:
        if self._failure is not None:
            for job in jobs:
                job.outcome = outcome.Error(StoreFailed(self._failure))
            return
        writes = any(job.writes for job in jobs)
        doing = "beginning to write" if writes else "reading"
        in_doubt = False
        try:
            if writes:
                database.begin()
                doing = "writing"
            for job in jobs:
                try:
                    job.outcome = outcome.Value(job.do(database))
                except SpindleError as refusal:  # it is for who asked; all else is a failure
                    job.outcome = outcome.Error(refusal)
            if writes:
                database.settle()
                doing, in_doubt = "committing", True
                database.commit()
        except BaseException as error:  # noqa: ASYNC103 - for the tasks that wait
            for job in jobs:
                failed = _failed(database, doing, error, in_doubt)
                self._failure = failed.args[0]
                job.outcome = outcome.Error(failed)

    def _tidy(self, database: Database) -> None:
        if self._failure is None:
            try:
                database.tidy(idle=self._queue.empty())
            except Exception as error:
                failed = _failed(database, "bringing the log into the file", error, False)
                self._failure = failed.args[0]

    def _tell(self, jobs: list[Job]) -> None:
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(self._answer, jobs)


def _failed(database: Database, doing: str, error: BaseException, in_doubt: bool) -> StoreFailed:
    failed = StoreFailed(f"{database.path}: {doing} failed: {told(error)}", in_doubt=in_doubt)
    failed.__cause__ = error.with_traceback(None)  # its frames know of it
    return failed
