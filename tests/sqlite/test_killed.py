"""An order is placed exactly once, wherever the process that places it is killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from spindle import Log
from tests.sqlite.killed import AFTER, STATEMENTS, orders_in, run


@pytest.mark.parametrize("label", STATEMENTS)
def test_killed_before_the_commit_nothing_is_there_and_the_call_made_again_does_it(
    label: str, tmp_path: Path
) -> None:
    run(tmp_path, label)
    assert orders_in(tmp_path) == []
    run(tmp_path, label)  # and once more, where it is taken up
    assert orders_in(tmp_path) == []
    assert run(tmp_path) == 1
    assert orders_in(tmp_path) == [(1, "tea")]


@pytest.mark.parametrize("label", AFTER)
def test_killed_between_the_commit_and_the_end_the_call_made_again_returns_what_is_kept(
    label: str, tmp_path: Path
) -> None:
    run(tmp_path, label)
    assert orders_in(tmp_path) == [(1, "tea")]
    log = Log.load(tmp_path.joinpath("log").read_bytes())
    assert ("calls Orders.place" in str(log)) is (label == "later")
    assert "Orders.place returned" not in str(log)
    assert run(tmp_path) == 1
    assert orders_in(tmp_path) == [(1, "tea")]
    assert "Orders.place returned 1" in str(Log.load(tmp_path.joinpath("log").read_bytes()))


@pytest.mark.parametrize("label", AFTER)
def test_without_the_row_it_would_be_placed_twice(label: str, tmp_path: Path) -> None:
    run(tmp_path, label, "forgets")
    assert run(tmp_path, fault="forgets") == 2
    assert orders_in(tmp_path) == [(1, "tea"), (2, "tea")]
