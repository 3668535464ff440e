"""A hosted page that writes down what comes in.

What a hosted page does follows from its inputs alone, but for one thing: inputs come when they
come, and one that has waited long is let in although spindles can still run. How far these have got
by then is kept with the input, as a count of their steps, and the page is stopped there when its
log is told again. All else that depends on chance (rests, pauses for a slow view, spells) changes
no order, and neither happens nor is counted then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle._core.kernel.chance import seed_from
from spindle._core.kernel.record import AWAY, DONE
from spindle._core.kernel.restless import has_gone_on
from spindle._core.kernel.stepper import step
from spindle._core.kernel.turns import TURN_BOUND, Turns
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.replay.commands import Commands
from spindle._core.replay.described import described, kept_answer
from spindle._core.replay.inputs import Longer, Passed
from spindle._core.replay.log import Frame
from spindle._runtime.asking import Asking
from spindle._runtime.life_log import log_restless
from spindle._runtime.retold import Retold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import trio

    from spindle._core.contracts.block import Block
    from spindle._core.journal import Journal
    from spindle._core.kernel.record import Cause, Record
    from spindle._core.kernel.waits import YieldWait
    from spindle._core.limits import PageLimits
    from spindle._core.operations.port import Call
    from spindle._core.replay.inputs import Input
    from spindle._core.replay.log import Head, Log
    from spindle._runtime.timekeeper import Timekeeper

__all__ = ["LoggedHosted"]


class LoggedHosted(Retold):
    """See `Logged`. Calls that are away when all is told are made again, in their order."""

    def __init__(
        self,
        nursery: trio.Nursery,
        provide: Mapping[type, object],
        journal: Journal | None,
        log: Log,
        seed: int,
        *,
        blocks: tuple[type[Block], ...] | None = None,
        limits: PageLimits,
        keeper: Timekeeper | None = None,
        commands: Commands | None = None,
    ) -> None:
        commands = commands or Commands(journal)
        super().__init__(
            nursery,
            provide,
            commands,
            blocks=blocks,
            limits=limits,
            seed=seed_from(seed),
            keeper=keeper,
        )
        self.write_to(log, seed, commands)
        self._done = 0
        """How many steps were made since the last input."""
        self._spent = False
        """Whether a coroutine has used up its part of a turn since."""
        self._waited = 0
        """How many steps were made while an input waits."""
        self._own: list[tuple[Callable[..., None], tuple[object, ...]]] = []
        """What spindles have posted while the log is told, which is not told yet."""
        self._is_cut = False
        """Whether the log that was told ends in the middle of a turn."""
        self._away: list[tuple[Record, Call[Any]]] = []
        self._cut: list[Call[Any]] = []
        self.asked = []

    # --- in -------------------------------------------------------------------------------------

    def post(self, apply: Callable[..., None], *args: object) -> None:
        """Post an input, and keep a frame of it once it was applied."""
        if self._retelling is None:
            super().post(self._take_in, apply, args)
        else:
            self._own.append((apply, args))

    def look_at_the_clock(self) -> None:
        """See `OnTrio`; that the clock was looked at is no input, only what it finds due."""
        Turns.post(self, self.timer_was_set)

    def as_kept(self, wait: YieldWait, answer: object) -> object:
        """What is read of an answer when it was written to the log.

        Raises:
            UsageError: it cannot be.
        """
        self.check()
        number = wait.source.yield_id
        assert number is not None
        _, (_, _, found) = kept_answer(self.form, self.first, wait.record, number, answer)
        return found

    def _take_in(self, apply: Callable[..., None], args: tuple[Any, ...]) -> None:
        self.close_frame()
        self._begin_turn()
        said, args = self.described(apply, args)
        if said is not None and not self._log.fault:
            self.take_note(said, self._place())
        apply(*args)

    def described(
        self, apply: Callable[..., None], args: tuple[Any, ...]
    ) -> tuple[Input | None, tuple[Any, ...]]:
        """What the log says of an input, nothing if it changes nothing; and what it is applied to.

        Raises:
            UsageError: it cannot be kept.
        """
        what = getattr(apply, "__func__", None)
        if what is LoggedHosted.arrive:
            return Passed(args[0]), args
        if what is Asking.take:
            question, wait, answer = args
            record, number = wait.record, question.source.yield_id
            if record.state is DONE or record.root.pending.get(number) is not wait:
                return None, args
            return kept_answer(self.form, self.first, wait.record, number, answer)[0], args
        return described(apply, args, self.form, self.first)

    def _begin_turn(self) -> None:
        self.turn_steps = self._waited = 0
        self._spent = False
        self._commands.running = None

    def _place(self) -> int:
        """Where an input comes in that is applied now; see `Frame.early`."""
        early = 0 if self._is_settled else self._done + 1
        self._done = 0
        return early

    @property
    def _is_settled(self) -> bool:
        """Whether all is done that came of what came in; the page may have posted something."""
        from_outside = self._take_in, self.timer_was_set, self._tell_next
        return self.idle and (not self.inputs or self.inputs[0][1] in from_outside)

    @property
    def _is_under_way(self) -> bool:
        """Whether there is something that the frame of this moment is to have."""
        is_new = isinstance(self._input, Longer) and not self._done and not self._commands.noted
        return self._input is not None and not is_new

    def _frame_of(self, done: Input) -> Frame:
        commands, goes_on = self._commands.take(), not self._is_settled
        return Frame(self._came_at, done, commands, self._early, self._done, goes_on)

    def close_frame(self) -> None:
        """See `Logged`; who is cancelled and left is late so many seconds after this turn."""
        if self.kernel.overruns is not None and self.idle:
            self.kernel.overruns.settle()
        super().close_frame()

    def flush(self) -> None:
        """See `Turns`; the frame goes before what came of it."""
        if not self._pumping and self._is_settled:
            self.close_frame()
        if self._retelling is None:
            super().flush()
        else:
            self.heard()

    def make_room(self) -> None:
        """See `Turns`; a turn that says more than the view takes at a time has several frames."""
        goes_on = self._is_under_way
        if goes_on:
            self.close_frame()
        super().make_room()
        if goes_on and not self._is_settled:
            self._begin_turn()
            self.take_note(Longer(), self._place())

    def _admit(self) -> None:
        inputs, kernel = self.inputs, self.kernel
        assert inputs
        if self._comes_now:  # before what the page has posted itself
            told = next(each for each in inputs if each[1] == self._tell_next)
            inputs.remove(told)
            inputs.appendleft(told)
        at, apply, args = inputs[0]
        is_own = apply != self._take_in and apply != self.timer_was_set
        if self._retelling is None and not is_own:
            due = kernel.timers.next_at()
            if due is not None and due <= at:
                self._take_in(self.arrive, (due,))
                return
        inputs.popleft()
        if is_own:
            self._begin_turn()
        elif apply == self._take_in:
            kernel.arrive(at)
        apply(*args)

    @property
    def _comes_now(self) -> bool:
        """Whether, told again, the next input came here, in the middle of a turn."""
        upcoming = None if self._retelling is None else self._retelling.upcoming
        return bool(upcoming) and self._done + 1 >= (upcoming or 0)

    def _may_go_on(self) -> bool:
        assert self.inputs
        _, apply, _ = self.inputs[0]
        if self._comes_now or apply == self._tell_next:
            return not self._comes_now
        if apply != self._take_in and apply != self.timer_was_set:
            return self.turn_steps <= TURN_BOUND and not self._spent
        self._waited += 1
        return self._waited <= TURN_BOUND

    def _go_on_all_the_same(self) -> bool:
        if self.resting or self.leaving is None or self.kernel.stopping is not None:
            return False
        while self.kernel.cascade is not None:
            self.kernel.cascade_on()
        self._take_in(self.kernel.cancel_page, (self.leaving,))
        return True

    # --- steps ----------------------------------------------------------------------------------

    def resume(self, record: Record, /) -> None:
        """See `Turns`."""
        self._commands.running = record
        self._done += 1
        self.turn_steps += 1
        step(self, record)

    def step_done(self) -> bool:
        """See `OnTrio`; also told again, it stops where an input has come in."""
        self._done += 1
        self.turn_steps += 1
        if self.turn_steps >= TURN_BOUND or self.kernel.cascade is not None:
            return True
        self.be_busy()
        if self._retelling is not None:
            return self._done == self._retelling.upcoming
        return self.resting or len(self.kernel.out) >= self.mark

    def hold(self, record: Record, value: object, error: BaseException | None) -> None:
        """See `Turns`; whether an input waits makes no difference."""
        over = self.turn_steps >= TURN_BOUND
        if over:
            if self._retelling is None and has_gone_on(record, self.turn_steps):
                log_restless(self.kernel.name, record)
            self.turn_steps = 0
            self._waited, self._spent = TURN_BOUND, True
        else:
            self.turn_steps -= 1
            self._done -= 1
        self.kernel.hold(record, value, error, last=over)

    # --- told again -----------------------------------------------------------------------------

    def retell(self, head: Head, stand: Callable[[], None] | None = None) -> Iterator[None]:
        """Apply all that the log has, part by part. No call is made, nobody hears of anything.

        Args:
            head: with what the log begins.
            stand: lets it stand where that is, if it does not begin with the page.

        Raises:
            ReplayMismatch: the page does something else than it did.
        """
        telling = self.begin_retelling(head)
        if stand is not None:
            stand()
        if not telling.is_over:
            Turns.post(self, self._tell_next)
        while self._tells_on():
            yield
        self.close_frame()

    def _tells_on(self) -> bool:
        """Go on with what has rested; answers whether there was something."""
        if self._retelling is None or not self.resting or self._is_cut:
            return False
        self._retelling.check(self._done, self._commands.running)
        self.resting = False
        self.pump()
        return True

    def go_on(self, at: float) -> None:
        """All is told: what happens from now on is new.

        Args:
            at: what the page's clock shows now.
        """
        self.kernel.arrive(self._told_at)  # what the page has posted itself is of that moment
        self.end_retelling()
        self._opened_at = self._clock.current_time() - at
        if self._is_cut:
            self._is_cut = self.resting = False
            self._begin_turn()
            self.take_note(Longer(), self._place())
        own, self._own = self._own, []
        for each in own:
            self._line_up_own(self._take_in, each)
        if own:
            self.pump()
        away, self._away = self._away, []
        for record, call in away:
            if record.state is AWAY and record.call is call:
                self._call_again(record, call)
        self._cut.clear()
        self.asked.clear()
        if self.kernel.timers.next_at() is not None:
            self.timer_was_set()
        self.pump()

    def _tell_next(self) -> None:
        telling = self._retelling
        assert telling is not None
        self.heard()
        self.close_frame()
        if telling.is_over:
            self._is_cut = self.resting = True
            return
        self._begin_turn()
        self._done = 0
        for place, (apply, args) in enumerate(self._own):
            if telling.take(self, apply, args):
                del self._own[place]
                break
        else:
            telling.next(self)
        if telling.upcoming is not None:
            self._line_up(self._tell_next, ())

    def arrive(self, at: float) -> None:
        """Input: the deadline that is due next by then fires."""
        self.kernel.fire_due(at)

    def count_from_here(self) -> None:
        """See `Logged`; what was done in this turn so far is its resumption."""
        super().count_from_here()
        self._done = 1

    def interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """See `OnTrio`. The log ends before the input that led there."""
        self._log.fault = (
            "this page was interrupted from the keyboard in the middle of a step: take it up "
            "before that, from its log"
        )
        self._input = None
        super().interrupt(interrupt)

    # --- calls ----------------------------------------------------------------------------------

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """See `Hosted`; told again, no call is made."""
        if self._retelling is None:
            super().begin_call(record, call)
        else:
            self._away.append((record, call))

    def cut_short(self, record: Record, cause: Cause) -> None:
        """See `Hosted`."""
        if self._retelling is None:
            super().cut_short(record, cause)
        elif record.call is not None:
            self._cut.append(record.call)

    def _call_again(self, record: Record, call: Call[Any]) -> None:
        if any(each is call for each in self._cut):
            cut = Unwinding(record.cancelled() or record)
            self._line_up_own(self._take_in, (self.kernel.call_ended, (record, call, None, cut)))
            self.pump()
        else:
            self.make_again(record, call, self.begin_call)
