"""The search that takes conversations up at every moment finds what would go wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from spindle._core.kernel.hand import Hand
from spindle._core.kernel.kernel import Kernel
from spindle._core.keyed import KeyedCall
from spindle._core.operations.port import Call
from spindle._core.replay import described, logged, marks, retelling
from spindle._core.replay.addresses import Address
from spindle._core.replay.log import Log, Standing
from spindle._core.replay.logged_hand import LoggedHand
from spindle._core.replay.retelling import Retelling
from tests.core.replay.test_prefixes import check, moves, steps

pytestmark = pytest.mark.mutant

Sow = Callable[[pytest.MonkeyPatch], None]


def stands(**wrong: Any) -> Sow:
    """A mark that keeps something wrongly."""

    def sow(patch: pytest.MonkeyPatch) -> None:
        def standing(*given: Any) -> Standing:
            fields = dict(zip(Standing.__struct_fields__, given, strict=True)) | wrong
            return Standing(**fields)

        patch.setattr(marks, "Standing", standing)

    return sow


def calls_are_made_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(LoggedHand, "begin_call", Hand.begin_call)


def fibers_are_not_told_apart(patch: pytest.MonkeyPatch) -> None:
    usual = described.address_of

    def coarse(*args: Any) -> Address | None:
        found = usual(*args)
        return found and Address(found.block, found.instance, (), found.successor)

    patch.setattr(described, "address_of", coarse)
    patch.setattr(retelling, "address_of", coarse)


def no_id_is_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Log, "conversation", b"")


def all_calls_have_one_number(patch: pytest.MonkeyPatch) -> None:
    usual = Kernel.keyed

    def count(kernel: Kernel, call: Call[Any]) -> KeyedCall:
        kernel.called = 1
        return usual(kernel, call)

    patch.setattr(Kernel, "keyed", count)


def time_is_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(LoggedHand, "come_to", lambda self, at: None)


def marks_forget_always(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(logged, "is_alone", lambda record: True)


def marks_forget_never(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Log, "begin_anew", lambda self, head: None)


def the_last_input_is_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Retelling, "is_over", property(lambda self: self._place >= len(self._frames) - 1))


def what_was_cancelled_is_not(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retelling, "Cut", type("Other", (), {}))


FAULTS: list[Sow] = [
    stands(asked=0),
    stands(drawn=0),
    stands(called=0),
    no_id_is_kept,
    all_calls_have_one_number,
    calls_are_made_again,
    fibers_are_not_told_apart,
    time_is_not_told,
    marks_forget_always,
    marks_forget_never,
    the_last_input_is_not_told,
    what_was_cancelled_is_not,
]


@pytest.mark.parametrize("sow", FAULTS, ids=lambda sow: getattr(sow, "__name__", "stands"))
def test_W6_D2_a_fault_is_found(sow: Sow, monkeypatch: pytest.MonkeyPatch) -> None:
    @settings(
        max_examples=1500,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(steps, max_size=4), moves)
    def search(bodies: list[Any], does: list[Any]) -> None:
        check(False, lambda doer: doer.turns, (0, bodies), does)

    sow(monkeypatch)
    with pytest.raises(BaseException):  # noqa: B017, PT011 - each shows itself in its own way
        search()
