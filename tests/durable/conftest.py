"""What tests of stores ask for."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a store, not there yet."""
    return tmp_path / "pages.db"
