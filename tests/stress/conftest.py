from __future__ import annotations

import pytest

from spindle.stress import run
from tests.stress.command import Command


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setattr(run, "STILL", 0.02)
    monkeypatch.setattr(run, "WAVE", 0.05)
    return Command(capsys)
