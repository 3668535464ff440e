from __future__ import annotations

import pytest

from tests.web.store import Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()
