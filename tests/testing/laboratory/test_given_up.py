"""A run that has to be given up: the search goes on, whatever the code that is cut off makes of it.

Code that passes over whatever is raised, and tries again, does so when its coroutine is closed, and
once more when it is collected. Where trio's functions raise at once, it would do so for ever.
"""

from __future__ import annotations

import gc
from contextlib import suppress
from typing import Any

import pytest
import trio

from spindle.testing.laboratory import Trial, Violation, search

pytestmark = pytest.mark.timeout(60)


async def tries_again(trial: Trial) -> None:
    """The slip that everybody makes once."""
    while True:
        try:
            return await trio.sleep(1)
        except BaseException:
            pass


async def tries_again_behind_a_shield(trial: Trial) -> None:
    """Nothing goes on in this one: it is given up where it waits."""
    with trio.CancelScope(shield=True):
        while True:
            with suppress(BaseException):
                await trio.sleep_forever()


async def tries_again_with_a_lock(trial: Trial) -> None:
    """Closed in the name of another task, it would be told at once that it has the lock already."""
    lock = trio.Lock()

    async def holds() -> None:
        while True:
            try:
                async with lock:
                    return await trio.sleep(1)
            except BaseException:
                pass

    async with trio.open_nursery() as nursery:
        nursery.start_soon(holds)
        nursery.start_soon(holds)


async def tries_again_in_a_nursery(trial: Trial) -> None:
    """Those within try again, and so does who waits for them."""
    while True:
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(tries_again, trial)
                return await tries_again(trial)
        except BaseException:
            pass


@pytest.mark.parametrize(
    ("scenario", "name"),
    [
        (tries_again, "it-ends"),
        (tries_again_behind_a_shield, "no-deadlock"),
        (tries_again_with_a_lock, "it-ends"),
        (tries_again_in_a_nursery, "it-ends"),
    ],
)
def test_code_that_passes_over_whatever_is_raised(scenario: Any, name: str) -> None:
    with pytest.raises(Violation) as violation:
        search(scenario, runs=200, steps=300)
    assert violation.value.run.faults[0].name == name
    del violation
    gc.collect()
