"""D3: pages whose code was changed are told apart, with a cause and what helps, which does help."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from trio.testing import wait_all_tasks_blocked

from spindle import ReplayMismatch, open_durable_host
from spindle.durable import MemoryStore

SHOP = """\
import enum

import msgspec
from spindle import Cell, Contract, Event, Notify, Port, Spindle, Yield
from spindle import fork, mark, read, upcasts, use


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Item(msgspec.Struct):
    sku: str


class Refused(Exception):
    pass


class Prices(Port):
    @read
    async def price(self, item: Item) -> Item: ...


class Real(Prices):
    async def price(self, item: Item) -> Item:
        if item.sku == "poison":
            raise Refused("no")
        return item


class Shop(Contract):
    class Till(Spindle[str]):
        items = Cell[list[Item]]()
        sizes = Cell[str]()

        class Chosen(Event):
            item: Item
            size: Size

        class Ask(Yield[Chosen]): ...

        class Counted(Notify):
            number: int

    class Side(Spindle[None]):
        class Ok(Event): ...

        class Wait(Yield[Ok]): ...


Till = Shop.Till


async def till(first: Item) -> str:
    await fork(Shop.Side, side)
    while True:
        chosen = await Till.Ask()
        try:
            await (await use(Prices)).price(chosen.item)
        except Refused:
            return ""


async def side() -> None:
    await Shop.Side.Wait()


async def counts(items: list[Item]) -> None:
    while True:
        await mark(items)
        await Till.items.put(items)
        await Till.sizes.put("large")
        await Till.Counted(len(items))
        items = [*items, (await Till.Ask()).item]
"""

Run = Callable[..., ModuleType]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Run]:
    """Import the shop, with some of its text changed."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def imported(*changes: tuple[str, str], more: str = "") -> ModuleType:
        text = SHOP
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "changed_shop.py").write_text(text + more)
        sys.modules.pop("changed_shop", None)
        importlib.invalidate_caches()
        return importlib.import_module("changed_shop")

    yield imported
    sys.modules.pop("changed_shop", None)


async def served(shop: Any, store: MemoryStore, function: str = "till", sku: str = "tea") -> None:
    """A page is made, and gets an answer or two."""
    given, every = {shop.Prices: shop.Real()}, 3 if function == "counts" else 256
    async with open_durable_host(store, provide=given, snapshot_every=every) as host:
        page = await host.create(shop.Shop, "page")
        first = shop.Item("cup")
        page.start(shop.Till, getattr(shop, function), [first] if function == "counts" else first)
        await wait_all_tasks_blocked()
        for _ in range(5 if function == "counts" else 1):
            await page.resume(shop.Till.Chosen(shop.Item(sku), shop.Size.LARGE)).settled()
            await wait_all_tasks_blocked()


async def asked(shop: Any, store: MemoryStore, provide: dict[type, Any] | None = None) -> str:
    """What the page asks, taken up."""
    given = {shop.Prices: shop.Real()} if provide is None else provide
    async with open_durable_host(store, provide=given) as host:
        return str((await host.take_up("page")).pending())


CODE = ("    sku: str", "    code: str"), (".sku", ".code")
UPCAST = """
@upcasts(Item)
def had_a_sku(old):
    return {"code": old["sku"]}
"""
UPCAST_EVENT = """
@upcasts(Till.Chosen)
def had_a_size(old):
    return {"item": old["item"], "wide": old["size"]}
"""
PATCHED = "in conversations that are past this place, and the new thing behind `if await patched"


@pytest.mark.parametrize(
    ("changes", "says", "cause", "mend", "mended"),
    [
        (
            CODE,
            "missing required field `code`",
            "a parameter of changed_shop:till is of another type now",
            "a new parameter has a default, and one that is not used any more stays; or make",
            None,
        ),
        (
            [('LARGE = "large"', 'LARGE = "l"')],
            "Invalid enum value 'large'",
            "Till.Chosen has changed since",
            "let the `_missing_` of the enum take the older value",
            None,
        ),
        (
            [("size: Size", "wide: Size")],
            "unknown field `size`",
            "Till.Chosen has changed since",
            "under `@upcasts`",
            UPCAST_EVENT,
        ),
        (
            [("-> Item: ...", "-> int: ...")],
            "Expected `int`",
            "what Prices.price returns has changed since",
            "under `@upcasts`",
            None,
        ),
        (
            [("Chosen", "Picked")],
            "the contract has no event Till.Chosen any more",
            "the event was renamed or taken out",
            "declare it under the name that it had",
            None,
        ),
        (
            [("class Till", "class Desk"), ("Shop.Till", "Shop.Desk")],
            "the contract has no block Shop.Till any more",
            "the block, or its contract, was renamed",
            "no alias stands for them",
            None,
        ),
        (
            [("class Shop", "class Store"), ("Till = Shop.Till", "Shop = Store; Till = Shop.Till")],
            "the contract has no block Shop.Till any more",
            "the block, or its contract, was renamed",
            "no alias stands for them",
            None,
        ),
        (
            [("class Shop", "class Store"), ("Shop.", "Store.")],
            "the contract of page page is not where it was",
            "it was renamed or moved",
            "let changed_shop have Shop, if only by an import; a contract and its blocks keep",
            None,
        ),
        (
            [("def till", "def buy")],
            "the function of Shop.Till is not where it was",
            "the function was renamed, moved or taken out",
            "under its old name: `checkout = buy` will do",
            "\ntill = buy\n",
        ),
        (
            [("def side", "def aside"), ("Side, side", "Side, aside")],
            "now:        Shop.Side starts aside",
            "one was changed into the other",
            "if the function that is forked, or its block, was renamed, give it its old name back",
            None,
        ),
        (
            [("Ask", "AskWhat")],
            "now:        Shop.Till asks Shop.Till.AskWhat",
            "one was changed into the other",
            f"contract was renamed, give it its old name back; or else let the code .* {PATCHED}",
            None,
        ),
        (
            [("def price", "def cost"), (".price", ".cost")],
            "now:        Shop.Till calls Prices.cost",
            "one was changed into the other",
            "if the port or its method was renamed",
            None,
        ),
        (
            [("first: Item", "first: Item, second: Item")],
            "now:        Shop.Till ends failed: TypeError",
            "it fails here now",
            "a new parameter has a default",
            None,
        ),
        (
            [("first: Item", "")],
            "now:        Shop.Till ends failed: TypeError",
            "it fails here now",
            "one that is not used any more stays",
            None,
        ),
    ],
)
async def test_D3_what_has_changed_is_told_with_its_cause_and_what_helps(
    run: Run, changes: Any, says: str, cause: str, mend: str, mended: str | None
) -> None:
    store = MemoryStore()
    await served(run(), store)
    with pytest.raises(ReplayMismatch, match=says) as caught:
        await asked(run(*changes), store)
    lines = str(caught.value).splitlines()
    assert lines[-3].startswith(f"  likely cause: {cause}")
    assert re.search(f"^  to mend it: .*{mend}", lines[-2])
    assert lines[-1] == "  nothing was executed, and the log is unchanged"
    if mended is not None:
        assert "Ask()" in await asked(run(*changes, more=mended), store)


async def test_D3_what_is_not_provided_any_more_is_told(run: Run) -> None:
    store, shop = MemoryStore(), run()
    await served(shop, store)
    with pytest.raises(ReplayMismatch, match="ends failed: NotProvided") as caught:
        await asked(shop, store, {})
    assert "to mend it: give what the code uses where the page" in str(caught.value)
    assert "patched" not in str(caught.value)


async def test_D3_a_field_that_is_written_as_before_may_have_another_name(run: Run) -> None:
    """Also in the arguments of calls, which are compared as they are written."""
    store = MemoryStore()
    await served(run(), store)
    with pytest.raises(ReplayMismatch, match=r"its arguments are others: .*sku='tea'") as caught:
        await asked(run(*CODE, more=UPCAST), store)
    assert "is written as before by `msgspec.field(name='...')`" in str(caught.value)
    named = ("    sku: str", "    code: str = msgspec.field(name='sku')"), (".sku", ".code")
    assert "Ask()" in await asked(run(*named), store)


async def test_D3_a_new_field_in_what_a_call_is_given_is_not_written(run: Run) -> None:
    store = MemoryStore()
    await served(run(), store)
    field = ("    sku: str", "    sku: str\n    color: str = ''")
    with pytest.raises(ReplayMismatch, match="its arguments are others") as caught:
        await asked(run(field), store)
    assert "a new one with a default by `omit_defaults=True`" in str(caught.value)
    omitting = ("Item(msgspec.Struct)", "Item(msgspec.Struct, omit_defaults=True)")
    assert "Ask()" in await asked(run(field, omitting), store)


@pytest.mark.parametrize(
    "change",
    [
        ("class Till(Spindle[str])", "class Till(Spindle[str], odd=1)"),
        ("import enum", "import enum\nimport no_such_module"),
        ("import enum", "import enum\nenum.no_such_thing"),
    ],
)
async def test_D3_a_module_that_cannot_be_imported_is_told(
    run: Run, change: tuple[str, str]
) -> None:
    store = MemoryStore()
    await served(run(), store)
    with suppress(TypeError, ImportError, AttributeError):
        run(change)
    async with open_durable_host(store) as host:
        with pytest.raises(ReplayMismatch, match="is not where it was") as caught:
            await host.take_up("page")
    assert "likely cause: changed_shop cannot be imported now" in str(caught.value)
    assert "to mend it: mend what it raises" in str(caught.value)


async def test_D3_an_exception_that_is_gone_is_told(run: Run) -> None:
    store = MemoryStore()
    await served(run(), store, sku="poison")
    with pytest.raises(ReplayMismatch, match="cannot be made anew") as caught:
        await asked(run(("Refused", "Declined")), store)
    assert "likely cause: the exception was moved" in str(caught.value)
    assert "Wait" in await asked(run(("Refused", "Declined"), more="\nRefused = Declined\n"), store)


# --- behind a snapshot --------------------------------------------------------------------------

OLD_CELL = "items = Cell[list[Item]]()"


@pytest.mark.parametrize(
    "changes",
    [
        [("items = Cell", "things = Cell"), ("Till.items", "Till.things")],
        [(OLD_CELL, ""), ("        await Till.items.put(items)\n", "")],
    ],
    ids=["renamed", "taken out"],
)
async def test_D5_a_cell_that_nobody_needs_is_let_go_of(run: Run, changes: Any) -> None:
    store = MemoryStore()
    await served(run(), store, "counts")
    assert (await store.look("page")).snapshot is not None
    assert "Ask()" in await asked(run(*changes), store)


@pytest.mark.parametrize(
    ("changes", "says", "mend"),
    [
        (
            [("items = Cell", "things = Cell"), ("        await Till.items.put(items)\n", "")],
            "Shop.Till has no cell items any more, and Shop.Till.things, which may be",
            "leave items declared",
        ),
        (
            [("Cell[list[Item]]", "Cell[int]"), ("put(items)", "put(len(items))")],
            "Shop.Till.items has another type now",
            "or leave the cell as it was, and declare another one beside it",
        ),
        (
            [
                ("items: list[Item]", ""),
                ("mark(items)", "mark()"),
                ("    while", "    items = []\n    while"),
            ],
            "has marked what counts does not take any more: too many positional arguments",
            "one that is not used any more stays",
        ),
        (
            [("(items: list[Item]", "(items: list[int]")],
            "does not take any more: for its parameter 1: Expected `int`",
            "that is not used any more stays; or make today's form of the older one in a function",
        ),
        (
            [("(items: list[Item]", "(name: str"), ("mark(items)", "mark(name)")],
            "does not take any more: for its parameter 1: Expected `str`, got `array`",
            "a new parameter has a default, and one that is not used any more stays\n",
        ),
        ([("def counts", "def count")], "of Shop.Till is not where it was", "`checkout = buy`"),
    ],
)
async def test_D5_what_has_changed_behind_a_snapshot_is_told_with_what_helps(
    run: Run, changes: Any, says: str, mend: str
) -> None:
    store = MemoryStore()
    await served(run(), store, "counts")
    with pytest.raises(ReplayMismatch, match=says) as caught:
        await asked(run(*changes), store)
    assert "likely cause: the code was changed since that was taken" in str(caught.value)
    assert mend in str(caught.value)
