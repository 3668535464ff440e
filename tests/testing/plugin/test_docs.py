"""The test that docs/pytest.md shows passes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.spindle(leaks=False, changes=False)  # the inner tests do that

DOCS = Path(__file__).parents[3] / "docs" / "pytest.md"


def test_what_the_docs_show_passes(project: Callable[..., pytest.RunResult]) -> None:
    (shown,) = [block.partition("```")[0] for block in DOCS.read_text().split("```python")[1:]]
    project(shown).assert_outcomes(passed=2)
