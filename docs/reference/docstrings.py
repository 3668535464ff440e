"""Docstrings in Google's style, as this package writes them: Markdown, and no types."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring

CONFIG = Config(napoleon_use_ivar=True, napoleon_use_rtype=False)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("autodoc-process-docstring", read)
    return {"parallel_read_safe": True}


def read(
    app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]
) -> None:
    """Turn a docstring into reStructuredText."""
    text = "\n".join(_returns(list(_code(lines))))
    lines[:] = GoogleDocstring(text, CONFIG).lines()


def _code(lines: list[str]) -> Iterator[str]:
    """Put a directive above code, which is indented behind an empty line."""
    text = ""
    for before, line in pairwise(["", *lines]):
        if line.startswith("    ") and not before and text and not text.startswith(" "):
            yield from (".. code-block:: python", "")
        yield line
        text = line or text


def _returns(lines: list[str]) -> Iterator[str]:
    """Keep a colon in what is returned from making its first words a type."""
    for before, line in pairwise(["", *lines]):
        if before == "Returns:":
            yield f":returns: {line.strip()}"
        elif line != "Returns:":
            yield line
