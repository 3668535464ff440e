from __future__ import annotations

import pytest

from spindle.stress import run, site_visit
from tests.stress.command import Command


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setattr(run, "STILL", 0.02)
    monkeypatch.setattr(run, "WAVE", 0.05)
    monkeypatch.setattr(site_visit, "LONG", 4)
    return Command(capsys)
