"""The server as a program of its own, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.store.visits import buy, give_address, open_store

if TYPE_CHECKING:
    from tests.browser.conftest import NewVisitor

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def server(database: Path) -> Iterator[subprocess.Popen[str]]:
    """The demo, as `make demo` starts it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "examples.demo"],
        cwd=REPOSITORY,
        env={**os.environ, "PORT": "0", "DEMO": str(database.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_E11_ctrl_c_ends_the_server_and_its_pages_in_order(
    server: subprocess.Popen[str], database: Path, new_visitor: NewVisitor
) -> None:
    assert server.stdout is not None
    url = server.stdout.readline().strip().removesuffix("/")
    visitors = [new_visitor(), new_visitor()]
    for visitor in visitors:
        open_store(visitor, url)
        buy(visitor, "Arya Golden Tips Broken Leaf")
        give_address(visitor)
    assert reserved(database) == 2

    began = monotonic()
    server.send_signal(signal.SIGINT)
    output, errors = server.communicate(timeout=10)
    took = monotonic() - began

    assert (server.returncode, output) == (0, "")
    assert [line for line in errors.splitlines() if not line.startswith("INFO ")] == []
    assert took < 2
    assert reserved(database) == 0
    for visitor in visitors:
        expect(visitor.get_by_role("alert").filter(has_text="Connection lost.")).to_be_visible()


def reserved(database: Path) -> int:
    with closing(sqlite3.connect(database)) as db:
        (rows,) = db.execute("SELECT count(*) FROM reservation").fetchone()
        return int(rows)
