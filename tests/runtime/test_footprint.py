"""What an outbox costs a page that has nothing to say."""

from __future__ import annotations

import gc
import sys
import weakref
from contextlib import contextmanager

import pytest
import trio
import trio.testing

from spindle import Notified, Source
from spindle._runtime import outbox as outbox_module
from spindle._runtime.outbox import Outbox
from tests.drivers import NoPage, on_trio
from tests.talk import Desk

settled = trio.testing.wait_all_tasks_blocked


def item(number: int) -> tuple[Source, Notified]:
    return Source(Desk), Notified(Desk.Said(str(number)))


def size_of_what_it_owns(outbox: Outbox) -> int:
    """Bytes of everything that is there because the outbox is."""
    not_its_own = (type, NoPage, trio.lowlevel.Task, type(None))
    own: dict[int, object] = {}
    found: list[object] = [outbox]
    while found:
        thing = found.pop()
        # One for the whole process: False, (), the small numbers.
        shared = isinstance(thing, not_its_own) or thing == () or thing in range(257)
        if id(thing) not in own and not shared:
            own[id(thing)] = thing
            if not callable(thing) or type(thing).__module__ == outbox_module.__name__:
                found += gc.get_referents(thing)
    return sum(map(sys.getsizeof, own.values()))


@on_trio(1)
async def test_an_idle_outbox_is_small() -> None:
    outbox = Outbox(NoPage())
    new = size_of_what_it_owns(outbox)
    assert new <= 200
    async with trio.open_nursery() as nursery:
        nursery.start_soon(outbox.receive)
        await settled()
        assert size_of_what_it_owns(outbox) <= 300
        nursery.cancel_scope.cancel()
    assert size_of_what_it_owns(outbox) == new
    for number in range(1000):
        outbox.put(item(number))
    assert size_of_what_it_owns(outbox) > 10_000
    for _ in range(1000):
        outbox.receive_nowait()
    # The peak is a number that Python keeps no copy of.
    assert size_of_what_it_owns(outbox) <= new + sys.getsizeof(1000)


@contextmanager
def no_collector():
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.parametrize("over", ["end", "close"])
@on_trio(1)
async def test_an_outbox_that_is_over_leaves_nothing_to_the_collector(over: str) -> None:
    with no_collector():
        page = NoPage()
        outbox = Outbox(page)
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(outbox.receive)
            await settled()
            nursery.cancel_scope.cancel()
        outbox.put(item(1))
        getattr(outbox, over)()
        gone = weakref.ref(page)
        del page
        assert gone() is None
