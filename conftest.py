"""Runs the Python of README and docs, and the tests written there."""

from __future__ import annotations

import builtins

from sybil import Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser, SkipParser

pytest_plugins = ["pytester"]  # for the tests of Spindle's plugin; pytest wants it here


class WithItsTests(PythonEvaluator):
    """Executes a block, then calls the test functions it defines."""

    def __call__(self, example: Example) -> None:
        """Run one block."""
        before = set(example.namespace)
        super().__call__(example)
        for name in [name for name in example.namespace if name not in before]:
            if name.startswith("test_"):
                # Sybil takes them away behind each block, and Python 3.12 misses them.
                example.namespace["__builtins__"] = builtins
                example.namespace[name]()
                del example.namespace["__builtins__"]


pytest_collect_file = Sybil(
    parsers=[CodeBlockParser("python", WithItsTests()), SkipParser()],
    patterns=["README.md", "docs/*.md"],
).pytest()
