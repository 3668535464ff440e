"""One spindle, what it asks, and who waits for what it says next.

What touches the kernel for a coroutine without a page is here. It stands where a page has its
outbox, so that it hears of everything at once and in order, whether somebody reads or not. Fibers
of the spindle, and spindles that it forks, ask with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import trio

from spindle._core.errors import UnexpectedEvent, UsageError
from spindle._core.kernel.record import Unnamed
from spindle._core.kernel.wording import unexpected
from spindle._core.messages import Ask
from spindle._core.names import name_of, shown
from spindle._core.states import Cancelled, Completed, Notified, Suspended, Withdrawn, Yielded
from spindle._runtime.child import Child
from spindle._runtime.questions import Next, Questions
from spindle._runtime.results import Unread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spindle._core.kernel.record import SpindleFunction
    from spindle._core.kernel.waits import YieldWait
    from spindle._core.source import Source
    from spindle._core.states import Sent
    from spindle._runtime.ontrio import OnTrio
    from spindle._runtime.questions import Question
    from spindle._runtime.results import State

__all__ = ["Asking"]


class Asking(Unread):
    """A driver's one spindle: started, answered, and heard."""

    def __init__(self, driver: OnTrio, fn: SpindleFunction, args: tuple[object, ...]) -> None:
        super().__init__(driver)
        self._driver = driver
        self.record = driver.kernel.register(Unnamed, None, fn, args, {})
        self.started = self.ended = False
        self._questions = Questions()
        self._waiting: dict[Next, None] = {}

    @property
    def state(self) -> State[Any] | None:
        """How it ended, or what it asks first; None while it runs or was not started."""
        if self.record.outcome is not None:
            return self.record.outcome
        question = next(iter(self._questions), None)
        return None if question is None else Suspended(question.ask)

    @property
    def _leaving(self) -> Cancelled | None:
        """Why everything is being cancelled."""
        return self._driver.leaving or self._driver.kernel.stopping

    def start(self) -> None:
        """Let it run.

        Raises:
            UsageError: it was started already, or has ended.
        """
        name = self.record.name
        if self.record.outcome is not None:
            raise UsageError(f"{name} has ended: {shown(self.record.outcome)}")
        if self.started:
            raise UsageError(
                f"{name} was started already, which happens once: `await runner.run()` waits for "
                f"the state it is in next"
            )
        self.started = True
        self._driver.post(self._driver.kernel.launch, self.record)

    def answer(self, ask: Ask, answer: object) -> Next:
        """Answer a question.

        Returns:
            What comes of it.

        Raises:
            UnexpectedEvent: it does not ask that, or this does not answer it.
            UsageError: `ask` is not a question, or nothing was started.
        """
        self._check(ask)
        question = self._questions.named(ask)
        if question is None:
            raise self._stale(ask)
        wait = self._wait_of(question)
        if not isinstance(answer, tuple(wait.accepts)):
            raise unexpected(wait.record.root, [wait], answer, "resume()")
        answer = self._driver.as_kept(wait, answer)
        following = question.answered = Next()
        self._driver.post(self.take, question, wait, answer)
        if following.refused:
            raise self._stale(ask)  # a deadline was due, which has withdrawn it
        return following

    def next(self) -> Next:
        """The state it is in; while it runs, the one that follows."""
        following, state = Next(), self.state
        if state is None:
            self._waiting[following] = None
        else:
            following.settle(state)
        return following

    def forget(self, following: Next) -> None:
        """Tell it nothing any more."""
        self._waiting.pop(following, None)

    def refuse_itself(self, method: str) -> None:
        """Keep the spindle from waiting for itself.

        Raises:
            UsageError: its own task calls.
        """
        child = self.record.driven
        if isinstance(child, Child) and child.task is trio.lowlevel.current_task():
            name = self.record.name
            raise UsageError(f"{name} waits for itself: it called {method} of its own runner")

    # --- what the spindle says ------------------------------------------------------------------

    def put(self, *items: tuple[Source, Sent]) -> int:
        """Hear what it says, tell who waits, and keep it for who reads."""
        for item in items:
            self._hear(item)
        return self.room()

    def _hear(self, item: tuple[Source, Sent]) -> None:
        if self.ended:
            return  # only forks can have something to say still
        source, said = item
        match said:
            case Yielded(ask):
                announced = self._questions.announce(source, ask).ask
                super().put((source, Yielded(announced)))
                self._tell(Suspended(announced))
            case Withdrawn():
                question = self._questions.withdraw(source)
                if question.answered is not None:
                    question.answered.refuse(self._stale(question.ask))
                if self._leaving is None:  # of one that ends, the outcome says so
                    super().put((source, Withdrawn(question.ask)))
            case Notified():
                super().put(item)
            case _ if self._is_end(source, said):
                super().put(item)
                self.end()
                self.ended = True
                self._waiting |= dict.fromkeys(self._questions.clear())
                self._tell(said)
            case _:
                pass  # the end of a fork, which its handle tells

    def _is_end(self, source: Source, said: Sent) -> bool:
        """Whether this is its own; what it returned is told as a value that is the view's."""
        outcome = self.record.outcome
        is_told = isinstance(outcome, Completed) and isinstance(said, Completed)
        return said is outcome or (is_told and source == self.record.source)

    def _tell(self, state: State[Any]) -> None:
        waiting, self._waiting = self._waiting, {}
        for following in waiting:
            following.settle(state)

    # --- what it is told ------------------------------------------------------------------------

    def take_up(self, pending: Iterable[tuple[Source, Ask]]) -> None:
        """What it has done so far was told from a log: it asks these things now, or has ended."""
        self.started = self.record.launched
        for source, ask in pending:
            self._hear((source, Yielded(ask)))
        outcome = self.record.outcome
        if outcome is not None:
            self._hear((self.record.source, outcome))

    def take(self, question: Question, wait: YieldWait, answer: object) -> None:
        """Input: an answer came."""
        self._driver.flush()  # what was said before the answer does not follow it
        following = self._questions.take(question)
        number = question.source.yield_id
        if following is not None and number is not None:
            self._waiting[following] = None
            self._driver.kernel.answer(wait.record, number, answer)

    def _wait_of(self, question: Question) -> YieldWait:
        number = question.source.yield_id
        assert number is not None
        pending = (each.pending.get(number) for each in self._driver.kernel.live.values())
        return next(each for each in pending if each and each.source is question.source)

    def _check(self, ask: object) -> None:
        if isinstance(ask, Suspended):
            raise UsageError("resume() takes the question, not its state: pass `state.ask`")
        if isinstance(ask, type):
            kind = name_of(ask)
            raise UsageError(
                f"resume() takes the question that was asked, not its class: write "
                f"`case Suspended({kind}() as ask)` and pass `ask`"
            )
        if not isinstance(ask, Ask):
            raise UsageError(f"resume() takes a question and its answer, not {shown(ask)}")
        if not self.started and self.record.outcome is None:
            raise UsageError(
                f"{self.record.name} has not asked anything yet: call run() or run_nowait() first"
            )

    def _stale(self, ask: Ask) -> UnexpectedEvent:
        name, kind = self.record.name, name_of(type(ask))
        over = self.record.outcome or self._leaving
        if over is not None:
            return UnexpectedEvent(f"{name} asks {kind} no more: {shown(over)}")
        now = ", ".join(name_of(type(each.ask)) for each in self._questions) or "nothing"
        return UnexpectedEvent(
            f"{name} does not ask this {kind}: it was answered already or withdrawn, or is not the "
            f"object that Suspended(ask) carried. Now {name} asks {now}"
        )
