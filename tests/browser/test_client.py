"""One script, two clients: what a visitor in memory sees is what one in Chromium sees."""

from __future__ import annotations

import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trio

from examples.checkout.app import tea_shop
from examples.checkout.bank import REFUSED, TAKEN
from examples.checkout.contract import Checkout
from examples.checkout.shop import open_shop
from examples.passport.app import passport_site
from examples.passport.office import open_office
from examples.sevenguis.site import seven_guis as seven_gui_site
from examples.todo.app import todo_site
from examples.todo.storage import open_todos
from examples.wizard.page import sign_up_page
from examples.wizard.signup import Book, SignUp
from spindle.durable import MemoryStore
from spindle.testing.client import Client, ClientError, NotSettled, open_client
from spindle.testing.client.chromium import open_browser
from spindle.web import App
from tests.browser.conftest import FLAGS
from tests.testing.client import scripts
from tests.testing.client.pages import SlowClerk, counter

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

CHROMIUM = "/usr/bin/chromium"


def browser(app: App, **options: Any) -> AbstractAsyncContextManager[Client]:
    return open_browser(app, executable=CHROMIUM, arguments=FLAGS, **options)


async def buy_tea(client: Client) -> list[Any]:
    shop, seen = await client.visit("/"), list[Any]()
    await shop.click("a:text('Sencha')")
    seen.append((shop.url, shop.title, shop.text(), shop.yields()))
    address = {"name": "Ada Smith", "street": " ", "postcode": "8907", "city": "Ulm"}
    given = {f"shipping.{name}": text for name, text in address.items()}
    await shop.submit("form", given)
    seen.append((shop.texts("[role=alert]"), shop.count("[aria-invalid=true]"), shop.html()))
    await shop.type("input:label('Street')", "Main St 1")
    await shop.type("input:label('Postcode')", "89073")
    await shop.press("input:label('City')", "Enter")
    assert [type(ask) for ask in shop.yields()] == [Checkout.AskPayment]
    seen.append((shop.title, shop.yields(), shop.text("h1"), shop.outcomes))
    await shop.submit("form", {"card.number": REFUSED})
    seen.append((shop.texts("[role=alert]"), shop.value("input:label('Card')"), shop.html()))
    await shop.type("input:label('Card')", TAKEN)
    await shop.click("button:text('Pay')")
    assert shop.text("h1").startswith("Thank you")
    seen.append((shop.title, shop.yields(), shop.text(), shop.outcomes, shop.html()))
    await shop.click("a:text('Back to the shop')")
    seen.append((shop.url, shop.text("li:text('Sencha')")))
    return seen


async def sign_up(client: Client) -> list[Any]:
    tab, seen = await client.visit("/"), list[Any]()
    await tab.submit("form", {"name": "admin"})
    seen.append((tab.yields(), tab.text(), tab.value("input"), tab.html()))
    await tab.type("input:label('Your name')", "Ada")
    await tab.click("button:text('Continue')")
    seen.append((tab.yields(), tab.text(), tab.value("input")))
    other = await client.visit("/")
    await other.submit("form", {"name": "Ada"})
    seen.append((other.yields(), other.text()))
    await tab.submit("form", {"email": "ada@example.org"})
    assert [type(ask) for ask in tab.yields()] == [SignUp.Confirm]
    await other.disconnect()
    await tab.click("button:text('Sign up')")
    seen.append((tab.yields(), tab.text(), tab.outcomes, tab.html()))
    await other.reconnect()
    await other.submit("form", {"name": "Eve"})
    seen.append((other.text(), other.yields()))
    return seen


async def keep_a_list(client: Client) -> list[Any]:
    tab, seen = await client.visit("/"), list[Any]()
    await tab.submit("form", {"text": "Buy tea"})
    seen.append((tab.yields(), tab.text(), tab.value("[name=text]")))
    await tab.submit("form", {"text": " "})
    seen.append(
        (tab.text(), tab.outcomes, tab.value("[name=text]"), tab.count("[name=text]:focus"))
    )
    await tab.type("[name=text]", "Drink it")
    await tab.press("[name=text]", "Enter")
    await tab.check("input:label('Drink it')")
    seen.append((tab.texts("li"), tab.texts("li:has(:checked)"), tab.count(":focus"), tab.html()))
    await tab.type("[name=text]", "half typed", settle=False)
    await tab.click("button:text('done')")
    seen.append((tab.texts("li"), tab.value("[name=text]")))
    second = await client.visit("/")
    await second.click("button[aria-label='Delete Drink it']")
    await tab.click("button:text('all')")
    seen.append((second.texts("li"), tab.texts("li"), tab.html()))
    return seen


async def apply_for_a_passport(client: Client) -> list[Any]:
    tab, seen = await client.visit("/passport"), list[Any]()

    def look() -> None:
        seen.append((tab.yields(), tab.text(), tab.outcomes, tab.html()))

    await tab.submit("form", {"name": "Ada"})
    await tab.submit("form", {"born": "1990-12-10"})
    await tab.type("input:label('How tall')", "small")
    await tab.press("input:label('How tall')", "Enter")
    look()
    await tab.submit("form", {"height": "168"})
    await tab.click("button:text('Continue')")
    look()
    await tab.check("input:label('I have it')")
    await tab.click("button:text('Continue')")
    await tab.submit("form", {"number": "K00000000"})
    look()
    await tab.click("button:text('Back')")
    seen.append([tab.checked(f"[value={each}]") for each in ("first", "renewal", "lost")])
    await tab.submit("form", {"before": "first"})
    await tab.submit("form", {"speed": "express"})
    look()
    await tab.click("button[aria-label='Change: Height']")
    seen.append((tab.value("input"), tab.count("input:focus")))
    await tab.submit("form", {"height": "169"})
    await tab.click("button:text('Send it')")
    look()
    return seen


async def seven_guis(client: Client) -> list[Any]:
    tab, seen = await client.visit("/"), list[Any]()

    def look() -> None:
        seen.append((tab.url, tab.text(), tab.yields(), tab.outcomes))

    await tab.click("a:text('Counter')")
    for _ in range(3):
        await tab.click("button")
    look()
    await tab.visit("/temperature")
    for field, text in (("Celsius", "100"), ("Fahrenheit", "50"), ("Celsius", "warm")):
        await tab.type(f"input:label('{field}')", text)
        seen.append([tab.value(f"input:label('{each}')") for each in ("Celsius", "Fahrenheit")])
        look()
    await tab.visit("/booker")
    await tab.choose("select", "return flight")
    look()
    await tab.click("button:text('Book')")
    look()
    await tab.visit("/crud")
    look()
    await tab.type("input:label('Surname')", "Lovelace")
    await tab.type("input:label('Name')", "Ada")
    await tab.click("button:text('Create')")
    look()
    await tab.type("input:label('Filter')", "L")
    look()
    await tab.visit("/circles")
    await tab.point("svg rect", 100, 80)
    await tab.point("svg rect", 200, 150)
    await tab.point("svg circle:first-of-type", 101, 80, by="contextmenu")
    seen.append((tab.count("circle"), tab.text(), len(tab.outcomes)))
    return seen


@contextmanager
def shop_of(tmp_path: Path) -> Iterator[App]:
    with open_shop(tmp_path / "shop.db") as shop:
        yield tea_shop(shop)


@contextmanager
def todos_of(tmp_path: Path) -> Iterator[App]:
    with open_todos(tmp_path / "todos.db") as store:
        yield todo_site(store)


@contextmanager
def office_of(tmp_path: Path) -> Iterator[App]:
    with open_office(tmp_path / "office.db", lambda: date(2025, 3, 1)) as office:
        yield passport_site(office, MemoryStore())


def everything(tmp_path: Path) -> AbstractContextManager[App]:
    return nullcontext(counter())


STORIES: list[tuple[scripts.Script, Callable[[Path], AbstractContextManager[App]]]] = [
    (buy_tea, shop_of),
    (sign_up, lambda tmp_path: nullcontext(sign_up_page(Book()))),
    (keep_a_list, todos_of),
    (apply_for_a_passport, office_of),
    (seven_guis, lambda tmp_path: nullcontext(seven_gui_site())),
    (scripts.fill_in, everything),
    (scripts.send_events, everything),
    (scripts.slip, everything),
    (scripts.go_about, everything),
]


@pytest.mark.parametrize(("script", "app_of"), STORIES, ids=lambda each: each.__name__)
async def test_memory_and_chromium_show_the_same(
    script: Callable[[Client], Awaitable[list[Any]]],
    app_of: Callable[[Path], AbstractContextManager[App]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL, "spindle")
    seen = list[list[Any]]()
    for number, opened in enumerate((open_client, browser)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with app_of(folder) as app:
            async with opened(app) as client:
                seen.append(await script(client))
    in_memory, in_browser = seen
    for step, (one, other) in enumerate(zip(in_memory, in_browser, strict=True)):
        assert one == other, f"step {step}"


async def test_pointing_meets_the_place_to_a_pixel() -> None:
    async with browser(counter()) as client:
        tab = await client.visit("/")
        await tab.point("#plan", 2.5, 3)
        (told,) = tab.texts("li")
    x, y = (float(part.split("=")[1].rstrip(")")) for part in told.split(", "))
    assert abs(x - 2.5) <= 0.1, "a pixel is a tenth of the drawing's unit"
    assert abs(y - 3) <= 0.1


async def test_what_is_held_up_is_waited_for_without_sleeping() -> None:
    clerk = SlowClerk()
    async with browser(counter(clerk), patience=2) as client:
        tab = await client.visit("/")
        clerk.open = trio.Event()
        await tab.click("#plus", settle=False)
        await tab.wait_for("#plus[data-sp-pending]")
        with pytest.raises(NotSettled, match="1 events are not settled"):
            await tab.settle()
        clerk.open.set()
        await tab.wait_for("li:text('plus')")
        await tab.settle()
        with pytest.raises(NotSettled, match="nothing that matches 'dialog'"):
            await tab.wait_for("dialog")


async def test_typing_is_paced_as_in_memory() -> None:
    clerk = SlowClerk()
    async with browser(counter(clerk)) as client:
        tab = await client.visit("/")
        await tab.type("#typed input", "tea", settle=False)
        await tab.settle()
        assert clerk.calls == ["Named(name='tea', also='')"]


async def test_what_keeps_a_browser_from_opening_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClientError, match="Chromium does not start: "):
        async with open_browser(counter(), executable="/nowhere/chromium"):
            pass
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(ClientError, match="needs Playwright: pip install playwright"):
        async with browser(counter()):
            pass


async def test_a_script_that_raises_fails_the_test() -> None:
    with pytest.raises(ClientError, match="a script of a page raised"):  # noqa: PT012 - at its end
        async with browser(counter()) as client:
            tab = await client.visit("/")
            page = tab._page  # type: ignore[attr-defined]
            await client._worker.run(  # type: ignore[attr-defined]
                page.evaluate, "() => { setTimeout(() => { throw new Error('oh') }) }"
            )
            await tab.settle()
