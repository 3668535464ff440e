"""What tells the arguments of a call from others."""

from __future__ import annotations

import msgspec
import pytest

from spindle._core.replay.formats import digest_of


class Point(msgspec.Struct):
    x: int
    y: float


@pytest.mark.parametrize(
    ("value", "same"),
    [
        (3, 3.0),
        ([0, {"a": (1, 2)}], [-0.0, {"a": [1.0, 2]}]),
        ({1.0: 2}, {1: 2.0}),
        ({(1.0, 2): 3}, {(1, 2.0): 3}),
        ((Point(1, 2),), [{"x": 1, "y": 2.0}]),
        (2**62, 2.0**62),
    ],
)
def test_an_integer_where_a_float_is_declared_is_no_other_argument(
    value: object, same: object
) -> None:
    assert digest_of(value) == digest_of(same)


def test_other_arguments_are_told_apart() -> None:
    others = [3, 3.5, 2.0**63, 2.0**64, float("inf"), float("nan"), "\xcb", b"\xcb", [3], True]
    assert len({digest_of(each) for each in others}) == len(others)
    assert digest_of({3.0: [object()]}) == digest_of({3: [object()]})
