"""Serve the store: `python -m examples.store`; PORT= and SHOP= choose the port and the file."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from examples.store.app import store_site
from examples.store.shop import open_store
from spindle import SpindleFilter


def log_pages() -> None:
    """Write the log to standard error, each line with the page it is about."""
    handler = logging.StreamHandler()
    handler.addFilter(SpindleFilter())
    told = "%(levelname)s %(page)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=told, handlers=[handler])


def main() -> None:
    """Serve until Ctrl-C; the log says what becomes of each page, and of all that runs on it."""
    log_pages()
    with TemporaryDirectory(prefix="teas-") as folder:
        path = Path(os.environ.get("SHOP") or Path(folder, "store.db"))
        with open_store(path) as store:
            store_site(store).run()


if __name__ == "__main__":
    main()
