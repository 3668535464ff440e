"""A pytest plugin: the tests that took least when mutmut timed them run first.

Most mutants are seen by any test that runs at all; only those that survive pay for the long ones.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

TIMES = Path("mutmut-stats.json")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests, once there are times."""
    if TIMES.exists():
        times = json.loads(TIMES.read_text(encoding="utf-8"))["duration_by_test"]
        items.sort(key=lambda item: times.get(item.nodeid, 0.0))
