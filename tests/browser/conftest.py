"""Chromium, a shop it can reach, and visitors whose every fault fails the test."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from examples.checkout.shop import TEAS
from tests.browser.shop import ObservedShop, open_observed_shop
from tests.browser.thread import ServerThread, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page

    from examples.checkout.contract import Offer

    NewVisitor: TypeAlias = Callable[..., Page]

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture
def new_visitor(chromium: Browser, server: object) -> Iterator[NewVisitor]:
    """Open a tab of a browser of its own: no cookies, nothing cached, nothing shared.

    The server outlives the tabs: one that is just connecting would take its end for a fault.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_tab(**options: Any) -> Page:
        context = chromium.new_context(**options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        # A violation of the content security policy is an error on the console, too.
        page.on("console", lambda said: faults.extend(_errors(said)))
        page.on("pageerror", lambda error: faults.append(_trace(error)))
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert faults == []


# Chromium says so of a tab that goes on before its socket is there; nothing is wrong with that.
LEFT_EARLY = "WebSocket is closed before the connection is established"


# Browsers ask for it unasked, at the root of a server: which may be somebody else's.
ICON = "/favicon.ico"


def _errors(said: ConsoleMessage) -> list[str]:
    if LEFT_EARLY in said.text or said.location["url"].endswith(ICON):
        return []
    return [f"{said.text} ({said.location})"] if said.type in ("error", "warning") else []


def _trace(error: Error) -> str:
    return error.stack or error.message


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Page:
    return new_visitor()


@pytest.fixture
def offers() -> tuple[Offer, ...]:
    """What the shop sells; a test module may say otherwise."""
    return TEAS


@pytest.fixture
def shop(tmp_path: Path, offers: tuple[Offer, ...]) -> Iterator[ObservedShop]:
    with open_observed_shop(tmp_path / "shop.db", offers) as shop:
        yield shop


@pytest.fixture
def server(shop: ObservedShop, quiet_server: None) -> Iterator[ServerThread]:
    from examples.checkout.app import tea_shop

    with serving(tea_shop(shop)) as server:
        yield server


@pytest.fixture
def quiet_server(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail the test if the server complains of anything, beside attempts that are made again."""
    caplog.set_level(logging.WARNING, logger="spindle")
    yield
    said = [record for record in caplog.get_records("call") if record.name != "stamina"]
    assert [record.getMessage() for record in said] == []
