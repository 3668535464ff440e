"""Who follows docs/testing.md has Spindle installed, and nothing of this project's examples."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "testing.md"
INSTALLED = {*sys.stdlib_module_names, "spindle", "pytest", "trio", "hypothesis"}


def imported(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            yield node.module


def test_the_guide_imports_only_what_is_installed() -> None:
    blocks = [block.partition("```")[0] for block in GUIDE.read_text().split("```python")[1:]]
    modules = [module for block in blocks for module in imported(block)]
    assert "spindle.testing.client" in modules
    assert {module.partition(".")[0] for module in modules} <= INSTALLED
