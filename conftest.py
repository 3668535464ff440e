"""Runs the Python of README and docs, and the tests written there."""

from __future__ import annotations

from sybil import Example, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser


class TestedCodeBlocks(PythonCodeBlockParser):
    """Executes each block, then calls the test functions it defines."""

    def evaluate(self, example: Example) -> None:
        """Run one block."""
        before = set(example.namespace)
        super().evaluate(example)
        for name in set(example.namespace) - before:
            if name.startswith("test_"):
                example.namespace[name]()


pytest_collect_file = Sybil(
    parsers=[TestedCodeBlocks(), SkipParser()], patterns=["README.md", "docs/*.md"]
).pytest()
