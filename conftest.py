"""Runs the Python of README and docs, and the tests written there."""

from __future__ import annotations

import builtins
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from sybil import Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser, SkipParser

pytest_plugins = ["pytester"]  # for the tests of Spindle's plugin; pytest wants it here

BOOKING = Path(__file__).parent / "examples" / "booking.py"


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


def with_the_booking(_: dict[str, object]) -> None:
    """Let documents import `booking`, which their reader has saved from another one."""
    if "booking" not in sys.modules:
        spec = spec_from_file_location("booking", BOOKING)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["booking"] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules["booking"])


pytest_collect_file = Sybil(
    parsers=[CodeBlockParser("python", WithItsTests()), SkipParser()],
    patterns=["README.md", "docs/*.md"],
    setup=with_the_booking,
).pytest()
