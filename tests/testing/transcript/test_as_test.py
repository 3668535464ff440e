"""A transcript as the source of a test that plays it again."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from textwrap import dedent

from spindle import (
    Cell,
    Contract,
    Port,
    Spindle,
    TooSlow,
    await_all,
    cleanup,
    fiber,
    fork,
    many,
    map_fibers,
    perform,
    random_float,
    read,
    sleep,
    timeout,
    use,
)
from spindle.testing import Fake, Transcript
from tests.store import (
    PAYMENT,
    SHIPPING,
    TEA,
    Address,
    Bank,
    Checkout,
    Inventory,
    Order,
    Orders,
    Product,
    Stock,
    checkout,
)
from tests.talk import Bell, Clerk, Desk, Echo, ring

TEST = """\
from spindle.testing import Transcript
from tests.store import Address, Card, Checkout, Inventory, Order, Orders, Product, checkout


def test_a_sale() -> None:
    run = Transcript(checkout, Product(sku="tea", price=4))
    run.expect_call(Inventory.reserve, "tea").returns(True)
    run.expect(Checkout.AskShipping(product=Product(sku="tea", price=4))).answer(\
Checkout.ShippingGiven(shipping=Address(street="Main St 1", city="Ulm")))
    run.expect(Checkout.AskPayment(total=4)).answer(\
Checkout.PaymentGiven(payment=Card(token="tok")))
    run.expect_call(Orders.place, Product(sku="tea", price=4), \
Address(street="Main St 1", city="Ulm"), Card(token="tok")).returns(Order(id="o1"))
    run.expect_returned(Order(id="o1"))
"""


def played(run: Transcript[object]) -> str:
    """The source of the test, which has passed."""
    source = run.as_test("test_again")
    names: dict[str, object] = {}
    exec(compile(source, "played", "exec"), names)
    test = names["test_again"]
    assert callable(test)
    test()
    return source


def lines(run: Transcript[object]) -> list[str]:
    """The lines of the test, without its beginning."""
    source = played(run)
    return [line[4:] for line in source[source.index("    run = ") :].splitlines()]


def test_what_was_played_is_a_test() -> None:
    run = Transcript(checkout, TEA)
    run.expect_call(Inventory.reserve, "tea").returns(True)
    run.expect(Checkout.AskShipping(TEA)).answer(SHIPPING)
    run.expect(Checkout.AskPayment(4)).answer(PAYMENT)
    run.expect_call(Orders.place).returns(Order("o1"))
    assert run.as_test("test_a_sale") == TEST
    assert "def test_conversation() -> None:" in run.as_test()
    played(run)


def test_what_was_given_is_played_in_the_test() -> None:
    run = Transcript(checkout, TEA, provide={Inventory: Stock(tea=1), Orders: Bank()})
    run.expect(Checkout.AskShipping(TEA)).answer(SHIPPING)
    run.expect(Checkout.AskPayment(4)).answer(PAYMENT)
    assert run.as_test("test_a_sale") == TEST


async def rich() -> str:
    """Does something of everything."""
    clerk, home = await use(Clerk), await use(Address)
    await Desk.Said("hello")
    await fork(Bell, ring, 2)
    await fork(Bell, ring, 3, instance="left")
    try:
        async with timeout(5):
            await Desk.Ask(1)
    except TooSlow:
        await Desk.Said(f"slow {await random_float() < 2}")
    await perform(fetch, "/a")
    try:
        await await_all(await fiber(clerk.look, "b"), await fiber(clerk.look, "c"))
    except LookupError:
        await Desk.Said("none")
    word = await clerk.pay(3, currency=home.city)
    await sleep(60)
    try:
        return (await Desk.Ask(2)).word + word
    finally:
        async with cleanup(2):
            await clerk.note("bye")


async def fetch(url: str) -> bytes:
    return url.encode()


def begun() -> Transcript[str]:
    run = Transcript(rich, provide={Address: Address("Main St 1", "EUR")}, stub=[fetch], seed=3)
    run.advance(2)
    run.advance(3)
    run.expect_perform(fetch).returns(b"a")
    run.expect_call(Clerk.look, "c").raises(LookupError("c"))
    run.expect_call(Clerk.pay).returns("paid")
    run.expect(Bell.Wait()).answer(Bell.Rung(1))
    return run


BEGUN = [
    'run = Transcript(rich, provide={Address: Address(street="Main St 1", city="EUR")}, '
    "stub=[fetch], seed=3)",
    "run.expect_forked(Bell)",
    'run.expect_forked(Bell, instance="left")',
    'run.expect_notified(Desk.Said(word="hello"), Bell.Rang(times=2), Bell.Rang(times=3))',
    "run.advance(2)",
    "run.advance(3)",
    'run.expect_notified(Desk.Said(word="slow True"))',
    "run.expect_perform(fetch, \"/a\").returns(b'a')",
    'run.expect_call(Clerk.look, "c").raises(LookupError("c"))',
    'run.expect_notified(Desk.Said(word="none"))',
    'run.expect_call(Clerk.pay, 3, currency="EUR").returns("paid")',
    "run.expect(Bell.Wait()).answer(Bell.Rung(times=1))",
]


def test_a_conversation_of_everything() -> None:
    run = begun()
    assert lines(run) == [*BEGUN, "run.expect(Bell.Wait())"]
    run.expect(Bell.Wait()).answer(Bell.Rung(2))
    run.advance(60)
    run.expect(Desk.Ask(2)).answer(Desk.Told("a"))
    run.expect_call(Clerk.note, "bye").returns(None)
    assert lines(run) == [
        *BEGUN,
        "run.expect(Bell.Wait()).answer(Bell.Rung(times=2))",
        "run.advance(60)",
        'run.expect(Desk.Ask(number=2)).answer(Desk.Told(word="a"))',
        'run.expect_call(Clerk.note, "bye").returns(None)',
        'run.expect_returned("apaid")',
    ]


def test_a_cancellation_is_played_again() -> None:
    run = begun()
    run.cancel("enough")
    assert lines(run)[len(BEGUN) :] == [
        'run.cancel("enough")',
        'run.expect_cancelled("enough")',
    ]
    run = Transcript(checkout, TEA)
    run.expect_call(Inventory.reserve, "tea").returns(True)
    run.cancel("the tab was closed")
    assert lines(run)[-1] == 'run.expect_call(Inventory.release, "tea")'
    run.expect_call(Inventory.release).raises(OSError(5, "down"))
    assert lines(run)[-3:] == [
        'run.cancel("the tab was closed")',
        'run.expect_call(Inventory.release, "tea").raises(OSError(5, "down"))',
        "run.expect_raised(OSError)",
    ]


class Shop(Contract):
    class Search(Spindle[None]):
        found = Cell[tuple[Product, ...]]()


Search = Shop.Search


async def searches() -> None:
    await Search.found.put((TEA,))


async def searches_elsewhere() -> None:
    await fork(Search, left, instance="left")
    await sleep(1)


async def left() -> None:
    await Search.found.of("left").put(())


def test_cells_are_played_again() -> None:
    assert lines(Transcript(searches)) == [
        "run = Transcript(searches)",
        'run.expect_put(Search.found, (Product(sku="tea", price=4),))',
        "run.expect_returned(None)",
    ]
    assert lines(Transcript(searches_elsewhere))[1:3] == [
        'run.expect_forked(Search, instance="left")',
        'run.expect_put(Search.found.of("left"), ())',
    ]


class Catalog(Port):
    @read
    async def product(self, sku: str) -> int: ...
    @many(product)
    async def products(self, skus: tuple[str, ...]) -> Mapping[str, int]:
        raise NotImplementedError


async def prices() -> tuple[int, ...]:
    return await map_fibers((await use(Catalog)).product, ["a", "b", "a"], limit=9)


def test_a_batch_is_played_key_by_key() -> None:
    catalog = Fake(Catalog).when(Catalog.products).returns({"a": 1, "b": 2})
    assert lines(Transcript(prices, provide={Catalog: catalog})) == [
        "run = Transcript(prices)",
        'run.expect_call(Catalog.product, "a").returns(1)',
        'run.expect_call(Catalog.product, "b").returns(2)',
        "run.expect_returned((1, 2, 1))",
    ]
    half = Fake(Catalog).when(Catalog.products).returns({"a": 1})
    assert lines(Transcript(prices, provide={Catalog: half}))[2:] == [
        'run.expect_call(Catalog.product, "b").raises('
        'NotLoaded("Catalog.products brought nothing for this key"))',
        "run.expect_raised(NotLoaded)",
    ]
    down = Fake(Catalog).when(Catalog.products).raises(OSError("down"))
    source = Transcript(prices, provide={Catalog: down}).as_test()
    assert 'run.expect_call(Catalog.product, "b").raises(OSError("down"))\n' in source


async def loops() -> list[str]:
    clerk = await use(Clerk)
    return [await clerk.look(what) for what in "ab"] + [await looked("c")]


async def looked(what: str) -> str:
    return await perform(answers, what)


async def answers(what: str) -> str:
    return what * 2


def test_what_was_performed_is_played_again() -> None:
    assert lines(Transcript(loops, provide={Clerk: Echo()})) == [
        "run = Transcript(loops, stub=[answers])",
        'run.expect_call(Clerk.look, "a").returns("seen a")',
        'run.expect_call(Clerk.look, "b").returns("seen b")',
        'run.expect_perform(answers, "c").returns("cc")',
        'run.expect_returned(["seen a", "seen b", "cc"])',
    ]


def test_a_test_is_written_at_any_time() -> None:
    run = Transcript(checkout, TEA)
    ast.parse(run.as_test())
    assert run.as_test().endswith('    run.expect_call(Inventory.reserve, "tea")\n')


def test_what_stands_in_a_function_is_written_by_its_name() -> None:
    async def local() -> None: ...

    assert dedent(Transcript(local).as_test()) == (
        "from spindle.testing import Transcript\n\n\n"
        "def test_conversation() -> None:\n"
        "    run = Transcript(local)\n"
        "    run.expect_returned(None)\n"
    )
