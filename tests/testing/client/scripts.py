"""What visitors do on the page that has one of everything, and what they see; for any client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from spindle.testing.client import Client, ClientError, Tab
from spindle.web.live.page import LivePage
from spindle.web.live.pages import LivePages

Script = Callable[[Client], Awaitable[list[Any]]]

ALL = "#all [name=name]"


def state(tab: Tab) -> tuple[Any, ...]:
    """What the page has been told last, and what came of all that was sent."""
    told = [ask.told[-1:] for ask in tab.yields()]  # type: ignore[attr-defined]
    return tab.url, tab.title, told, [each.settlement for each in tab.outcomes], tab.count(":focus")


async def come_late(client: Client) -> list[Any]:
    """For a server that has a page no more when its socket comes, five times out of six.

    In memory only: that such a page will be loaded anew, a browser knows when it is told so.
    """
    with pytest.MonkeyPatch.context() as patch:
        adopt, times = LivePages.adopt, 0

        def late(pages: LivePages, token: str) -> LivePage | None:
            nonlocal times
            times += 1
            return None if times <= 5 else adopt(pages, token)

        patch.setattr(LivePages, "adopt", late)
        tab = await client.visit("/")
        seen: list[Any] = [(times, tab.connected, tab.text(".spindle-lost"), tab.outcomes)]
        seen.append((await fault(tab.click("#plus")))[0])
        await tab.reconnect()
        seen.append((times, tab.connected))
        second = await client.visit("/")
        await second.click("#plus")
        seen.append((times, state(second)))
        return seen


async def fault(doing: Awaitable[object]) -> tuple[str, str]:
    """The first line of what is said against it."""
    try:
        await doing
    except ClientError as error:
        return type(error).__name__, str(error).splitlines()[0]
    return "", ""


async def fill_in(client: Client) -> list[Any]:
    tab, seen = await client.visit("/"), list[Any]()
    seen.append((tab.text(), tab.html()))
    await tab.submit("#all")
    seen.append(state(tab))
    everything = {"name": "Bob", "note": "x\ny", "colour": "blue", "size": "S"}
    lists = {"wishes": ["a", "c"], "extras": ["milk"], "gift": True}
    await tab.submit("#all", {**everything, **lists}, button="#keep")
    seen.append((state(tab), tab.value(ALL), tab.checked("[value=milk]"), tab.count(":checked")))
    await tab.click("button:text('Undo')")
    seen.append((tab.value(ALL), tab.checked("[value=milk]"), tab.value("#all [name=size]")))
    await tab.press(ALL, "Enter")
    seen.append(state(tab))
    await tab.choose("#all [name=size]", "S")
    await tab.choose("#all [name=wishes]", "b", "c")
    await tab.check("input:label('A gift')")
    await tab.click("label:text('blue')")
    await tab.check("[value=sugar]", False)
    await tab.click("button:text-is('Send')")
    seen.append((state(tab), tab.texts("li"), tab.html()))
    return seen


async def send_events(client: Client) -> list[Any]:
    tab, seen = await client.visit("/"), list[Any]()
    await tab.type("#typed input", "Eve")
    seen.append(state(tab))
    await tab.type("#alone", "Zoe")
    seen.append((state(tab), tab.value("#alone")))
    await tab.press("#keys", "Escape")
    seen.append(state(tab))
    await tab.press("#keys", "x")
    await tab.press("#plus", " ")
    seen.append(state(tab))
    await tab.click("i:text('plus')")
    seen.append(state(tab))
    await tab.click("summary")
    await tab.click("#inner")
    seen.append((state(tab), tab.count("details[open]")))
    await tab.click("#box")
    seen.append((state(tab), tab.checked("#box input")))
    await tab.submit("#answer", {"answer": "yes"})
    seen.append((state(tab), tab.value("#answer input")))
    await tab.type(ALL, "half", settle=False)
    await tab.click("#plus")
    seen.append((state(tab), tab.value(ALL)))
    await tab.click("button:text('crash')")
    seen.append((tab.yields(), tab.texts("[role=alert]"), tab.outcomes[-1]))
    await tab.click("[data-sp-dismiss]")
    seen.append((tab.texts("[role=alert]"), tab.count("ol")))
    return seen


async def slip(client: Client) -> list[Any]:
    tab = await client.visit("/")
    seen = [
        await fault(doing)
        for doing in (
            tab.click("button:text('off')"),
            tab.click("button:text('unseen')"),
            tab.click("button:text('In vain')"),
            tab.click("#inner"),
            tab.click("p"),
            tab.click("button"),
            tab.click("button:text('nix')"),
            tab.click("option:text('Middle')"),
            tab.click("a[["),
            tab.click("a:text('out')"),
            tab.click("a:text('tab')"),
            tab.click("#plan"),
            tab.type("[value=milk]", "x"),
            tab.type("[name=size]", "x"),
            tab.check("#note"),
            tab.check("[value=red]", False),
            tab.choose("#note", "x"),
            tab.choose("#all [name=size]", "S", "m"),
            tab.press("p", "Enter"),
            tab.point("#plus", 1, 1),
            tab.reconnect(),
            tab.submit("p"),
            tab.submit("#answer"),
            tab.submit("#post"),
            tab.press("#answer input", "Enter"),
            tab.submit("#all", button="#plus"),
            tab.submit("#all", {"nam": "x"}),
            tab.submit("#all", {"secret": "x"}),
            tab.submit("#all", {"off": "x"}),
            tab.submit("#all", {"name": True}),
            tab.submit("#all", {"name": ["x", "y"]}),
            tab.submit("#all", {"size": "l"}),
            tab.submit("#all", {"size": "XL"}),
            tab.submit("#all", {"colour": "green"}),
            tab.submit("#all", {"extras": True}),
            tab.submit("#all", {"extras": ["tea"]}),
        )
    ]
    assert tab.yields()[0].told == (), "nothing of it was sent"  # type: ignore[attr-defined]
    return seen


async def go_about(client: Client) -> list[Any]:
    tab, seen = await client.visit("/"), list[Any]()
    await tab.click("a:text('elsewhere')")
    seen.append(state(tab))
    await tab.click("#plus")
    await tab.reload()
    seen.append(state(tab))
    await tab.visit("/")
    await tab.submit("#find", {"deep": "0"})
    seen.append(state(tab))
    await tab.visit("/")
    await tab.press("#find input", "Enter")
    seen.append(state(tab))
    await tab.click("a:text('down')")
    await tab.click("a:text('same')")
    seen.append(state(tab))
    seen.append(await fault(tab.click("a:text('nowhere')")))
    seen.append((tab.url, tab.text(), tab.connected, tab.yields(), await fault(tab.reload())))
    await tab.visit("/")
    await tab.disconnect()
    seen.append((tab.text(".spindle-lost"), tab.connected, tab.yields()))
    seen.append((await fault(tab.click("#plus")), await fault(tab.submit("#all"))))
    await tab.reconnect()
    seen.append(state(tab))
    second = await client.visit("/other/x")
    await second.click("#plus")
    seen.append((state(tab), state(second)))
    await second.close()
    seen.append((await fault(second.click("#plus")), await fault(second.visit("/"))))
    await tab.click("button:text('close')")
    seen.append((tab.text(), tab.yields(), tab.connected))
    for target in ("/broken", "/missing", "/nix"):
        seen.append(await fault(client.visit(target)))
    return seen
