"""What a checker infers of tests of whole pages."""

from collections.abc import Awaitable, Callable
from typing import assert_type

from spindle import Ask
from spindle.testing.client import Client, Outcome, Tab, VisitFailed, open_client
from spindle.testing.client.chromium import open_browser
from spindle.web import App
from tests.typing.store import Checkout


async def buying(client: Client) -> None:
    shop = assert_type(await client.visit("/buy/tea"), Tab)
    await shop.submit("form", {"shipping.lines": ["a", "b"], "shipping.gift": True})
    await shop.submit("form", {"shipping.street": "Main St 1"}, button="#go", settle=False)
    await shop.choose("select", "a", "b")
    await shop.point("svg", 1, 2.5, by="contextmenu")
    _ = assert_type(shop.yields(), list[Ask])
    assert shop.yields() == [Checkout.AskPayment(total=4)]
    _ = assert_type(shop.texts("li"), list[str])
    _ = assert_type(shop.attribute("form", "method"), str | None)
    (outcome,) = assert_type(shop.outcomes, list[Outcome])
    _ = assert_type(outcome.reason, str)


async def in_both(app: App) -> None:
    async with open_client(app, patience=1, headers={"accept-language": "de"}) as client:
        await buying(assert_type(client, Client))
    async with open_browser(app, executable="/usr/bin/chromium", headless=False) as client:
        await buying(assert_type(client, Client))


async def of_another_page(tab: Tab) -> int:
    try:
        await tab.visit("/nowhere")
    except VisitFailed as failed:
        return assert_type(failed.status, int)
    return 200


script: Callable[[Client], Awaitable[None]] = buying
