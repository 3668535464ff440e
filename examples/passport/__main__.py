"""Serve the application: `python -m examples.passport`; PORT= and OFFICE= choose port and file."""

from __future__ import annotations

import os
from pathlib import Path

from examples.passport.app import passport_site
from examples.passport.office import open_office

if __name__ == "__main__":
    with open_office(Path(os.environ.get("OFFICE") or "office.db")) as office:
        passport_site(office).run()
