"""Each line marked `error` must be reported by both checkers; the rest must not.

No `_ = ...` here: to mypy that is a variable of type Any, which hides half of the mistakes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import spindle as library
from spindle import (
    AsyncCoroutine,
    Channel,
    Coroutine,
    PageMachine,
    Port,
    Restart,
    Suspended,
    await_all,
    await_any,
    cleanup,
    describe,
    fiber,
    forget,
    fork,
    many,
    map_fibers,
    now,
    once,
    open_coroutine,
    read,
    reconciles,
    sleep,
    timeout,
    use,
    within,
    write,
)
from spindle.sqlite import exactly_once
from spindle.testing import Fake, HandPage, Transcript
from spindle.view import click, fields, on, on_complete, on_error, submit
from spindle.web import App
from tests.typing.store import (
    Address,
    Catalog,
    Checkout,
    Dashboard,
    Filters,
    Inventory,
    Order,
    Product,
    Search,
    SoldOut,
    Store,
    StoreView,
    checkout,
    home,
    search,
    tea,
)
from tests.typing.wizard import AskName, User, wizard


async def spindle() -> None:
    answer = await Checkout.AskShipping(tea)
    answer.payment  # error: ShippingGiven has no payment
    Checkout.AskShipping(sku="tea")  # error: no such field
    Checkout.AskShipping(tea)  # error: not awaited
    Search.Results((), total=0)  # error: not awaited
    answer.shipping = home  # error: messages are frozen
    _given = Checkout.ShippingGiven("Main St")  # error: not an address
    match await Search.Browsing():  # error: BuyPressed is left out
        case Search.QueryTyped() | Search.Filtered():
            pass
    match await await_any(Search.results.changes().next(), Dashboard.Watching()):
        case 0, products:
            products.query  # error: a tuple of products
        case 1, refreshed:
            refreshed.query  # error: Refreshed has no query
    match await await_any(AskName(), Dashboard.Watching()):  # error: position 1 is left out
        case 0, _name:
            pass
    name = await AskName()
    name.email  # error: a str
    _sold: SoldOut = await AskName()  # error: a str


async def others() -> None:
    fork(Checkout, checkout, tea)  # error: not awaited
    await fork(Checkout, search, Filters())  # error: search does not return what Checkout declares
    await fork(Checkout, checkout, "tea")  # error: checkout takes a Product
    await fork(Checkout, checkout(tea))  # error: a coroutine object, no function
    await fork(Checkout, checkout, tea, policy="restart")  # error: no policy
    handle = await fork(Checkout, checkout, tea)
    await handle  # error: await handle.result()
    _sold: SoldOut = await handle.result()  # error: an outcome of checkout
    await fiber(search, "tea")  # error: search takes Filters
    call = await fiber(search, Filters())
    _both = await await_all(handle, call.result())  # error: handles, not what they give
    _three: tuple[None, None, None] = await await_all(call, call)  # error: two of them
    await map_fibers(search, ["tea"], limit=2)  # error: search takes Filters
    await map_fibers(search, [Filters()])  # error: no limit
    await await_any([AskName(), AskName()])  # error: a list of operations
    await await_any(await AskName(), AskName())  # error: awaited already
    await await_any(handle, AskName())  # error: handle.result()


async def shared(items: Channel[int]) -> None:
    await Search.results.put(["tea"])  # error: no tuple of products
    _count: int = await Search.results.get()  # error: a tuple of products
    _or_count: int = await Search.results.get(0)  # error: a tuple of products, or an int
    Search.results.put(())  # error: not awaited
    await items.put("one")  # error: a channel of ints
    items.close()  # error: not awaited
    item = await items.take()
    item.query  # error: an int
    await items.fail("broken")  # error: no exception


async def limits() -> int:
    with timeout(1):  # error: async with
        pass
    sleep(1)  # error: not awaited
    await sleep("1")  # error: a number of seconds
    _now: str = await now()  # error: a float
    Restart(when="permanent")  # error: a member of When
    return 1


async def falls_through() -> int:  # error: the body of cleanup may be cut
    async with cleanup(2):
        return 1


def page(machine: PageMachine) -> None:
    library.open_pages  # error: no such name
    _started = machine.start(Checkout, checkout, "tea")  # error: checkout takes a Product
    _object = machine.start(Checkout, checkout(tea))  # error: a coroutine object, no function
    _other = machine.start(Checkout, search, Filters())  # error: not what Checkout returns
    _receipt = machine.resume(Checkout.AskShipping(tea))  # error: a yield is no event
    _catalog = Catalog()  # error: nothing implements its methods
    _described = describe(Product)  # error: neither contract nor block


async def alone(runner: AsyncCoroutine[User]) -> None:
    runner.run()  # error: not awaited
    runner.resume_nowait(AskName(), 3)  # error: AskName takes a str
    runner.resume_nowait(AskName(), str)  # error: a class
    runner.resume_nowait(AskName, "Ada")  # error: a class
    runner.resume_nowait(Suspended(AskName()), "Ada")  # error: a state
    _state = await runner.resume("Ada", AskName())  # error: the wrong way round
    _user: User = await runner.run()  # error: a state, not what it returned
    _number: int = (await anext(runner.results))[0]  # error: a str
    _object = open_coroutine(wizard())  # error: a coroutine object, no function
    _few = open_coroutine(checkout)  # error: checkout takes a Product


def hands() -> None:
    Fake(Inventory).when(Inventory.reserve).returns("yes")  # error: reserve returns a bool
    run = Transcript(checkout, tea)
    run.expect(Checkout.AskShipping(tea)).answer(Search.BuyPressed("tea"))  # error: not its answer
    _number: int = run.result  # error: an outcome of checkout


def plain(sku: str) -> str:
    return sku


def transcripts() -> None:
    run = Transcript(checkout, tea, stub=[plain])  # error: not an async function
    run.expect_call(Inventory.reserve, 3)  # error: reserve takes a string
    run.expect_call(Inventory.reserve, "tea", 3)  # error: reserve takes one argument
    run.expect_call(Inventory.reserve, count="tea")  # error: reserve has no count
    run.expect_call(Inventory.reserve, "tea").returns("yes")  # error: reserve returns a bool
    run.expect_call(Inventory.reserve).returns(None)  # error: reserve returns a bool
    run.expect_call(Inventory.reserve).raises(LookupError)  # error: a class, no error
    run.expect_call(plain, "tea")  # error: not an async function
    run.expect_perform(wizard, 3)  # error: wizard takes nothing
    run.expect_perform(wizard).returns("Ada")  # error: wizard returns a User
    run.expect_forked(Search, search, "tea")  # error: search takes Filters
    run.expect_put(Search.results, (3,))  # error: a tuple of products
    run.expect_returned("o1")  # error: an outcome of checkout
    run.expect_raised(KeyboardInterrupt)  # error: no error of a spindle
    run.cancel(3)  # error: a reason is a string


def fakes() -> None:
    fake = Fake(Inventory)
    fake.when(Inventory.reserve).does(plain)  # error: reserve returns a bool
    fake.when(Inventory.reserve).does(lambda: True)  # error: reserve takes a string
    fake.when(Inventory.reserve).does(wizard)  # error: async, and takes nothing
    fake.does(Inventory.reserve, lambda: True)  # error: reserve takes a string
    fake.when(Inventory.reserve).raises("no")  # error: no exception
    fake.expect_called(Inventory.reserve, 3)  # error: reserve takes a string
    fake.expect_refused(Inventory.reserve, 3)  # error: reserve takes a string, here too
    fake.when(plain)  # error: not an async function


def by_hand() -> None:
    page = HandPage(Store)
    _string = page.start(Checkout, checkout, "tea")  # error: checkout takes a Product
    handle = page.start(Checkout, checkout, tea)
    _number: int = page.result(handle)  # error: an outcome of checkout
    _receipt = page.resume(Checkout.AskShipping(tea))  # error: a yield is no event
    _cell: int = page.get(Search.results)  # error: a tuple of products
    page.put(Channel[int](), "one")  # error: a channel of ints
    page.stop("over", 3)  # error: grace=3
    _seed = HandPage(Store, seed="x")  # error: a number
    run = Coroutine(checkout, tea)
    event = Checkout.ShippingGiven(home)
    _state = run.run(event, to=event)  # error: a yield


def view() -> None:
    _form = submit(Checkout.PaymentGiven, to=Checkout.AskShipping(tea))  # error: not its answer
    _button = click(Search.BuyPressed("tea"), to=Checkout.AskShipping(tea))  # error: not its answer
    _path = fields(Checkout.ShippingGiven).shipping.zip  # error: no such field


def site(app: App) -> None:
    app.coroutine("/", search, Checkout, StoreView)  # error: not what Checkout returns
    app.coroutine("/", checkout(tea), Checkout, StoreView)  # error: a coroutine object, no function


class WrongCatalog(Catalog):
    async def product(self, sku: str) -> Address: ...  # error: the port returns a Product


class WrongBatch(Catalog):
    async def products(self, skus: tuple[str, ...]) -> list[Product]: ...  # error: no mapping


class WrongKeys(Catalog):
    async def products(self, skus: str) -> dict[str, Product]: ...  # error: takes the keys


class WrongPort(Port):
    @read
    async def one(self, key: str) -> int: ...
    @read
    async def two(self, key: str, other: str) -> int: ...

    @many(one)  # error: other keys
    async def ones(self, keys: tuple[int, ...]) -> Mapping[str, int]:
        raise NotImplementedError

    @many(one)  # error: no mapping
    async def listed(self, keys: tuple[str, ...]) -> list[int]:
        raise NotImplementedError

    @many(two)  # error: two keys
    async def twos(self, keys: tuple[str, ...]) -> Mapping[str, int]:
        raise NotImplementedError

    @many(three)  # error: no such method
    async def threes(self, keys: tuple[str, ...]) -> Mapping[str, int]:
        raise NotImplementedError

    @read
    @within("2")  # error: a number of seconds
    async def four(self, key: str) -> int: ...


class WrongReconciling(Port):
    @once
    async def pay(self, card: str, cents: int) -> str: ...
    @write
    async def block(self, card: str) -> None: ...

    @reconciles(pay)  # error: another type
    async def paid(self, card: str, cents: int) -> int | None:
        raise NotImplementedError

    @reconciles(pay)  # error: other arguments
    async def paid_with(self, card: int, cents: int) -> str | None:
        raise NotImplementedError

    @reconciles(block)  # error: whether it was done
    async def blocked(self, card: str) -> str | None:
        raise NotImplementedError

    @reconciles(block)  # error: not async
    def is_blocked(self, card: str) -> bool:
        raise NotImplementedError

    @reconciles("pay")  # error: no method
    async def named(self) -> str | None:
        raise NotImplementedError


def insert(connection: sqlite3.Connection, sku: str) -> int:
    return 1


def places(connection: sqlite3.Connection) -> None:
    exactly_once(connection, insert, 3)  # error: a str
    exactly_once(connection, insert)  # error: what is to be inserted
    _: str = exactly_once(connection, insert, "tea")  # error: an int
    exactly_once("shop.sqlite", insert, "tea")  # error: a connection


async def reads() -> None:
    catalog = await use(Catalog)
    catalog.product("tea")  # error: not awaited
    await catalog.product(3)  # error: a str
    forget(catalog.product)  # error: not awaited
    await forget(catalog.product, 3)  # error: a str
    await forget(catalog.products("tea"))  # error: a method


class WrongView(StoreView):
    @on(Search.Results)  # error: handler takes another message
    def wrong_message(self, message: Checkout.AskShipping) -> None: ...

    @on_complete(Checkout)  # error: handler takes another outcome
    def wrong_outcome(self, outcome: Order | SoldOut) -> None: ...

    @on(Checkout.AskShipping)  # error: handler takes only one of the two
    @on(Checkout.AskPayment)
    def takes_one(self, ask: Checkout.AskPayment) -> None: ...

    @on_error(Checkout)  # error: handler takes an exception
    def wrong_error(self, error: str) -> None: ...
