"""A page by hand that looks, after each thing that is done to it, whether all holds that must."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from spindle._core.errors import UsageError, hides_frames
from spindle._core.journal import MessageSent
from spindle._core.kernel.record import SpindleRecord, key_of
from spindle._core.names import error_shown, kind_of, name_of, shown
from spindle._core.operations.handle import Handle
from spindle._core.states import Cancelled, Errored, Origin
from spindle.testing.hand_page import HandPage
from spindle.testing.properties.checks import events_add_up, nothing_can_go_on, nothing_is_left
from spindle.testing.properties.failing import Failing
from spindle.testing.properties.rules import port_of
from spindle.testing.recording import Recording
from spindle.testing.refused import latest, told, unseen_since
from spindle.testing.telling import speaker

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from types import TracebackType

    from spindle._core.contracts.block import Block
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.messages import Event
    from spindle._core.settlement import Receipt
    from spindle.testing.properties.rules import Invariant, Rules

__all__ = ["PlayedPage"]

__tracebackhide__ = hides_frames

T = TypeVar("T")

_END: Final = 60
"""How many lines are shown of each end of a long story."""


class PlayedPage(HandPage):
    """The page of a test made by `play`: a `HandPage` that checks what must hold.

    After each event, each span of time and each cancellation that it is given it checks the test's
    invariants, and what must hold of every page: the events add up, no spindle has failed that may
    not, somebody can go on. When it is left it ends, within its bound, nothing is left of it, and
    no `Fake` has refused a call that the test has not looked at. What does not hold raises
    AssertionError there.
    """

    def __init__(self, rules: Rules) -> None:
        """Open one; for `play`, whose tests make them with `page()`."""
        self._rules = rules
        self.receipts: list[Receipt] = []
        """Of every event that it was handed."""
        self._made: list[Exception] = []
        self._last_refused = latest()
        self._seen = 0
        self._told: list[str] | None = None
        self._given = dict(rules.provide())
        self._failing = {
            port: Failing.before(port, self._given[port], self._made)
            for port in {port_of(method, list(self._given)) for method in rules.failing()}
            if port is not None
        }
        self.recording = Recording()
        """What has happened so far."""
        provide = {**self._given, **self._failing}
        super().__init__(
            rules.contract, provide=provide, journal=self.recording, limits=rules.limits
        )

    # --- what there is --------------------------------------------------------------------------

    def given(self, kind: Callable[..., T], /) -> T:
        """What the page was given, to be looked at by an invariant.

        Args:
            kind: the class that it was given under, or that it is an instance of.

        Raises:
            UsageError: nothing like it was provided, or several things; or `kind` is no class.
        """
        if not isinstance(kind, type):
            raise UsageError(f"given() takes a class, as in page.given(Stock), not {shown(kind)}")
        found: list[Any] = [each for each in self._given.values() if isinstance(each, kind)]
        exact: Any = self._given.get(kind)
        if exact is not None:
            found = [exact]
        if len(found) == 1:
            value: T = found[0]
            return value
        what = "nothing" if not found else f"{len(found)} things"
        known = ", ".join(kind_of(each) for each in self._given.values()) or "nothing"
        raise UsageError(f"given({name_of(kind)}): {what} of that kind was provided, of {known}")

    @property
    def kernel(self) -> Kernel:
        """Its kernel, for Spindle itself."""
        return self._hand.kernel

    def story(self) -> str:
        """What has happened, until something did not hold; of a long story its two ends."""
        lines = self.all_lines()
        if len(lines) > 2 * _END:
            lines[_END:-_END] = [f"... {len(lines) - 2 * _END:,} lines more"]
        return "\n".join(lines)

    def all_lines(self) -> list[str]:
        """The lines of the whole story."""
        return self.recording.lines() if self._told is None else list(self._told)

    # --- in -------------------------------------------------------------------------------------

    def resume(
        self, event: Event, *, yield_id: int | None = None, instance: str | None = None
    ) -> Receipt:
        """Hand an event to the page as `HandPage.resume` does, and check."""
        receipt = super().resume(event, yield_id=yield_id, instance=instance)
        self.receipts.append(receipt)
        self.check()
        return receipt

    def advance(self, seconds: float) -> None:
        """Let time pass as `HandPage.advance` does, and check."""
        super().advance(seconds)
        self.check()

    def fail_next(
        self,
        method: Callable[..., Coroutine[Any, Any, object]],
        error: Exception,
        *,
        done: bool = False,
    ) -> None:
        """Let the next call of a port's method raise an error.

        Args:
            method: the method, as it stands in `failures=` or `lost=`.
            error: what is raised, as a copy.
            done: whether what was provided is called all the same, and only its answer is lost.

        Raises:
            UsageError: neither of them has anything for the port, or it was not provided.
        """
        port = port_of(method, list(self._failing))
        if port is None:
            raise UsageError(
                f"{name_of(method)} cannot fail here: name it in failures= or lost=, and "
                f"provide its port"
            )
        name = name_of(method).rpartition(".")[2]
        self._failing[port].fail_next(name, error, done=done)

    def cancel_spindle(self, block: type[Block], instance: str | None = None) -> None:
        """Cancel the spindle that runs under a block, as a handle's `cancel` does, and check.

        Without effect if there is none.
        """
        record = self.kernel.live.get(key_of(block, instance))
        if isinstance(record, SpindleRecord):
            Handle[object](record).cancel_nowait("in a test")
        self.check()

    # --- its end --------------------------------------------------------------------------------

    def cancel(self, reason: str = "") -> None:
        """Cancel the page as `HandPage.cancel` does, and check."""
        self._ends(lambda: super(PlayedPage, self).cancel(reason))
        self.check()

    def stop(self, reason: str, *, grace: float) -> None:
        """Bring the page to an end as `HandPage.stop` does, and check."""
        self._ends(lambda: super(PlayedPage, self).stop(reason, grace=grace), grace)
        self.check()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self._told = self.recording.lines()
            with suppress(Exception):  # that one counts
                super().__exit__(kind, error, traceback)
            told(unseen_since(self._last_refused))  # nobody is to be asked about them any more
            return
        left = Cancelled("the page was left", Origin.BODY_LEFT)
        self._ends(lambda: self._hand.end(left))
        self.check()
        _refuse(nothing_is_left(self.kernel))
        for invariant in self._rules.at_end:
            self._ask(invariant)
        _refuse(filter(None, [told(unseen_since(self._last_refused))]))

    def _ends(self, end: Callable[[], None], grace: float = 0) -> None:
        """End it, if it has not ended yet, within its time."""
        bound = self._rules.bound
        by = self.now + grace + bound
        has_ended = self.ended
        end()
        if self.now > by and not has_ended:
            raise AssertionError(
                f"the end of the page took {self.now - by:g} s longer than bound={bound:g} allows"
            )

    # --- what must hold -------------------------------------------------------------------------

    def check(self) -> None:
        """Check all that must hold now.

        Raises:
            AssertionError: something does not hold.
            Deadlock: nothing can go on.
        """
        kernel = self.kernel
        _refuse(events_add_up(kernel, self.receipts))
        self._check_failures()
        if self.ended:
            return
        stuck = None if self._rules.may_wait_for_ever else nothing_can_go_on(kernel)
        if stuck is not None:
            stuck.add_note("If it may: may_wait_for_ever=True")
            raise stuck
        for invariant in self._rules.invariants:
            self._ask(invariant)

    def _check_failures(self) -> None:
        entries = self.recording.entries
        for _, entry in entries[self._seen :]:
            if isinstance(entry, MessageSent) and isinstance(entry.message, Errored):
                for error in self._rules.unexcused(entry.message.error, self._made):
                    raise AssertionError(
                        f"{speaker(entry.source)} failed: {error_shown(error)}; if it may, say "
                        f"may_raise=({kind_of(error)},)"
                    ) from error
        self._seen = len(entries)

    def _ask(self, invariant: Invariant) -> None:
        answer: object = invariant(self)
        if answer is False:
            raise AssertionError(f"{name_of(invariant)} does not hold")
        if answer is not None and answer is not True:
            raise UsageError(
                f"{name_of(invariant)} answers {shown(answer)}: assert, or answer True or False"
            )


def _refuse(problems: Iterable[str]) -> None:
    for problem in problems:
        raise AssertionError(problem)
