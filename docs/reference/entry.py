"""README is the first page, and has the table of contents."""

from __future__ import annotations

import shutil
from pathlib import Path

from sphinx.application import Sphinx

CONTENTS = Path(__file__).with_name("contents.txt")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("source-read", add_contents)
    app.connect("build-finished", name_it_index)
    return {"parallel_read_safe": True}


def add_contents(app: Sphinx, docname: str, source: list[str]) -> None:
    """Add to README what a page of a repository would show as code."""
    if docname == app.config.root_doc:
        app.env.note_dependency(str(CONTENTS))
        source[0] += CONTENTS.read_text(encoding="utf-8")


def name_it_index(app: Sphinx, failure: Exception | None) -> None:
    """Give the first page the name that servers and people look for."""
    first = Path(app.outdir, f"{app.config.root_doc}.html")
    if failure is None and first.exists():
        shutil.copyfile(first, first.with_name("index.html"))
