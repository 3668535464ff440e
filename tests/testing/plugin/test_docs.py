"""The test that docs/pytest.md shows passes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.spindle(leaks=False, changes=False)  # the inner tests do that

DOCS = Path(__file__).parents[3] / "docs" / "pytest.md"


def shown() -> str:
    (block,) = [block.partition("```")[0] for block in DOCS.read_text().split("```python")[1:]]
    return block


def test_what_the_docs_show_passes(project: Callable[..., pytest.RunResult]) -> None:
    project(shown()).assert_outcomes(passed=2)


def test_it_passes_without_settings(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(shown())
    plugins = ["-p", "spindle.testing.plugin", "-p", "pytest_trio.plugin"]
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *plugins)
    result.assert_outcomes(passed=2)
