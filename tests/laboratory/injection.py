"""What is done to a page at one step of its run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import trio

from tests.talk import Bell, Desk

if TYPE_CHECKING:
    from tests.laboratory.run import Run

__all__ = ["INJECTIONS", "AtStep", "When"]

When = Literal["before", "after"]


class AtStep(trio.abc.Instrument):
    """Calls `act` once, before or after the step with number `at` since it was armed."""

    def __init__(self, at: int, when: When, act: Callable[[], None]) -> None:
        self.at = at
        self.act = act
        self.armed = False
        self.steps = 0
        if when == "before":
            self.before_task_step = self._step
        else:
            self.after_task_step = self._step

    def _step(self, task: trio.lowlevel.Task) -> None:
        if self.armed:
            self.steps += 1
            if self.steps == self.at:
                self.act()

    @property
    def acted(self) -> bool:
        return self.steps >= self.at


def cancel_page(run: Run) -> None:
    """Another task cancels the page: its first step is taken here and now, the rest later."""
    cancelling = run.page.cancel("injected")
    cancelling.send(None)
    cancelling.close()


def cancel_in_a_task(run: Run) -> None:
    """Another task cancels the page and waits for its end."""
    trio.lowlevel.spawn_system_task(run.page.cancel, "injected")


def leave(run: Run) -> None:
    """The body of `open_page` ends."""
    run.script.cancel()


def fail(run: Run) -> None:
    """The body of `open_page` raises."""
    run.fails = True
    run.script.cancel()


def cancel_host(run: Run) -> None:
    """The program around the page is cancelled."""
    run.host.cancel()


def cancel_native(run: Run) -> None:
    """Every trio scope the spindles have around their waits is cancelled."""
    for scope in list(run.witness.scopes):
        scope.cancel()
        run.scopes_cancelled += 1


def burst(run: Run) -> None:
    """Events, the page is cancelled, and events again, all in one tick."""
    events(run)
    cancel_page(run)
    events(run)


def native_burst(run: Run) -> None:
    """Events, native cancels and events again, all in one tick."""
    events(run)
    cancel_native(run)
    events(run)


def events(run: Run) -> None:
    """Events of every kind, for whoever asks."""
    for name in run.desks:
        run.send(Desk.Told("extra"), instance=name)
        run.send(Desk.Queued(0), instance=name)
    run.send(Bell.Rung(0))


def close_outbox(run: Run) -> None:
    """The view wants no more messages; then the page is cancelled."""
    run.page.outbox.close()
    run.outbox_closed = True
    cancel_page(run)


INJECTIONS: dict[str, Callable[[Run], None]] = {
    function.__name__: function
    for function in (
        cancel_page,
        cancel_in_a_task,
        leave,
        fail,
        cancel_host,
        cancel_native,
        burst,
        native_burst,
        events,
        close_outbox,
    )
}
