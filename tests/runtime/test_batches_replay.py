"""What the journal has of batched reads is enough: fed with it, a page by hand says the same."""

from __future__ import annotations

from typing import Any

from spindle import forget, fork, map_fibers, open_page, sleep, use
from spindle._core.journal import CallEnded, Entry
from spindle._core.kernel.hand import Hand
from spindle.testing import HandPage, Recording
from tests.drivers import HOSTED, on_trio
from tests.library import Library, Slow, ask
from tests.talk import Bell, Desk, Talk


class Replay(Hand):
    """Makes no call: each ends as, and when, the journal says."""

    def __init__(self, entries: list[tuple[float, Entry]], *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.ends = [(at, entry) for at, entry in entries if isinstance(entry, CallEnded)]
        self.begun: dict[tuple[Any, str], tuple[Any, Any]] = {}

    def begin_call(self, record: Any, call: Any) -> None:
        self.begun[record.root.source, call.name] = record, call

    def play(self) -> None:
        for at, entry in self.ends:
            self.advance(at - self.clock())
            record, call = self.begun.pop((entry.source, entry.call))
            self.post(self.kernel.call_ended, record, call, entry.value, entry.error)


async def second() -> list[str]:
    library = await use(Library)
    await sleep(0.5)
    first = await ask(2)
    await library.lend(2)
    await Bell.Rang(2)
    await forget(library.book, 1)
    return [*first, *await ask(2, 1)]


async def first() -> None:
    library = await use(Library)
    await fork(Bell, second)
    for numbers in ((1, 2, 3), (3, 4), (100, 2)):
        try:
            await Desk.Said(str(await map_fibers(library.book, numbers, limit=9)))
        except LookupError as error:
            await Desk.Said(repr(error))


@HOSTED
@on_trio()
async def test_a_page_is_played_again_from_its_journal(hosted: bool) -> None:
    told = Recording()
    given = {Library: Slow()}
    async with open_page(Talk, provide=given, hosted=hosted, journal=told) as page:
        page.start(Desk, first)
        await page.wait()
    ends = [entry.call for _, entry in told.entries if isinstance(entry, CallEnded)]
    assert ends.count("Library.books") > 3
    assert "Library.lend" in ends

    again = Recording()
    by_hand = HandPage(Talk, journal=again)
    by_hand._hand = replay = Replay(told.entries, given, again)
    with by_hand:
        by_hand.start(Desk, first)
        replay.play()
    assert again.lines() == told.lines()
