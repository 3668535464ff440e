"""The three programs that pages are embedded in, each a process of its own, in Chromium."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.visits import AT_DELIVERY, AT_PAYMENT, THANKS, expect_heading, give_address, pay

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
PROGRAMS = {"in_trio": "", "in_trio_websocket": "", "in_starlette": "/shop"}


@pytest.fixture(params=PROGRAMS)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the pages of a program are; it has to end in order."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"examples.embedded.{request.param}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PORT": "0"},
    )
    assert process.stdout is not None
    with process:
        printed = process.stdout.readline()
        found = re.search(r"http://[\d.:]+", printed)
        assert found, printed + process.stdout.read()
        yield f"{found[0]}{PROGRAMS[request.param]}"
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_visitor_follows_a_link_answers_and_buys(server: str, visitor: Page) -> None:
    """Starts an interpreter, as in tests/examples/test_embedded.py."""
    visitor.goto(f"{server}/")
    expect_heading(visitor, "Loose leaf tea")
    visitor.get_by_role("link", name="Sencha").click()
    expect_heading(visitor, AT_DELIVERY)
    assert visitor.url == f"{server}/buy/sencha"
    give_address(visitor)
    expect_heading(visitor, AT_PAYMENT)
    visitor.reload()
    expect_heading(visitor, AT_DELIVERY)
    give_address(visitor)
    pay(visitor)
    expect_heading(visitor, THANKS)
    visitor.get_by_role("link", name="Back to the shop").click()
    expect_heading(visitor, "Loose leaf tea")
    expect(visitor.get_by_text("7 in stock")).to_be_visible()
    assert visitor.url == f"{server}/"


@pytest.mark.slow
def test_the_pages_have_their_stylesheet(server: str, visitor: Page) -> None:
    """As above."""
    visitor.goto(f"{server}/")
    header = visitor.locator("header.shop")
    expect(header).to_be_visible()
    assert header.evaluate("element => getComputedStyle(element).paddingTop") != "0px"
