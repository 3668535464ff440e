"""What every test of exactly_once() may ask for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "orders", timeout=0)) as connection:
        connection.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, sku TEXT)")
        yield connection
