"""Links to what is in the repository, but on no page: folders and source files."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("doctree-read", show_as_text, priority=100)  # before files are collected
    return {"parallel_read_safe": True}


def show_as_text(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the words of a link to a folder or file that exists; one to nowhere stays a fault."""
    for link in list(doctree.findall(addnodes.pending_xref)):
        here = Path(app.srcdir, link.get("refdoc", "")).parent
        if link["reftype"] == "myst" and (here / link["reftarget"]).exists():
            link.replace_self(link.children)
    for link in list(doctree.findall(addnodes.download_reference)):
        link.replace_self(link.children)
