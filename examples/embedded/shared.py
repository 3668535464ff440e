"""What the three programs share: the app, made as you like, and how long they run.

To embed other pages, import what makes their app, and their backend, here.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import trio

from examples.store.app import store_site
from examples.store.shop import open_store
from spindle.web import App

__all__ = ["PORT", "open_app", "told_to_stop"]

PORT = int(os.environ.get("PORT") or 8000)


@contextmanager
def open_app() -> Generator[App]:
    """Open the store in a file of its own, and make the app of its pages."""
    with TemporaryDirectory(prefix="teas-") as folder, open_store(Path(folder, "teas.db")) as store:
        yield store_site(store)


async def told_to_stop() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            break
