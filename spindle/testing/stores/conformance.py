"""Makes a test that looks for a way to break what a store has to guarantee."""

from __future__ import annotations

from collections.abc import Callable

import trio
from hypothesis import HealthCheck, Phase, given, note
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from spindle.testing.stores.bench import Bench
from spindle.testing.stores.moves import ALWAYS, Draw, Moves

__all__ = ["conformance"]

LONGEST = 40
"""So many moves at most between two times that the store is opened."""


def conformance(
    bench: Callable[[], Bench], *, settings: hypothesis_settings | None = None
) -> Callable[[], None]:
    """Make a test of a store.

    Two owners do everything to it that can be done, in turn and at a time: with leases that hold
    and leases that are over, behind the right frame and a wrong one, cancelled, across restarts,
    kills, faults and damage, as far as the bench can bring them about. A model tells what has to
    come of it. What breaks is made as small as it gets; the assertion begins with the guarantee of
    `Store` that was broken, and its notes are what was done.

    Args:
        bench: makes a new bench, for each example.
        settings: of Hypothesis; the deadline is always off.

    Returns:
        The test, for pytest to collect: `test_it_conforms = conformance(MyBench)`. It runs a trio
        program of its own.
    """

    def test(data: st.DataObject) -> None:
        story: list[str] = []
        try:
            trio.run(_play, bench(), data.draw, story.append)
        except BaseException:
            note("\n".join(story))
            raise

    return _settings(settings)(given(st.data())(test))


def _settings(chosen: hypothesis_settings | None) -> hypothesis_settings:
    chosen = chosen or hypothesis_settings()
    phases = [each for each in chosen.phases if each is not Phase.explain]
    silent = [*chosen.suppress_health_check, HealthCheck.too_slow, HealthCheck.data_too_large]
    return hypothesis_settings(chosen, deadline=None, phases=phases, suppress_health_check=silent)


async def _play(bench: Bench, draw: Draw, say: Callable[[str], None]) -> None:
    moves = Moves(bench, draw, say)
    try:
        for _ in range(draw(st.integers(1, 3))):
            await _session(moves)
        await _damage(moves)
    finally:
        bench.discard()


async def _session(moves: Moves) -> None:
    """Open the store, use it, leave it."""
    async with moves.bench.open() as store:
        moves.restarted()
        await moves.look(store)
        for _ in range(moves.draw(st.integers(0, LONGEST))):
            await moves.draw(st.sampled_from(ALWAYS))(moves, store)
        await moves.look(store)
        can_fail = _can(moves.bench, Bench.fail)
        failed = can_fail and moves.draw(st.booleans()) and await moves.fault(store)
        if not failed and _can(moves.bench, Bench.crash) and moves.draw(st.booleans()):
            moves.say("killed")
            moves.bench.crash()
    moves.say("opened anew")
    async with moves.bench.open() as store:
        moves.restarted()
        await moves.look(store)


async def _damage(moves: Moves) -> None:
    """Change a bit of what is kept: the reader learns of it."""
    whole = [page for page in moves.pages.values() if page.head > page.pruned]
    if not whole or not _can(moves.bench, Bench.damage):
        return
    page = moves.draw(st.sampled_from(whole))
    seq = moves.draw(st.integers(page.pruned + 1, page.head))
    moves.say(f"damage frame {seq} of {page.name}")
    moves.bench.damage(page.name, seq)
    async with moves.bench.open() as store:
        page.judge_damage(await store.look(page.name), seq)


def _can(bench: Bench, method: Callable[..., object]) -> bool:
    return getattr(type(bench), method.__name__) is not method
