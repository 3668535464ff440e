"""D1: a call that puts pages away, its own among them, holds up nobody."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    Completed,
    Contract,
    Delivery,
    DurableHost,
    Event,
    Notify,
    PageMachine,
    Port,
    Spindle,
    Yield,
    open_durable_host,
    read,
    sleep,
    use,
    write,
)
from spindle._runtime.outbox import HIGH_WATER
from spindle.durable import Busy, MemoryStore, PageStatus
from tests.lasting.prefixes import received


class Mail(Contract):
    class Inbox(Spindle[int]):
        class Came(Event):
            delivery = Delivery.QUEUE
            text: str

        class Wait(Yield[Came]):
            number: int

        class Told(Notify):
            text: str

    class Sender(Spindle[int]):
        class Sent(Notify):
            text: str


class Post(Port):
    @write
    async def deliver(self, to: str, text: str) -> bool: ...
    @write
    async def leave(self, name: str) -> None: ...
    @write
    async def close_and_go_on(self, name: str) -> None: ...
    @write
    async def archive(self, name: str) -> None: ...
    @read
    async def look_and_leave(self, name: str) -> None: ...


@dataclass
class Office(Post):
    hosts: list[DurableHost] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    opened: list[PageMachine] = field(default_factory=list)

    async def deliver(self, to: str, text: str) -> bool:
        self.calls.append(f"deliver {text}")
        await trio.sleep(0.1)
        page = await self.hosts[-1].take_up(to)
        page.resume(Mail.Inbox.Came(text))
        await self.hosts[-1].put_away(to)
        return True

    async def leave(self, name: str) -> None:
        self.calls.append(f"leave {name}")
        await trio.to_thread.run_sync(trio.from_thread.run, self.hosts[-1].put_away, name)

    async def close_and_go_on(self, name: str) -> None:
        await self.hosts[-1].put_away(name)
        await trio.sleep(100)

    async def archive(self, name: str) -> None:
        async with open_durable_host(MemoryStore(), wake=None) as host:
            for each in (name, f"{name} again"):
                await host.create(Mail, each.replace(" ", "-"))
            await host.put_away(name)

    async def look_and_leave(self, name: str) -> None:
        self.calls.append(f"look {name}")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.hosts[-1].put_away, name)


async def inbox() -> int:
    number = 0
    while True:
        await Mail.Inbox.Told((await Mail.Inbox.Wait(number)).text)
        number += 1


async def sends(to: str, said: int) -> int:
    for number in range(said):
        await Mail.Sender.Sent(str(number))
    await sleep(60)
    for number in range(said):
        await Mail.Sender.Sent(str(number))
    await (await use(Post)).deliver(to, f"for {to}")
    await Mail.Sender.Sent("sent")
    return 1


async def leaves(name: str, how: str) -> int:
    post = await use(Post)
    match how:
        case "write":
            await post.leave(name)
        case "read":
            await post.look_and_leave(name)
        case "goes on":
            await post.close_and_go_on(name)
        case _:
            await post.archive(name)
    await Mail.Sender.Sent("left")
    return 1


@pytest.mark.parametrize("how", ["write", "read"])
async def test_D1_a_call_may_put_its_own_page_away(how: str, mock_clock: MockClock) -> None:
    """Save and quit: the page leaves when the call is over and nothing more is to be done."""
    store, office = MemoryStore(clock=trio.current_time), Office()
    async with open_durable_host(
        store, provide={Post: office}, wall_clock=trio.current_time, wake=None
    ) as host:
        office.hosts.append(host)
        page = await host.create(Mail, "ada")
        page.start(Mail.Inbox, inbox)
        await page.start(Mail.Sender, leaves, "ada", how).wait()
        while (await store.look("ada")).record.owner is not None:
            await trio.lowlevel.checkpoint()
        assert host.pages == ()
        record = (await store.look("ada")).record
        assert (record.status, record.owner, record.wake_at) == (PageStatus.LIVE, None, None)
        assert len(office.calls) == 1
        assert any("Sent(text='left')" in each for each in received(await host.take_up("ada")))


async def test_D1_a_page_that_a_call_puts_away_leaves_while_the_call_goes_on(
    autojump_clock: MockClock,
) -> None:
    """Nobody gets it from whoever has it open; that one hears that it is gone."""
    store, office = MemoryStore(clock=trio.current_time), Office()
    async with open_durable_host(
        store, provide={Post: office}, wall_clock=trio.current_time, wake=None, grace=5
    ) as host:
        office.hosts.append(host)
        other = await host.create(Mail, "bo")
        other.start(Mail.Inbox, inbox)
        other.start(Mail.Sender, leaves, "nobody", "goes on")
        page = await host.create(Mail, "ada")
        page.start(Mail.Sender, leaves, "bo", "goes on")
        await trio.sleep(1)
        with pytest.raises(Busy):
            await host.take_up("bo")
        await trio.sleep(10)  # as long as the call of its own may take, the grace of its host
        assert host.pages == ("ada",)
        async for _ in other.outbox:
            pass
        assert (await store.look("bo")).record.owner is None


async def test_D1_a_host_of_another_store_in_a_call_waits_for_its_own_pages(
    autojump_clock: MockClock,
) -> None:
    store, office = MemoryStore(clock=trio.current_time), Office()
    with trio.fail_after(100):
        async with open_durable_host(
            store, provide={Post: office}, wall_clock=trio.current_time, wake=None
        ) as host:
            page = await host.create(Mail, "ada")
            outcome = await page.start(Mail.Sender, leaves, "ada", "archive").wait()
    assert outcome == Completed(1)


async def test_D1_pages_of_two_hosts_that_put_each_other_away_do_not_wait_for_each_other(
    autojump_clock: MockClock,
) -> None:
    stores = [MemoryStore(clock=trio.current_time) for _ in range(2)]
    offices = [Office(), Office()]
    with trio.fail_after(1000):
        async with AsyncExitStack() as stack:
            hosts = [
                await stack.enter_async_context(
                    open_durable_host(
                        store, provide={Post: office}, wall_clock=trio.current_time, wake=None
                    )
                )
                for store, office in zip(stores, offices, strict=True)
            ]
            for host, office in zip(reversed(hosts), offices, strict=True):
                office.hosts.append(host)  # the other one
            for host, name, other in zip(hosts, ("ada", "bo"), ("bo", "ada"), strict=True):
                page = await host.create(Mail, name)
                page.start(Mail.Sender, leaves, other, "goes on")
            await trio.sleep(10)
            assert [host.pages for host in hosts] == [(), ()]
    for store, name in zip(stores, ("ada", "bo"), strict=True):
        assert (await store.look(name)).record.owner is None


async def write_to_each_other(host: DurableHost, said: int) -> None:
    """Have two pages that do at the same time, when nobody is there."""
    for name, other in (("ada", "bo"), ("bo", "ada")):
        page = await host.create(Mail, name)
        page.start(Mail.Inbox, inbox)
        page.start(Mail.Sender, sends, other, said)
        await wait_all_tasks_blocked()
        await host.put_away(name)
    await trio.sleep(200)


async def test_D1_pages_whose_calls_open_each_other_do_not_wait_for_each_other(
    autojump_clock: MockClock,
) -> None:
    store, office = MemoryStore(clock=trio.current_time), Office()
    async with open_durable_host(
        store, provide={Post: office}, wall_clock=trio.current_time
    ) as host:
        office.hosts.append(host)
        await write_to_each_other(host, 0)
        assert host.pages == ()
        assert len(office.calls) == 2
        for name in ("ada", "bo"):
            told = received(await host.take_up(name))
            assert any(f"Told(text='for {name}')" in each for each in told)


async def test_D1_a_host_can_be_left_while_calls_wait_for_pages_to_leave(
    autojump_clock: MockClock,
) -> None:
    """They have more to tell than an outbox holds: a call that opens one waits until it is away."""
    store, office = MemoryStore(clock=trio.current_time), Office()
    with trio.fail_after(2000):
        async with open_durable_host(
            store, provide={Post: office}, wall_clock=trio.current_time
        ) as host:
            office.hosts.append(host)
            await write_to_each_other(host, HIGH_WATER)
            assert office.calls
    assert all(page.owner is None for page in await store.pages())
