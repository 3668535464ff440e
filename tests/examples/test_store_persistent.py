"""The search of the store asks again before it gives up; others, not given that, do not."""

from __future__ import annotations

import trio
import trio.testing

from examples.store.contract import Filters, Search, Store, Suggestions
from examples.store.persistent import Persistent
from examples.store.ports import Catalog
from examples.store.spindles import search, suggestions
from spindle import Errored, Notified, TooSlow, open_page
from tests.examples.store import Shelf, tea


class Shaky(Shelf):
    """Fails so many times, whatever it is asked; then it answers."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    def called(self, *call: object) -> None:
        super().called(*call)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the shelf does not answer")


async def test_a_search_that_fails_twice_is_answered(
    autojump_clock: trio.testing.MockClock,
) -> None:
    shelf = Shaky(2)
    async with open_page(Store, provide={Catalog: shelf}) as page:
        page.start(Search, search, Filters("Tea 7"), provide={Catalog: Persistent(shelf)})
        async for _, message in page.outbox:
            match message:
                case Notified(Search.Results(teas)):
                    assert teas == (tea(7),)
                    break
                case _:
                    pass
        assert shelf.calls == ["search Tea 7 0"] * 3


async def test_a_search_that_fails_three_times_has_failed(
    autojump_clock: trio.testing.MockClock,
) -> None:
    shelf = Shaky(3)
    async with open_page(Store, provide={Catalog: shelf}) as page:
        handle = page.start(Search, search, Filters(), provide={Catalog: Persistent(shelf)})
        await handle.wait()
        assert isinstance(handle.outcome, Errored)
        assert isinstance(handle.outcome.error, ConnectionError)


async def test_who_is_not_given_it_is_not_as_patient(
    autojump_clock: trio.testing.MockClock,
) -> None:
    shelf = Shaky(0)
    async with open_page(Store, provide={Catalog: shelf}) as page:
        page.start(Search, search, Filters(), provide={Catalog: Persistent(shelf)})
        await trio.testing.wait_all_tasks_blocked()
        shelf.failures = 1
        handle = page.start(Suggestions, suggestions)
        await handle.wait()
        assert isinstance(handle.outcome, Errored)


async def test_a_search_takes_ten_seconds_at_most_with_all_its_attempts(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async def never() -> None:
        await trio.sleep(60)

    class Stuck(Shelf):
        async def search(self, filters: Filters, skip: int = 0):  # type: ignore[no-untyped-def]
            await never()

    async with open_page(Store, provide={Catalog: Persistent(Stuck())}) as page:
        handle = page.start(Search, search, Filters())
        begun = trio.current_time()
        await handle.wait()
        assert trio.current_time() - begun == 10
        assert isinstance(handle.outcome, Errored)
        assert isinstance(handle.outcome.error, TooSlow)
