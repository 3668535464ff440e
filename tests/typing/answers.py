"""What the checkers infer, asserted; each line is checked by both."""

# Assertions are left unused on purpose.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, assert_type

from spindle import (
    ESCALATE,
    REPORT,
    Ask,
    AsyncCoroutine,
    Cancelled,
    Cell,
    Change,
    Changes,
    Channel,
    ChannelStatistics,
    Completed,
    Coroutine,
    Errored,
    Escalate,
    Handle,
    Notified,
    PageMachine,
    Policy,
    Receipt,
    Report,
    Restart,
    Sent,
    Snapshot,
    Source,
    Suspended,
    When,
    Withdrawn,
    await_all,
    await_any,
    cancel_reason,
    cleanup,
    describe,
    fiber,
    forget,
    fork,
    map_fibers,
    now,
    open_coroutine,
    open_host,
    open_page,
    perform,
    random_float,
    scope,
    sleep,
    timeout,
    unique_id,
    use,
)
from spindle.testing import HandPage, Transcript
from spindle.view import click, fields, submit
from tests.typing.store import (
    Address,
    Card,
    CardRefused,
    Catalog,
    Checkout,
    Dashboard,
    Filters,
    Found,
    Order,
    Product,
    Search,
    SoldOut,
    Store,
    checkout,
    dashboard,
    home,
    search,
    tea,
)
from tests.typing.wizard import AskEmail, AskName, User, wizard


async def spindle() -> None:
    assert_type(await Checkout.AskShipping(tea), Checkout.ShippingGiven)
    assert_type(await Search.Browsing(), Search.QueryTyped | Search.Filtered | Search.BuyPressed)
    await Search.Results((), total=0)
    assert_type(await AskName(), str)
    assert_type((await Checkout.AskPayment(4)).payment, Card)


async def narrowed() -> None:
    match await Search.Browsing():
        case Search.QueryTyped(query):
            assert_type(query, str)
        case Search.Filtered(filters):
            assert_type(filters, Filters)
        case Search.BuyPressed() as pressed:
            assert_type(pressed, Search.BuyPressed)


async def ports() -> None:
    catalog = await use(Catalog)
    assert_type(catalog, Catalog)
    assert_type(await catalog.search(Filters()), Found)
    assert_type(await catalog.product("tea"), Product)
    assert_type(await catalog.products(("tea",)), Mapping[str, Product])
    assert_type(await fiber(catalog.product, "tea"), Handle[Product])
    assert_type(await map_fibers(catalog.product, ["tea"], limit=9), tuple[Product, ...])
    assert_type(await forget(catalog.product, "tea"), None)
    assert_type(await perform(wizard), User)


async def races() -> None:
    changes = Search.results.changes()
    match await await_any(changes.next(), Dashboard.Watching()):
        case 0, products:
            assert_type(products, tuple[Product, ...])
        case 1, refreshed:
            assert_type(refreshed, Dashboard.Refreshed)
    assert_type(await await_any(AskName()), tuple[Literal[0], str])
    assert_type(
        await await_any(AskName(), sleep(1), Dashboard.Watching()),
        tuple[Literal[0], str] | tuple[Literal[1], None] | tuple[Literal[2], Dashboard.Refreshed],
    )
    assert_type(
        await await_any(AskName(), AskName(), sleep(1), changes.next()),
        tuple[Literal[0], str]
        | tuple[Literal[1], str]
        | tuple[Literal[2], None]
        | tuple[Literal[3], tuple[Product, ...]],
    )


async def races_of_lists(lists: Channel[list[int]], texts: list[Channel[str]]) -> None:
    match await await_any(lists.take(), lists.take()):
        case 0, first:
            assert_type(first, list[int])
        case 1, second:
            assert_type(second, list[int])
    assert_type(await await_any(*[each.take() for each in texts]), tuple[int, str])
    one, two, three, four, five = (each.take() for each in texts)
    assert_type(await await_any(one, two, three, four, five), tuple[int, str])


async def returned_from_a_race() -> tuple[Product, ...] | None:
    match await await_any(Search.results.changes().next(), sleep(5)):
        case 0, products:
            return products
        case 1, _:
            return None


async def forks() -> None:
    handle = await fork(Checkout, checkout, tea, replace=True)
    assert_type(handle, Handle[Order | SoldOut | CardRefused])
    assert_type(handle.source, Source)
    assert_type(
        handle.outcome, Completed[Order | SoldOut | CardRefused] | Errored | Cancelled | None
    )
    assert_type(await handle.result(), Order | SoldOut | CardRefused)
    assert_type(await handle.wait(), Completed[Order | SoldOut | CardRefused] | Errored | Cancelled)
    await handle.cancel("enough")
    handle.cancel_nowait()
    assert_type(await fork(Dashboard, dashboard, instance="left"), Handle[None])
    assert_type(await cancel_reason(), Cancelled | None)


async def policies() -> None:
    again = Restart(when=When.PERMANENT, intensity=5, delay=0.5, spent=ESCALATE)
    chosen: list[Policy] = [REPORT, ESCALATE, again]
    for policy in chosen:
        assert_type(policy, Report | Escalate | Restart)
        await fork(Dashboard, dashboard, policy=policy, significant=True)


async def fibers() -> None:
    catalog = await use(Catalog)
    call = await fiber(catalog.search, Filters())
    assert_type(call, Handle[Found])
    named = await fiber(wizard)
    assert_type(await named.result(), User)
    assert_type(await await_all(call, named), tuple[Found, User])
    assert_type(await await_all(call, named, call), tuple[Found, User, Found])
    assert_type(await await_all(call, named, call, named), tuple[Found, User, Found, User])
    assert_type(await await_all(*[call, call]), tuple[Found, ...])
    assert_type(await map_fibers(catalog.product, ["tea"], limit=2), tuple[Product, ...])
    assert_type(await map_fibers(length, iter(["tea"]), limit=2), tuple[int, ...])
    match await await_any(call.result(), named.result()):
        case 0, found:
            assert_type(found, Found)
        case 1, user:
            assert_type(user, User)


async def length(text: str) -> int:
    await sleep(len(text))
    return len(text)


async def cells(counts: Cell[int]) -> None:
    assert_type(Search.results, Cell[tuple[Product, ...]])
    assert_type(await counts.put(1), Change[int])
    assert_type((await counts.put(2)).old, int | None)
    assert_type(await counts.get(), int)
    assert_type(await counts.get(None), int | None)
    assert_type(await counts.get("none"), int | str)
    assert_type(counts.of("left"), Cell[int])
    assert_type(counts.changes(), Changes[int])
    assert_type(await counts.changes().next(), int)
    assert_type(await counts.watch(), Channel[int])
    assert_type(await (await counts.watch()).take(), int)


async def channels() -> None:
    items = Channel[list[str]](3)
    await items.put(["a"])
    assert_type(await items.take(), list[str])
    assert_type(items.statistics(), ChannelStatistics)
    await items.close()
    await items.fail(ValueError())


async def time_and_chance() -> None:
    await sleep(0.5)
    assert_type(await now(), float)
    assert_type(await random_float(), float)
    assert_type(await unique_id(), str)


async def returns_within_a_limit() -> str:
    """No code behind the block is missing: a timeout raises, it does not fall through."""
    async with timeout(1):
        return await AskName()


async def returns_within_a_scope() -> str:
    async with scope():
        return await (await fiber(ask_name)).result()


async def ask_name() -> str:
    return await AskName()


async def may_be_cut() -> str:
    """The code behind the block is reached when the budget is used up."""
    async with cleanup(1):
        return await AskName()
    return "cut"


async def goes_on_behind_a_limit() -> str:
    name = ""
    async with timeout(1), scope():
        name = await AskName()
    return name or "nobody"


async def page(machine: PageMachine) -> None:
    handle = machine.start(Checkout, checkout, tea)
    assert_type(handle, Handle[Order | SoldOut | CardRefused])
    assert_type(machine.start(Search, search, Filters()), Handle[None])
    assert_type(machine.resume(Search.QueryTyped("tea")), Receipt)


def hands() -> None:
    state = Coroutine(checkout, tea).run()
    assert_type(state, Suspended | Completed[Order | SoldOut | CardRefused] | Errored | Cancelled)
    match state:
        case Completed(outcome):
            assert_type(outcome, Order | SoldOut | CardRefused)
        case _:
            pass
    assert_type(Transcript(wizard).result, User)
    assert_type(Coroutine(wizard).pending(), list[tuple[Source, Ask]])
    assert_type(Coroutine(wizard).advance(1), Suspended | Completed[User] | Errored | Cancelled)
    assert_type(Coroutine(wizard, seed=3).cancel(), Completed[User] | Errored | Cancelled)


def a_page_by_hand(items: Channel[int]) -> None:
    with HandPage(Store, seed=1) as page:
        assert_type(page, HandPage)
        handle = page.start(Checkout, checkout, tea, policy=Restart())
        assert_type(handle, Handle[Order | SoldOut | CardRefused])
        assert_type(page.resume(Checkout.ShippingGiven(home)), Receipt)
        assert_type(page.result(handle), Order | SoldOut | CardRefused)
        assert_type(page.sent(), list[tuple[Source, Sent]])
        assert_type(page.said(), list[str])
        assert_type(page.pending(), list[tuple[Source, Ask]])
        assert_type(page.take(items), int)
        page.put(items, 3)
        assert_type(page.get(Search.results), tuple[Product, ...])
        assert_type(page.get(Search.results, None), tuple[Product, ...] | None)
        assert_type(page.snapshot(), Snapshot)
        assert_type(page.now, float)


async def returns_within_an_open_page() -> Snapshot:
    """Nor does leaving one on trio, or a host, or a coroutine without a page."""
    async with open_page(Store) as page:
        return page.snapshot()


async def returns_within_an_open_host() -> Snapshot:
    async with open_host() as host:
        return host.open(Store).snapshot()


async def returns_within_an_open_coroutine() -> User | None:
    async with open_coroutine(wizard) as runner:
        match await runner.run():
            case Completed(user):
                return user
            case _:
                return None


def returns_within_a_page() -> float:
    """No code behind the block is missing: leaving a page swallows nothing."""
    with HandPage(Store) as page:
        page.wait()
        return page.now


async def alone() -> None:
    async with open_coroutine(wizard, tag="wizard") as runner:
        assert_type(runner, AsyncCoroutine[User])
        assert_type(await runner.run(), Suspended | Completed[User] | Errored | Cancelled)
        resumed = await runner.resume(AskEmail("Ada"), "ada@example.org")
        assert_type(resumed, Suspended | Completed[User] | Errored | Cancelled)
        assert_type(runner.state, Suspended | Completed[User] | Errored | Cancelled | None)
        assert_type(runner.outcome, Completed[User] | Errored | Cancelled | None)
        assert_type(await runner.cancel(), Completed[User] | Errored | Cancelled)
        async for tag, said in runner.results:
            assert_type(tag, str)
            assert_type(
                said, Suspended | Withdrawn | Notified | Completed[User] | Errored | Cancelled
            )
    async with open_coroutine(checkout, tea, hosted=True) as buying:
        assert_type(buying, AsyncCoroutine[Order | SoldOut | CardRefused])
        buying.resume_nowait(Checkout.AskShipping(tea), Checkout.ShippingGiven(home))


def view() -> None:
    field = fields(Checkout.ShippingGiven)
    assert_type(field.shipping, Address)
    assert_type(field.shipping.street, str)
    submit(Checkout.ShippingGiven, to=Checkout.AskShipping(tea))
    click(Search.BuyPressed("tea"))


def introspection() -> None:
    for contract in (Store, Checkout, Search):
        described = describe(contract)
        print(described.blocks, described.events, described.yields, described.notifies)
