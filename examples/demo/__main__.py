"""Serve the store at /, and at /passport an application whose pages are kept in a file.

PORT= chooses the port, DEMO= the folder of the files: build/demo, which `make clean` removes.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from examples.passport.app import MONTH, passport_page
from examples.passport.office import open_office
from examples.passport.ports import Office
from examples.store.__main__ import log_pages
from examples.store.app import given, store_page
from examples.store.shop import open_store
from spindle.web import App


def main() -> None:
    """Serve until Ctrl-C; the log says what becomes of each page."""
    log_pages()
    folder = Path(os.environ.get("DEMO") or Path("build", "demo"))
    folder.mkdir(parents=True, exist_ok=True)
    pages = folder / "pages.db"
    logging.info(
        "applications at /passport are kept in %s: kill this program, start it again, and each "
        "goes on at the question where it was",
        pages,
    )
    with open_store(folder / "store.db") as store, open_office(folder / "office.db") as office:
        provided = {**given(store), Office: office}
        app = App(provide=provided, store=pages, purge_after=MONTH, snapshot_every=1)
        store_page(app, store)
        passport_page(app)
        app.run()


if __name__ == "__main__":
    main()
