"""One run of a scenario under a schedule: played, and watched at every step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

import trio
import trio.testing

from spindle._core.kernel.groups import is_a, leaves
from spindle.testing.laboratory.clock import JumpingClock
from spindle.testing.laboratory.failures import failure_shown, is_failure, leaves_the_run
from spindle.testing.laboratory.judge import Judge
from spindle.testing.laboratory.leftovers import complaints
from spindle.testing.laboratory.origins import ORIGINS, NeighbourFailed
from spindle.testing.laboratory.run import Fault, Run
from spindle.testing.laboratory.run_transcript import RunTranscript
from spindle.testing.laboratory.schedule import Schedule
from spindle.testing.laboratory.scheduler import (
    GivenUp,
    Scheduler,
    is_trios_own,
    tasks_of_this_run,
)
from spindle.testing.laboratory.trial import Trial, Wishes
from spindle.testing.laboratory.waiting import who_waits
from spindle.testing.laboratory.witness import Witness

if TYPE_CHECKING:
    from spindle.testing.laboratory.guides import Guide
    from spindle.testing.laboratory.schedule import Injection
    from spindle.testing.laboratory.seams import Watcher
    from spindle.testing.laboratory.settings import Settings
    from spindle.testing.laboratory.witness import Page

__all__ = ["Experiment", "Scenario"]

Scenario: TypeAlias = Callable[[Trial], Awaitable[object]]
"""What is run again and again: an async function of a trial."""

PATIENCE: Final = 2000
"""How many points a run that went wrong may take to come to an end of its own."""


class Experiment(trio.abc.Instrument):
    """Plays a scenario once. For trio it is an instrument, which is told of each step."""

    def __init__(
        self,
        scenario: Scenario,
        guide: Guide,
        injections: Sequence[Injection],
        settings: Settings,
        watcher: Watcher,
        *,
        tell: bool = False,
    ) -> None:
        """Prepare a run.

        Args:
            scenario: what is run.
            guide: decides where there is a choice.
            injections: what is done to it, and when.
            settings: how it is judged.
            watcher: tells of its pages.
            tell: whether to write a transcript.
        """
        self._scenario = scenario
        self._guide = guide
        self._due = sorted(injections, reverse=True)
        self._settings = settings
        self._watcher = watcher
        self.witness = Witness()
        self._run = Run(Schedule(settings.interleaving, {}, tuple(sorted(injections))))
        self._scheduler = Scheduler(self.choose, settings.interleaving)
        self._clock = JumpingClock(self._is_stuck)
        self._transcript = RunTranscript(
            self._run.transcript, self.witness, self._clock.current_time, wanted=tell
        )
        self._wishes = Wishes()
        self._armed = False
        self._late: int | None = None
        """How many steps were taken since the scenario is over."""
        self._raised: Exception | None = None
        self._broken: BaseException | None = None
        self._gives_up_at = 0
        self._was_cancelled = False
        """Whether somebody may wait for who was cancelled."""
        self.around = trio.CancelScope()
        self.nursery: trio.Nursery
        self.stepping: trio.lowlevel.Task | None = None
        self.point = 0
        self._judge = Judge(
            settings, self.witness, self._wishes, self._fault, injected=bool(injections)
        )

    def play(self) -> Run:
        """Run it to its end, and judge it.

        If something is wrong it may leave tasks and coroutines that nobody will ever finish: they
        are to be collected when this object is gone.
        """
        self._watcher.begin(self.witness, self._page_was_opened)
        try:
            with self._scheduler.at_work(), complaints() as heard:
                self._play()
        finally:
            self._watcher.end()
        if self._broken is not None:
            if not isinstance(self._broken, Exception):
                self._broken.__traceback__ = None  # it holds all the tasks of the run
            raise self._broken
        run = self._run
        if heard and not run.faults:
            self._fault("no-complaint", heard[0])
        if not run.faults:
            self._judge.at_the_end(self._raised)
        if run.faults and run.faults[0].name == "scenario":
            run.error = self._raised
        picks = {number: pick for number, (pick, *_) in enumerate(run.choices) if pick}
        run.schedule = Schedule(self._settings.interleaving, picks, run.schedule.injections)
        run.points, run.pages = self.point, len(self.witness.pages)
        run.offers = tuple(self._wishes.offers)
        return run

    def forget(self) -> None:
        """Let go of all that has run, so that it can be collected while this object is held."""
        vars(self).clear()

    def _play(self) -> None:
        try:
            trio.run(self._main, clock=self._clock, instruments=[self])
        except trio.TrioInternalError as error:
            if isinstance(error.__cause__, GivenUp):
                error.__cause__.cut_off()
            else:
                self._fault("trio-is-intact", f"trio broke: {error.__cause__!r}")
        except BaseExceptionGroup as error:
            last = leaves_the_run(error)
            if last is not None:
                raise last from None
            if not all(is_a(each, NeighbourFailed) for each in leaves(error)):
                raise

    async def _main(self) -> None:
        before = trio.lowlevel.current_statistics().tasks_living
        async with trio.open_nursery() as self.nursery:
            try:
                with self.around:
                    self._armed = True
                    await self._scenario(Trial(self, self._wishes))
            except BaseException as error:  # noqa: ASYNC103 - what is no failure is raised
                if not is_failure(error):
                    raise
                self._raised = error
            finally:
                self._armed, self._late = False, 0
                with trio.CancelScope(shield=True):
                    await trio.testing.wait_all_tasks_blocked()
                self._judge.after_a_step(self._clock.current_time())
                left = trio.lowlevel.current_statistics().tasks_living - before
                if left:
                    self._fault("no-task-is-left", f"{left} are left:\n{self._who_waits()}")

    # --- for the trial and the scheduler --------------------------------------------------------

    def choose(self, options: Sequence[object]) -> int:
        """Let the guide pick one of several, and keep what it picks."""
        if len(options) == 1 or not self._armed:
            return 0
        choices = self._run.choices
        pick = self._guide.pick(options, len(choices))
        choices.append((pick, len(options), isinstance(options[0], trio.lowlevel.Task)))
        return pick

    def say(self, text: str) -> None:
        """Put a line into the transcript."""
        self._transcript.say(text)

    # --- steps ----------------------------------------------------------------------------------

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """See `trio.abc.Instrument`."""
        if self._armed and not is_trios_own(task):
            self.stepping = task
            with self._trio_would_swallow():
                self._at_a_point()

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        """See `trio.abc.Instrument`."""
        with self._trio_would_swallow():
            self._clock.somebody_ran()
            if self._armed and not is_trios_own(task):
                self._transcript.took_a_step(task)
                self._judge.after_a_step(self._clock.current_time())
                self._at_a_point()
            elif self._late is not None:
                self._late += 1
                if self._late == PATIENCE and not self._run.faults:
                    self._fault("it-ends", f"tasks go on when it is over:\n{self._who_waits()}")
                if self._late >= PATIENCE:
                    self._scheduler.give_up()
            self._scheduler.step_is_done()

    @contextmanager
    def _trio_would_swallow(self) -> Generator[None]:
        """Keep what an instrument raises: trio would write it to its log and go on without it."""
        try:
            yield
        except BaseException as error:  # noqa: ASYNC103 - raised when the run is over
            self._broken = self._broken or error
            self._scheduler.give_up()

    def _at_a_point(self) -> None:
        self.point += 1
        while self._due and self._due[-1].point == self.point:
            self._inject(self._due.pop())
        if self._run.faults:
            self._expect_an_end()
        elif self.point > 2 * self._settings.steps:
            self._fault("it-ends", f"it goes on after {self._settings.steps:,} steps")

    def _inject(self, injection: Injection) -> None:
        self.say(f"--- {injection.origin} ---")
        offered = self._wishes.offers.get(injection.origin)
        try:
            if offered is not None:
                offered()
            elif injection.origin in ORIGINS:
                self._was_cancelled = True
                ORIGINS[injection.origin](self)
        except BaseException as error:  # noqa: ASYNC103 - what is no failure is raised
            if not is_failure(error):
                raise
            if not self._judge.excuses(error):
                self._fault("injection", f"{injection} raised {failure_shown(error)}")

    def _page_was_opened(self, page: Page) -> None:
        usual = page.driver.post

        def post(apply: Callable[..., None], *args: object) -> None:
            if self._armed:
                self._at_a_point()
            usual(apply, *args)

        page.driver.post = post  # type: ignore[method-assign]
        self._transcript.follow(page.kernel)

    # --- when it goes wrong ---------------------------------------------------------------------

    def _fault(self, name: str, text: str) -> None:
        self._run.faults.append(Fault(name, text, self.point))
        if len(self._run.faults) == 1:
            self.say(f"!!! {name}")
            self._gives_up_at = self.point + PATIENCE
            self.around.cancel()

    def _expect_an_end(self) -> None:
        """A run that went wrong is cancelled; if that does not end it, it is given up."""
        if self.point > self._gives_up_at:
            self._scheduler.give_up()

    def _is_stuck(self) -> None:
        """No task can run, and there is no deadline."""
        if self.around.cancel_called:
            if not self._run.faults:
                waits = self._who_waits()
                self._fault("all-can-be-cancelled", f"it is cancelled and does not end:\n{waits}")
            raise GivenUp(tasks_of_this_run())
        if not self._was_cancelled or any(map(_forgets_somebody, self.witness.pages)):
            self._fault("no-deadlock", f"nothing goes on:\n{self._who_waits()}")
        # Who waits for somebody that was cancelled may wait for ever: who runs it leaves it then.
        self.say("--- nothing goes on: the scenario is left ---")
        self.around.cancel()

    def _who_waits(self) -> str:
        return who_waits(self.witness, self._transcript.name)


def _forgets_somebody(page: Page) -> bool:
    """Whether a page has something to do and does not do it."""
    driver = page.driver
    busy = page.kernel.ready or driver.inputs or page.kernel.cascade is not None
    return bool(busy) and driver.holder is None and not driver.resting and not driver.paused
