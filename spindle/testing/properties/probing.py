"""Whether values can be drawn at all: Hypothesis says it late, and not of which field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, Phase, currently_in_test_context, given, settings
from hypothesis.errors import FailedHealthCheck, Unsatisfiable

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["can_be_drawn", "is_plain"]

_FEW: Final = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)
_HARD: Final = re.compile(r"\(\?(?![:P#])|\\[bB1-9]|\(\?P=|(?<!\A)(?<![\\[])\^|(?<!\\)\$(?!\Z)")
"""What is looked around for, said again, or anchored in the middle."""


def is_plain(pattern: str) -> bool:
    """Whether each text that is made of a pattern, part by part, matches it."""
    return _HARD.search(pattern) is None


def can_be_drawn(strategy: SearchStrategy[Any]) -> bool:
    """Draw some values; True without doing so inside of a test, which refuses another one there."""
    if currently_in_test_context():
        return True

    @_FEW
    @given(strategy)
    def draws(value: object) -> None:
        pass

    try:
        draws()
    except (FailedHealthCheck, Unsatisfiable):
        return False
    return True
