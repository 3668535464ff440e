"""Whether today's code goes on with what a store has."""

from __future__ import annotations

import re
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import trio

from spindle import (
    Contract,
    DurableHost,
    Event,
    Port,
    Spindle,
    Yield,
    many,
    mark,
    open_durable_host,
    read,
    use,
)
from spindle.durable import Kept, open_sqlite_store
from spindle.durable.sqlite.looking import looked_into
from spindle.web import App
from tests.lasting import counter, golden_office
from tests.lasting.counter import Counter, Shop
from tests.tools.stores import counted, served

Tool = Callable[..., Any]
GOLDEN = max((Path(__file__).parent.parent / "lasting" / "golden").glob("*.sqlite"))


async def three(host: DurableHost) -> None:
    await counted(host, "ann", 1, 2)
    await counted(host, "ben")
    cleo = await counted(host, "cleo", 1)
    await cleo.resume(Counter.Done()).settled()
    await cleo.cancel("bought")


async def counts_dearer(start: int) -> int:
    total, shop = start, await use(Shop)
    while True:
        await Counter.total.put(total)
        match await Counter.Ask(total):
            case Counter.Add(number):
                total += number * len(await shop.order(total))
            case _:
                return total


def test_all_pages_go_on_with_the_code_they_were_made_by(spindle: Tool, path: Path) -> None:
    till = served(path, three)
    calls = list(till.calls)
    before = path.read_bytes()
    ran = spindle("check")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("2 pages looked at in 0.")
    assert ran.out.endswith(" s: 2 go on (6 inputs); 1 more are over\n")
    assert till.calls == calls
    assert path.read_bytes() == before
    assert spindle("check", "--page", "cleo").status == 0
    assert sorted(each.name for each in path.parent.iterdir()) == ["pages.db", "pages.db.lock"]


def test_a_page_that_would_not_go_on_is_told_with_all_that_helps(
    spindle: Tool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served(path, three)
    before = path.read_bytes()
    monkeypatch.setattr(counter, "count", counts_dearer)
    ran = spindle("check")
    assert ran.status == 1
    said = ran.out.splitlines()
    assert said[0] == (
        "page ann: would not go on: the code does something else now than input 2 of the log led to"
    )
    assert said[1].startswith("  in the log: Counting.Counter calls Shop.price()  lasting/counter")
    assert said[2].startswith(
        "  now:        Counting.Counter calls Shop.order(1)  tools/test_check"
    )
    assert said[4] == "  likely cause: one was changed into the other"
    assert said[6] == "  nothing was executed, and the log is unchanged"
    assert said[7].endswith(f"spindle log rewind ann --to 1 --store {path}")
    assert "1 go on (1 input), 1 do not; 1 more are over" in said[-1]
    assert path.read_bytes() == before


def test_only_the_pages_that_are_named(
    spindle: Tool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served(path, three)
    monkeypatch.setattr(counter, "count", counts_dearer)
    assert spindle("check", "--page", "ben").status == 0
    assert spindle("check", "--page", "ben", "--page", "ann").status == 1
    assert spindle("check", "--page", "cleo").status == 1, "it is over, and looked at all the same"
    ran = spindle("check", "--page", "bem")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == f"spindle: {path} has no page 'bem': did you mean ben?\n"


def test_a_sample_is_spread_over_all_pages(spindle: Tool, path: Path) -> None:
    async def many_pages(host: DurableHost) -> None:
        for number in range(10):
            await counted(host, f"page-{number}")

    served(path, many_pages)
    assert spindle("check", "--sample", "3").out.startswith("3 pages looked at")
    assert spindle("check", "--sample", "30").out.startswith("10 pages looked at")
    with pytest.raises(SystemExit):
        spindle("check", "--sample", "0")


def test_a_contract_that_is_gone_is_told(
    spindle: Tool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served(path, three)
    monkeypatch.delattr(counter, "Counting")
    ran = spindle("check")
    assert ran.status == 1
    assert "page ann: would not go on: the contract of page ann is not where it was" in ran.out


def test_a_module_that_cannot_be_imported_is_told(
    spindle: Tool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served(path, three)

    def broken(*_: object) -> None:
        raise SyntaxError("invalid syntax in shop.py")

    monkeypatch.setattr("spindle._lasting.opened.contract_at", broken)
    ran = spindle("check")
    assert ran.status == 1
    assert "page ann: would not go on: SyntaxError('invalid syntax in shop.py')" in ran.out


def test_damage_is_told_and_the_other_pages_are_looked_at(spindle: Tool, path: Path) -> None:
    served(path, three)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(
            "UPDATE frames SET data = CAST(data || x'00' AS BLOB) WHERE page = 1 AND seq = 3"
        )
    file.close()
    ran = spindle("check")
    assert ran.status == 1
    assert "page ann: would not go on: the log of page 'ann' is damaged at frame 3" in ran.out
    assert "1 go on (1 input), 1 do not" in ran.out


def test_beside_a_server_that_runs(spindle: Tool, path: Path) -> None:
    """Both go on: the server appends before, meanwhile and after."""

    async def serve(host: DurableHost) -> None:
        page = await counted(host, "ann", 1)
        for number in range(1, 4):
            ran = await trio.to_thread.run_sync(spindle, "check")
            assert ran.status == 0, ran
            assert f"1 go on ({2 * number + 1} inputs)" in ran.out
            await page.resume(Counter.Add(number)).settled()

    served(path, serve)
    assert "1 go on (9 inputs)" in spindle("check").out


# --- what pages use -----------------------------------------------------------------------------


class Config:
    def __init__(self, least: int) -> None:
        self.least = least


class Prices(Port):
    def __init__(self, currency: str) -> None:
        self.currency = currency

    @read
    async def price(self, name: str) -> int: ...
    @many(price)
    async def prices(self, names: tuple[str, ...]) -> dict[str, int]: ...


class Slow(Prices):
    async def price(self, name: str) -> int:
        return len(name)


class Quick(Slow):
    async def prices(self, names: tuple[str, ...]) -> dict[str, int]:
        return {each: len(each) for each in names}


class Selling(Contract):
    class Till(Spindle[None]):
        class Named(Event):
            name: str

        class Ask(Yield[Named]):
            price: int


async def sells() -> None:
    prices, price = await use(Prices), 0
    while True:
        price = await prices.price((await Selling.Till.Ask(price)).name)


async def sells_dear_things() -> None:
    least, prices = (await use(Config)).least, await use(Prices)
    while True:
        name = (await Selling.Till.Ask(least)).name
        if len(name) > least:
            await prices.price(name)


APP = {Config: Config(3), Prices: Slow("EUR")}
SITE = App(provide=APP)
NO_PORT = {Config: Config(3)}
NOTHING = 1
NO_INSTANCE = {Prices: Slow}


def sold(path: Path, fn: Callable[[], Any], prices: Prices) -> None:
    async def serve() -> None:
        async with (
            open_sqlite_store(path) as store,
            open_durable_host(
                store, provide={Config: Config(3), Prices: prices}, wake=None
            ) as host,
        ):
            page = await host.create(Selling, "till")
            page.start(Selling.Till, fn)
            for name in ("a", "tea", "coffee"):
                await page.resume(Selling.Till.Named(name)).settled()

    trio.run(serve)


@pytest.mark.parametrize("prices", [Slow("EUR"), Quick("EUR")], ids=["one by one", "many"])
def test_ports_need_nothing(spindle: Tool, path: Path, prices: Prices) -> None:
    """Nor is anything known of how they are made, or whether they read many at a time."""
    sold(path, sells, prices)
    ran = spindle("check")
    assert (ran.status, ran.err) == (0, ""), ran.out
    assert "1 go on (7 inputs)" in ran.out


def test_what_is_no_port_has_to_be_given(spindle: Tool, path: Path) -> None:
    sold(path, sells_dear_things, Slow("EUR"))
    ran = spindle("check")
    assert ran.status == 2
    assert ran.out.startswith(
        "page till: not known whether it would go on: it wants use(Config), which is no port, so "
        f"nothing can stand in for it ({__name__}.Config): give what has it by "
        "--app package.module:name, an App or the mapping that the host gets as provide="
    )
    assert "of 1 it is not known" in ran.out
    for app in ("APP", "SITE"):
        given = spindle("check", "--app", f"{__name__}:{app}")
        assert given.status == 0, given.out


def test_with_an_app_all_comes_from_there(spindle: Tool, path: Path) -> None:
    sold(path, sells_dear_things, Slow("EUR"))
    ran = spindle("check", "--app", f"{__name__}:NO_PORT")
    assert ran.status == 1
    assert "NotProvided" in ran.out


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("shop", "--app takes package.module:app, not 'shop'"),
        ("no_such_shop:app", "--app no_such_shop:app: importing no_such_shop failed: ModuleNot"),
        (f"{__name__}:app", f"--app {__name__}:app: there is no app in {__name__}"),
        (
            f"{__name__}:NO_INSTANCE",
            f"--app {__name__}:NO_INSTANCE: provide= cannot be used:\n  - Prices was given a class",
        ),
        (f"{__name__}:NOTHING", f"--app {__name__}:NOTHING is 1: name an App, or the mapping"),
    ],
)
def test_an_app_that_is_not_there(spindle: Tool, path: Path, app: str, said: str) -> None:
    served(path, three)
    ran = spindle("check", "--app", app)
    assert ran.status == 2
    assert ran.err.startswith(f"spindle: {said}")


def test_an_app_whose_module_ends_the_program(
    spindle: Tool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path.parent / "runs_at_once.py").write_text("raise SystemExit(0)")
    monkeypatch.setattr("sys.path", [str(path.parent), *sys.path])
    ran = spindle("check", "--app", "runs_at_once:app")
    assert ran.status == 2
    assert "importing runs_at_once failed: SystemExit(0)" in ran.err


# --- behind a snapshot --------------------------------------------------------------------------


async def asks_something_else(total: int, names: list[str]) -> None:
    while True:
        await mark(total, names)
        await (await use(golden_office.Works)).peek(total)
        await golden_office.Desk.Ask(f"{total}")


async def does_something_else(total: int, names: list[str]) -> None:
    while True:
        await mark(total, names)
        match await golden_office.Desk.Ask(f"{total} by {names}"):
            case golden_office.Desk.Add(number):
                total += number
            case _:
                await (await use(golden_office.Works)).pay(total)


def test_a_spindle_that_does_something_else_from_its_mark_on(
    spindle: Tool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no input to go back to."""
    shutil.copy(GOLDEN, path)
    monkeypatch.setattr(golden_office, "marks", asks_something_else)
    ran = spindle("check", "--page", "marks")
    assert ran.status == 1
    said = ran.out.splitlines()
    assert "does something else now from its last mark on than it did" in said[0]
    assert said[1].startswith("  in the log: Office.Desk asks Office.Desk.Ask  lasting/golden_")
    assert said[2].startswith("  now:        Office.Desk calls Works.peek(19)  tools/test_check")
    assert "rewind" not in ran.out


def test_inputs_are_counted_from_the_beginning_behind_a_snapshot_too(
    spindle: Tool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(GOLDEN, path)
    monkeypatch.setattr(golden_office, "marks", does_something_else)
    ran = spindle("check", "--page", "marks")
    assert ran.status == 1
    number = int(re.findall(r"than input (\d+) of the log led to", ran.out)[0])
    assert number == kept_of(path, "marks").record.head
    assert f"spindle log rewind marks --to {number - 1} " in ran.out
    assert spindle("log", "rewind", "marks", "--to", f"{number - 1}", "--yes").status == 0
    assert spindle("check", "--page", "marks").status == 0


def kept_of(path: Path, page: str) -> Kept:
    with looked_into(path) as file:
        return file.look(page)


def test_a_file_that_breaks_is_no_page_that_does_not_go_on(spindle: Tool, path: Path) -> None:
    async def many_pages(host: DurableHost) -> None:
        for number in range(100):
            await counted(host, f"page-{number}")

    served(path, many_pages)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2))
    ran = spindle("check")
    assert ran.status == 2
    assert "reading it failed" in ran.err
