"""The example of the docs about testing is the one that is shown there."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_docs_show_it_as_it_is() -> None:
    text = (ROOT / "examples/booking.py").read_text(encoding="utf-8")
    assert f"```python\n{text}```" in (ROOT / "docs/testing.md").read_text(encoding="utf-8")
