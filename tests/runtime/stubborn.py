"""Around spindles that do not let a cancellation pass: what is said of them, and a neighbour."""

from __future__ import annotations

from spindle import cleanup, sleep
from tests.talk import Bell

SAID = "Talk.Desk swallowed its cancellation again and again and was closed: let it pass"


async def neighbour(log: list[str]) -> None:
    try:
        await Bell.Wait()
    finally:
        async with cleanup(5):
            await sleep(1)
        log.append("neighbour cleaned")
