"""Notes on exceptions of users, which may do anything."""

from __future__ import annotations

import pytest

from spindle._core.notes import annotate


class Hostile(Exception):
    raises: BaseException = ValueError("no notes")

    @property
    def __notes__(self) -> list[str]:
        raise self.raises


def test_a_note_is_added_once() -> None:
    error = ValueError("it")
    annotate(error, "here")
    annotate(error, "here")
    assert error.__notes__ == ["here"]


def test_one_that_takes_none_stays_as_it_is() -> None:
    annotate(Hostile(), "here")
    interrupted = Hostile()
    interrupted.raises = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        annotate(interrupted, "here")
