"""Tests that step a `Coroutine` run twice: in its lane, and on a page from the start."""

from __future__ import annotations

import pytest

from spindle import Coroutine
from spindle._core import coroutine
from spindle._core.tags import TAGS

LARGE = frozenset({"bulk", "mutant", "search"})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    if vars(metafunc.module).get("Coroutine") is Coroutine and not marks & LARGE:
        metafunc.parametrize("lane", ["lane", "page"], indirect=True)


@pytest.fixture(autouse=True)
def lane(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the lane before it is entered, if the test asks for that."""
    if getattr(request, "param", "lane") == "page":
        monkeypatch.setattr(coroutine, "lane_for", lambda *_: None)


@pytest.fixture(autouse=True)
def untagged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log filter that some other test has made would keep all spindles out of their lanes."""
    monkeypatch.setattr(TAGS, "wanted", False)
