"""Makes a test that looks for a way to break what a store has to guarantee."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import trio
from hypothesis import HealthCheck, Phase, given, note
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from spindle.testing.stores.bench import Bench
from spindle.testing.stores.trouble import ALWAYS, Move, Trouble


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

    def test(plan: _Plan) -> None:
        story: list[str] = []
        try:
            trio.run(_play, Trouble(bench(), story.append), plan)
        except BaseException:
            note("\n".join(story))
            raise

    return _settings(settings)(given(_plans())(test))


@dataclass
class _Session:
    """What is done between two times that the store is opened.

    Attributes:
        moves: which, in pieces, since short lists of short lists are drawn longer than long ones.
        fails: the last append goes wrong, if the bench can bring that about.
        killed: the process is killed in the end.
        choices: of what goes wrong.
    """

    moves: list[list[tuple[Move, bytes]]]
    fails: bool
    killed: bool
    choices: bytes


class _Plan:
    """All that is done in one example."""

    def __init__(self, sessions: list[_Session], damage: bytes) -> None:
        self.sessions = sessions
        self.damage = damage

    def __repr__(self) -> str:
        return "<see below>"


_choices = st.binary(max_size=6)  # numbers, drawn and made smaller all at once
_moves = st.lists(st.tuples(st.sampled_from(ALWAYS), _choices), max_size=12)
_sessions = st.builds(
    _Session, st.lists(_moves, max_size=12), st.booleans(), st.booleans(), _choices
)


@st.composite
def _plans(draw: st.DrawFn) -> _Plan:
    return _Plan(draw(st.lists(_sessions, min_size=1, max_size=3)), draw(_choices))


def _settings(chosen: hypothesis_settings | None) -> hypothesis_settings:
    chosen = chosen or hypothesis_settings()
    phases = [each for each in chosen.phases if each is not Phase.explain]
    silent = [*chosen.suppress_health_check, HealthCheck.too_slow, HealthCheck.data_too_large]
    return hypothesis_settings(
        chosen,
        deadline=None,
        phases=phases,
        report_multiple_bugs=False,
        suppress_health_check=silent,
    )


async def _play(example: Trouble, plan: _Plan) -> None:
    try:
        for session in plan.sessions:
            await _play_session(example, session)
        await _damage(example, plan.damage)
    finally:
        example.bench.discard()


async def _play_session(example: Trouble, session: _Session) -> None:
    """Open the store, use it, leave it, and look what is kept."""
    bench = example.bench
    async with bench.open() as store:
        example.restarted()
        for move, choices in chain.from_iterable(session.moves):
            example.choose_by(choices)
            await move(example, store)
        await example.look(store)
        example.choose_by(session.choices)
        failed = session.fails and _can(bench, Bench.fail) and await example.fault(store)
        if session.killed and not failed and _can(bench, Bench.crash):
            example.say("killed")
            bench.crash()
    example.say("opened anew")
    async with bench.open() as store:
        example.restarted()
        await example.look(store)


async def _damage(example: Trouble, choices: Sequence[int]) -> None:
    """Change a bit of what is kept: the reader learns of it."""
    await trio.lowlevel.checkpoint()
    whole = [page for page in example.pages.values() if page.head > page.pruned]
    if not whole or not _can(example.bench, Bench.damage):
        return
    example.choose_by(choices)
    page = example.one(*whole)
    seq = example.number(page.pruned + 1, page.head)
    example.say(f"damage frame {seq} of {page.name}")
    example.bench.damage(page.name, seq)
    async with example.bench.open() as store:
        page.judge_damage(await store.look(page.name), seq)


def _can(bench: Bench, method: Callable[..., object]) -> bool:
    return getattr(type(bench), method.__name__) is not method
