"""What is done to the page at one step of its run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from spindle import PageClosed
from tests.laboratory.programs import statement as st
from tests.laboratory.programs.interpreter import perform_program
from tests.laboratory.programs.plaza import BLOCKS, Left, Right

if TYPE_CHECKING:
    from tests.laboratory.crowd.crowd import Crowd

__all__ = ["HOSTED_MEDDLING", "MEDDLING"]


def cancel_page(run: Crowd) -> None:
    """Another task cancels the page."""
    run.page.cancel_nowait("meddled with")


def cancel_host(run: Crowd) -> None:
    """The program around the page is cancelled."""
    run.host.cancel()


def stop(run: Crowd) -> None:
    """The page is stopped, with a time of grace."""

    async def stops() -> None:
        await run.page.stop("meddled with", grace=1)

    trio.lowlevel.spawn_system_task(stops)


def cancel_native(run: Crowd) -> None:
    """Every trio scope the spindles have around their waits is cancelled."""
    for scope in list(run.world.scopes):
        scope.cancel()


def cancel_spindles(run: Crowd) -> None:
    """Every spindle that was started or forked is cancelled by its handle, the page lives on."""
    for record in list(run.kernel.live.values()):
        run.kernel.driver.cancel_record(record, "meddled with")


def cancel_fibers(run: Crowd) -> None:
    """Every second fiber is cancelled by its handle."""
    for handle in run.world.handles[::2]:
        handle.cancel_nowait("meddled with")


def fail_fibers(run: Crowd) -> None:
    """Every second fiber that runs raises at its next statement."""
    run.world.failing.update(set(run.world.fibers[::2]) - set(run.world.unwound))


def events(run: Crowd) -> None:
    """Events of every kind, for whoever asks."""
    for block in (Left, Right):
        for kind in ("Told", "Queued", "Typed"):
            event = getattr(block, kind)(run._number())
            run.receipts.append(run.page.resume(event))


def burst(run: Crowd) -> None:
    """Events, the page is cancelled, and events again, all in one tick."""
    events(run)
    cancel_page(run)
    events(run)


def native_burst(run: Crowd) -> None:
    """Events, native cancels, cancelled fibers, and events again, all in one tick."""
    events(run)
    cancel_native(run)
    cancel_fibers(run)
    events(run)


def fork_burst(run: Crowd) -> None:
    """Spindles that start in one tick, of which the second is cancelled; then the page is."""
    started = []
    program = st.Program((st.Fiber((st.Take(0),)), st.Ask("Listen")))
    for block in ("Left", "Right"):
        try:
            started.append(
                run.page.start(
                    BLOCKS[block],
                    perform_program,
                    run.world,
                    block,
                    program,
                    instance=f"burst {run._number()}",
                )
            )
        except PageClosed:
            return
    started[1].cancel_nowait("meddled with")
    cancel_page(run)


MEDDLING: dict[str, Callable[[Crowd], None]] = {
    function.__name__: function
    for function in (
        cancel_page,
        cancel_host,
        stop,
        cancel_native,
        cancel_spindles,
        cancel_fibers,
        fail_fibers,
        events,
        burst,
        native_burst,
        fork_burst,
    )
}
HOSTED_MEDDLING = [name for name in MEDDLING if "native" not in name]
