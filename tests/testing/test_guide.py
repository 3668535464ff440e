"""Who follows the docs about testing has Spindle installed, and nothing of this project's."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
ABOUT_TESTING = ["testing", "transcripts", "hand_pages", "properties", "headless", "pytest"]
INSTALLED = {
    *sys.stdlib_module_names, "spindle", "pytest", "trio", "hypothesis", "msgspec",
}  # fmt: skip


def code_of(document: str) -> list[str]:
    text = (DOCS / f"{document}.md").read_text()
    return [block.partition("```")[0] for block in text.split("```python")[1:]]


def imported(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            yield node.module


@pytest.mark.parametrize("document", ABOUT_TESTING)
def test_the_docs_import_what_is_installed_and_what_they_say_to_save(document: str) -> None:
    modules = [module for block in code_of(document) for module in imported(block)]
    assert any(module.startswith("spindle.testing") for module in modules)
    others = {module.partition(".")[0] for module in modules} - INSTALLED
    assert others <= {"booking"}
    if others:
        text = (DOCS / f"{document}.md").read_text()
        assert "](testing.md#what-is-tested): save what is shown there as\n`booking.py`" in text


def test_it_is_said_how_async_tests_are_run_where_the_first_one_stands() -> None:
    for document in ("testing", "headless", "pytest"):
        text = (DOCS / f"{document}.md").read_text()
        assert "@pytest.mark.trio" in text, document
        assert "`trio_mode = true`" in text, document
