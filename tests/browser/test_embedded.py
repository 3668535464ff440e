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

from tests.browser.store.visits import (
    buy,
    give_address,
    names,
    open_store,
    pay,
    purchase,
    search_for,
    step,
)
from tests.browser.visits import THANKS

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
def test_a_visitor_searches_answers_and_buys(server: str, visitor: Page) -> None:
    """Starts an interpreter, as in tests/examples/test_embedded.py."""
    open_store(visitor, f"{server}/")
    search_for(visitor, "jungpana")
    expect(names(visitor).first).to_have_text(re.compile("^Jungpana"))
    buy(visitor, "Jungpana Peony Leaf")
    give_address(visitor)
    visitor.get_by_role("searchbox").fill("singbulli")
    expect(names(visitor).first).to_have_text(re.compile("^Singbulli"))
    pay(visitor)
    expect(step(visitor)).to_have_text(THANKS)
    visitor.get_by_role("link", name="Steep & Co.").click()
    expect(purchase(visitor)).to_have_count(0)
    assert visitor.url == f"{server}/"


@pytest.mark.slow
def test_the_pages_have_their_stylesheets(server: str, visitor: Page) -> None:
    """As above."""
    open_store(visitor, f"{server}/")
    header = visitor.locator("header.shop")
    assert header.evaluate("element => getComputedStyle(element).paddingTop") != "0px"
    shelf = visitor.locator(".shelf li").first
    assert shelf.evaluate("element => getComputedStyle(element).display") == "grid"
