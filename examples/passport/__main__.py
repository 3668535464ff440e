"""Serve the application: `python -m examples.passport`.

PORT=, OFFICE= and PAGES= choose the port, and the files of the office and of what is filled in.
"""

from __future__ import annotations

import os
from pathlib import Path

from examples.passport.app import passport_site
from examples.passport.office import open_office

if __name__ == "__main__":
    pages = Path(os.environ.get("PAGES") or "pages.db")
    with open_office(Path(os.environ.get("OFFICE") or "office.db")) as office:
        passport_site(office, pages).run()
