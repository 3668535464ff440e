"""The store on a file with its whole assortment, and visitors of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.store.observed import ObservedStore, open_observed_store
from tests.browser.thread import ServerThread, serving


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObservedStore]:
    with open_observed_store(tmp_path / "store.db") as store:
        yield store


@pytest.fixture
def server(store: ObservedStore, quiet_server: None) -> Iterator[ServerThread]:
    from examples.store.app import store_site

    with serving(store_site(store)) as server:
        yield server
