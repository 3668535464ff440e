"""A spindle that is started again, for tests of restarts."""

from __future__ import annotations

from spindle import Restart, When
from tests.stage import Stage
from tests.talk import Desk


def at_once(when: When = When.TRANSIENT, **given: object) -> Restart:
    """A policy without delays, for tests that are not about them."""
    return Restart(when=when, delay=0, jitter=0, **given)


class Runs:
    """A spindle that fails, returns or goes on asking, as its answers want; counts its runs."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> str:
        self.count += 1
        word = (await Desk.Ask(self.count)).word
        if word == "fail":
            raise LookupError(f"run {self.count}")
        return word


async def tell(page: Stage, word: str, **keywords: object) -> list[str]:
    page.resume(Desk.Told(word), **keywords)
    return await page.hears()
