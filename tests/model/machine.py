"""A page and its model, driven by Hypothesis: any input at any moment."""

from __future__ import annotations

from typing import Any, ClassVar

from hypothesis import strategies as hy
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.laboratory.programs import script as sc
from tests.laboratory.programs import statement as st
from tests.model.comparison import Pair, check_played, in_bursts
from tests.model.programs import Author

__all__ = ["PageAndModel"]

EVENTS = ("Told", "Queued", "Typed")


@hy.composite
def made(draw: Any, what: str) -> Any:
    """What an author writes, in choices that shrink."""
    return getattr(Author(lambda choices: draw(hy.integers(0, choices - 1))), what)()


class PageAndModel(RuleBasedStateMachine):
    """Every input is applied to both, and both have to agree after each.

    At the end all inputs are played once more, hosted and as tasks, one by one and in bursts.
    """

    tasks: ClassVar = 1
    """With how many seeds of trio's scheduler."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()

    def alive(self) -> bool:
        return self.pair.model.page.ending is None

    def asked(self) -> list[tuple[st.Which, int]]:
        page = self.pair.model.page
        return sorted(
            ((who.key, wait.yield_id or 0) for who in page.live() for wait in who.waits), key=str
        )

    @initialize(start=made("start"))
    def begins(self, start: sc.Start) -> None:
        self.pair.apply(start)

    @rule(start=made("start"))
    def starts(self, start: sc.Start) -> None:
        self.pair.apply(start)

    @rule(tell=made("tell"))
    def sends_any_event(self, tell: sc.Tell) -> None:
        self.pair.apply(tell)

    @precondition(lambda self: any(number for _, number in self.asked()))
    @rule(which=hy.integers(0, 9), kind=hy.sampled_from(EVENTS), named=hy.booleans())
    def answers_what_is_asked(self, which: int, kind: Any, named: bool) -> None:
        asked = [each for each in self.asked() if each[1]]
        key, number = asked[which % len(asked)]
        self.pair.apply(sc.Tell(key, kind, number if named else None))

    @rule(seconds=hy.sampled_from((0.5, 1.0, 2.0)))
    def lets_time_pass(self, seconds: float) -> None:
        self.pair.apply(sc.Advance(seconds))

    @rule(started=hy.integers(0, 5))
    def cancels_by_a_handle(self, started: int) -> None:
        self.pair.apply(sc.CancelStarted(started))

    @precondition(alive)
    @rule(end=hy.sampled_from((sc.CancelPage(), sc.StopPage(0), sc.StopPage(1.0))))
    def ends(self, end: sc.Input) -> None:
        if len(self.pair.inputs) > 3:
            self.pair.apply(end)

    def teardown(self) -> None:
        """Compare the end, and the same inputs under the other drivers."""
        if not self.pair.agreed:
            self.pair.hand.played.forget()
            return
        self.pair.leave()
        for size in (1, 3):
            script = in_bursts(self.pair.inputs, size)
            check_played(script, "hosted")
            for seed in range(self.tasks):
                check_played(script, "task", seed)
