"""The search with long turns finds what would go wrong with inputs that come in their middle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from spindle._runtime.logged_hosted import LoggedHosted
from tests.runtime.test_logged_prefixes import check, hasty, spinning

pytestmark = pytest.mark.mutant

Sow = Callable[[pytest.MonkeyPatch], None]


def nobody_knows_how_far_they_were(patch: pytest.MonkeyPatch) -> None:
    def place(self: LoggedHosted) -> int:
        self._done = 0
        return 0

    patch.setattr(LoggedHosted, "_place", place)


def going_on_counts_as_a_step(patch: pytest.MonkeyPatch) -> None:
    usual = LoggedHosted.hold

    def hold(self: LoggedHosted, *args: Any) -> None:
        usual(self, *args)
        self._done += 1

    patch.setattr(LoggedHosted, "hold", hold)


@pytest.mark.parametrize(
    "sow", [nobody_knows_how_far_they_were, going_on_counts_as_a_step], ids=lambda sow: sow.__name__
)
def test_W6_a_fault_is_found(sow: Sow, monkeypatch: pytest.MonkeyPatch) -> None:
    @settings(
        max_examples=1000,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.booleans(), st.lists(spinning, min_size=1, max_size=3), hasty)
    def search(prompt: bool, bodies: list[Any], does: list[Any]) -> None:
        check(False, prompt, bodies, does)

    sow(monkeypatch)
    with pytest.raises(BaseException):  # noqa: B017, PT011 - each shows itself in its own way
        search()
