"""Makes a test that looks for a way to break what a store has to guarantee."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import chain
from random import Random
from typing import TYPE_CHECKING

import trio
from hypothesis import HealthCheck, Phase, given, note
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from trio._core import _run as run

from spindle.durable.errors import StoreError, StoreInUse
from spindle.testing.stores.bench import Bench
from spindle.testing.stores.example import NAMES
from spindle.testing.stores.model import broken, called
from spindle.testing.stores.trouble import ALWAYS, Move, Trouble

if TYPE_CHECKING:
    from spindle.durable.store import Store

__all__ = ["conformance"]


def conformance(
    bench: Callable[[], Bench], *, settings: hypothesis_settings | None = None
) -> Callable[[], None]:
    """Make a test of a store.

    Two owners do everything to it that can be done, in turn and at a time: with leases that hold
    and leases that are over, behind the right frame and a wrong one, cancelled, across restarts,
    kills, faults and damage, and through a second opening, as far as the bench can bring them
    about. Pages have names that are hard to tell apart, and keep bytes of all kinds, now and then
    very many. A model tells what has to come of it. What breaks is made as small as it gets; the
    assertion begins with the guarantee of `Store` that was broken, or with the name of the call,
    and tells what was expected and what came; its notes are what was done.

    Args:
        bench: makes a new bench, for each example.
        settings: of Hypothesis; the deadline is always off.

    Returns:
        The test, for pytest to collect: `test_it_conforms = conformance(MyBench)`. It runs a trio
        program of its own. What it finds is made smaller for up to 300 seconds, Hypothesis' bound.
    """

    def test(plan: _Plan) -> None:
        story: list[str] = []
        try:
            with _in_order(plan.order):
                trio.run(_play, Trouble(bench(), story.append, plan.names), plan)
        except BaseException:
            note("\n".join(story))
            raise

    return _settings(settings)(given(_plans())(test))


@contextmanager
def _in_order(seed: int) -> Generator[None]:
    """Let trio shuffle its tasks by a seed, so that what was found is found again."""
    was = run._r, run._ALLOW_DETERMINISTIC_SCHEDULING
    run._r, run._ALLOW_DETERMINISTIC_SCHEDULING = Random(seed), True  # type: ignore[misc]
    try:
        yield
    finally:
        run._r, run._ALLOW_DETERMINISTIC_SCHEDULING = was  # type: ignore[misc]


@dataclass
class _Session:
    """What is done between two times that the store is opened.

    Attributes:
        moves: which, in pieces, since short lists of short lists are drawn longer than long ones.
        fails: the last call goes wrong, if the bench can bring that about.
        killed: the process is killed in the end.
        rests: all pages are released in the end, if nothing goes wrong, and acquired afterwards.
        choices: of what goes wrong.
    """

    moves: list[list[tuple[Move, bytes]]]
    fails: bool
    killed: bool
    rests: bool
    choices: bytes


class _Plan:
    """All that is done in one example."""

    def __init__(
        self, sessions: list[_Session], damage: bytes, names: Sequence[str], order: int
    ) -> None:
        self.sessions = sessions
        self.damage = damage
        self.names = names
        self.order = order

    def __repr__(self) -> str:
        return "<see below>"


_choices = st.binary(min_size=10, max_size=12)  # numbers, made smaller all at once
_moves = st.lists(st.tuples(st.sampled_from(ALWAYS), _choices), max_size=12)
_sessions = st.builds(
    _Session,
    st.lists(_moves, max_size=12),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    _choices,
)


@st.composite
def _plans(draw: st.DrawFn) -> _Plan:
    sessions = draw(st.lists(_sessions, min_size=1, max_size=3))
    names = draw(st.sampled_from(NAMES))
    return _Plan(sessions, draw(_choices), names, draw(st.integers(0, 255)))


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
    failed = False
    async with _opened(example) as store:
        for move, choices in chain.from_iterable(session.moves):
            example.choose_by(choices)
            await move(example, example.store())
        await example.look(store)
        example.choose_by(session.choices)
        can_fail = _can(bench, Bench.fail) or _can(bench, Bench.fail_at)
        failed = session.fails and can_fail and await example.fault(store)
        if session.rests and not failed:
            await example.rest(store)
        if session.killed and not failed and _can(bench, Bench.crash):
            example.say("killed")
            bench.crash()
    await example.closed(store, failed=failed)
    example.say("opened anew")
    async with _opened(example) as store:
        await example.look(store)
        if session.rests:
            await example.resume(store)


@asynccontextmanager
async def _opened(example: Trouble) -> AsyncGenerator[Store]:
    """Open the store, and if the bench can, a second time."""
    bench = example.bench
    async with bench.open() as store:
        example.restarted()
        example.stores = [store]
        if not _can(bench, Bench.open_again):
            yield store
        elif bench.alone:
            await _is_refused(bench)
            yield store
        else:
            async with bench.open_again() as another:
                example.stores = [store, another]
                yield store


async def _is_refused(bench: Bench) -> None:
    """Open a store a second time that is one process's."""
    try:
        async with bench.open_again():
            pass
    except StoreInUse:
        return  # noqa: ASYNC910
    except StoreError as error:
        raise broken("G3", f"a second opening: expected StoreInUse, got {error!r}") from error
    raise broken(
        "G3",
        "a second opening was let in: expected StoreInUse, since one process has the store; if "
        "several may have it, set `alone = False` on the bench",
    )


async def _damage(example: Trouble, choices: Sequence[int]) -> None:
    """Change a bit of what is kept: the reader learns of it."""
    await trio.lowlevel.checkpoint()
    whole = [page for page in example.pages.values() if page.head > page.pruned]
    if not whole or not _can(example.bench, Bench.damage):
        return
    example.choose_by(choices)
    page = example.one(*whole)
    seq = example.number(page.pruned + 1, page.head)
    example.say(f"damage frame {seq} of {called(page.name)}")
    example.bench.damage(page.name, seq)
    async with example.bench.open() as store:
        page.judge_damage(await store.look(page.name), seq)


def _can(bench: Bench, method: Callable[..., object]) -> bool:
    return getattr(type(bench), method.__name__) is not method
