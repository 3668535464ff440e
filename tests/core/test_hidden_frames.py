"""When pytest leaves out Spindle's frames of an error."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from spindle import UsageError
from spindle._core.errors import hides_frames


@dataclass
class Raised:
    value: BaseException


def raised(module: str, code: str) -> Raised:
    """What code of a module of this name raises."""
    with pytest.raises((ArithmeticError, ValueError)) as found:
        exec(code, {"__name__": module})
    return Raised(found.value)


def test_what_the_test_is_told_of_is_shown_at_its_line() -> None:
    for error in (AssertionError("no"), UsageError("no")):
        assert hides_frames(Raised(error))
    assert hides_frames(None)


@pytest.mark.parametrize(
    ("module", "code", "hidden"),
    [
        ("shop", "1 / 0", True),
        ("spindle.core", "1 / 0", False),
        ("spindle", "import json; json.loads('{')", False),
        ("shop", "import json; json.loads('{')", True),
    ],
)
def test_what_spindle_does_wrong_is_shown_whole(module: str, code: str, hidden: bool) -> None:
    assert hides_frames(raised(module, code)) is hidden
