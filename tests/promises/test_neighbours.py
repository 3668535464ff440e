"""One spindle cannot hurt another."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from spindle import await_any, fiber, sleep
from tests.drivers import play
from tests.promises.fair import Desk, Fair, Troll, Visit
from tests.stage import Stage

SEEDS = range(3)


class Venom(Exception):
    def __repr__(self) -> str:
        raise RuntimeError("no")

    __str__ = __repr__


async def raises_venom() -> None:
    await sleep(1)
    raise Venom


async def raises_what_is_no_error() -> None:
    await sleep(1)
    raise BaseException("out")


async def raises_a_deep_group() -> None:
    error: Exception = Venom()
    for _ in range(1000):
        error = ExceptionGroup("deeper", [error])
    raise error


async def writes_what_is_not_its_own() -> None:
    await sleep(1)
    await Desk.served.put(-1)


async def speaks_for_another() -> None:
    await Desk.Served(-1)


async def swallows_its_cancellation() -> None:
    while True:
        try:
            await Troll.Sulk()
        except BaseException:
            continue


async def never_stops_asking() -> None:
    for _ in range(200):
        await await_any(Troll.Sulk(), sleep(0.1))


async def breeds() -> None:
    for _ in range(500):
        await fiber(sleeps_and_fails)
    await sleep(1)


async def sleeps_and_fails() -> None:
    await sleep(0.5)
    raise Venom


TROLLS: list[Callable[[], Coroutine[Any, Any, None]]] = [
    raises_venom,
    raises_what_is_no_error,
    raises_a_deep_group,
    writes_what_is_not_its_own,
    speaks_for_another,
    swallows_its_cancellation,
    never_stops_asking,
    breeds,
]


def conversation(driver: str, seed: int, troll: Callable[..., Any] | None) -> list[str]:
    """What the others say."""
    visit = Visit(seed, rounds=6)

    async def played(page: Stage) -> None:
        if troll is not None:
            page.start(Troll, troll)
            await page.settle()
        await visit.play(page)

    said = play(driver, played, Fair, seed).transcript
    trolls = [line for line in said if line.startswith("Troll ")]
    assert troll is None or trolls
    assert not any(line.startswith("Troll says ") for line in trolls), "it has nothing to say"
    return [line for line in said if line not in trolls]


@pytest.mark.parametrize("troll", TROLLS, ids=lambda troll: troll.__name__)
@pytest.mark.parametrize("driver", ["hand", "hosted", "task"])
def test_one_spindle_cannot_hurt_another(
    driver: str, troll: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    for seed in SEEDS:
        alone = conversation(driver, seed, None)
        assert alone
        assert conversation(driver, seed, troll) == alone
