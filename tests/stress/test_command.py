"""The long run, for a second; and that it finds what it looks for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, repeat

import pytest

from spindle._core.kernel.waits import TakeWait
from spindle._core.operations.scope import Cleanup
from spindle.testing import soak
from spindle.testing.soak import main


def test_a_second_of_it_finds_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soak, "PROGRESS", 0.3)
    assert main(["--seconds", "1"]) == 0
    said = capsys.readouterr().out
    assert "conversations/s" in said
    assert "violations          0\n" in said


def failed(capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["--seconds", "0.2", "--seed", "1"]) == 1
    return capsys.readouterr().out


def test_it_finds_a_wait_that_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TakeWait, "withdraw", lambda wait, kernel: None)
    assert "waits to take left" in failed(capsys)


def test_it_finds_a_cleanup_that_does_not_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Cleanup.__init__
    monkeypatch.setattr(
        Cleanup, "__init__", lambda scope, seconds, *, shield: usual(scope, seconds, shield=False)
    )
    assert "cleanups not run left" in failed(capsys)


def test_it_finds_memory_that_grows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # However often it is asked: on a slow machine lines of progress ask for it, too.
    sizes: Iterator[int] = chain([10_000_000], repeat(30_000_000))
    monkeypatch.setattr(soak, "_memory", lambda: next(sizes))
    assert "memory has grown from 10.0 MB to 30.0 MB" in failed(capsys)


def test_it_finds_tasks_that_are_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    living: Iterator[int] = count(5)
    monkeypatch.setattr(soak, "_tasks", lambda: next(living))
    assert "tasks left after a wave" in failed(capsys)


def test_a_page_that_does_not_end_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soak, "HANGS", 0.0)  # at every tick
    assert main(["--seconds", "0.02"]) == 0
    assert "no page has ended for 0 s:" in capsys.readouterr().out
