"""What the log of a page tells, and what is said where its contract has changed."""

from __future__ import annotations

import msgspec
import pytest
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import ReplayMismatch, open_durable_host
from spindle._core.replay.formats import Format
from spindle._core.replay.inputs import Longer
from spindle._core.replay.log import Frame, Head
from spindle._core.replay.logged import Logged
from spindle._core.replay.story import story
from spindle.durable import Chain, MemoryStore
from tests.lasting.household import House, Main, Side, keeps_letters, levels, talks


async def lived(store: MemoryStore) -> None:
    """A page that was started, heard events, said much, and was stopped."""
    async with open_durable_host(store) as host:
        page = await host.create(House, "one")
        page.start(Main, keeps_letters, instance="a")
        page.start(Side, levels, 2)
        await wait_all_tasks_blocked()
        page.resume(Main.Go("on"), yield_id=1, instance="a")
        page.resume(Side.Set(3))
        page.start(Main, talks, 2000)
        page.outbox.close()
        await wait_all_tasks_blocked()
        await page.stop("closing time", grace=1)
        await wait_all_tasks_blocked()


async def test_D3_a_log_tells_what_came_to_its_page(autojump_clock: MockClock) -> None:
    store = MemoryStore()
    await lived(store)
    chain = Chain("one")
    bodies = [chain.open(each).body for each in (await store.look("one")).frames]
    frames = [msgspec.msgpack.decode(each, type=Frame) for each in bodies[1:]]
    frames.append(Frame(0.0, Longer(), ()))
    told = "\n".join(story(Head("one", (), 0), frames, Format.MSGPACK))
    for line in (
        "Main['a'] is started: tests.lasting.household:keeps_letters()",
        "Side is started: tests.lasting.household:levels(2)",
        "Main.Go {'word': 'on'} came for 'a' to question 1",
        "Side.Set {'level': 3} came\n",
        "<- and on in the same turn",
        "all is to end, by 1 s: closing time",
        "all is cancelled: closing time",
    ):
        assert line in told


@pytest.mark.parametrize(
    ("method", "says"),
    [
        ("block_named", "the contract has no block House.Main any more"),
        ("event_named", "the contract has no event Main.Go any more"),
    ],
)
async def test_D3_what_the_contract_has_no_more_is_told(
    method: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    await lived(store)
    monkeypatch.setattr(Logged, method, lambda *_: None)
    async with open_durable_host(store) as host:
        with pytest.raises(ReplayMismatch, match=says):
            await host.take_up("one")
