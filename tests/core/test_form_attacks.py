"""Forms that no page of ours has: hostile names, depth and number of fields."""

from __future__ import annotations

import msgspec
import pytest

from tests.core.forms import STRAY, Node, all_faults, read


@pytest.mark.parametrize(
    "name",
    ["", ".", "..field", "field.", ".field", "__class__", "field.__class__", "\x00", "<script>"],
)
def test_N8_a_name_that_no_field_has(name: str) -> None:
    found = all_faults([("field", "1"), (name, "x")], int)
    assert found == {name: STRAY}


def test_N8_a_name_that_is_no_text_is_shown_escaped() -> None:
    assert all_faults([("field", "1"), ("\ud800", "x")], int) == {"\\ud800": STRAY}


def test_P6_a_long_name_is_cut() -> None:
    assert all_faults([("field", "1"), ("x" * 10_000, "x")], int) == {"x" * 199 + "…": STRAY}


def test_P6_names_nest_32_deep_at_most() -> None:
    deepest = "field" + ".twin" * 30 + ".name"
    assert set(all_faults([(deepest, "x")], Node)) == {
        "field" + ".twin" * depth + ".name" for depth in range(30)
    }
    found = all_faults([("field.name", "x"), ("field" + ".twin" * 31 + ".name", "x")], Node)
    assert list(found.values()) == [STRAY]
    found = all_faults([("field.name", "x"), (".".join("a" * 100_000), "x")], Node)
    assert list(found.values()) == [STRAY]


def test_P6_a_type_that_cannot_be_made_is_a_decode_error() -> None:
    assert set(all_faults([], Endless)) == {""}


class Endless(msgspec.Struct):
    again: Endless


def test_P6_many_fields_take_linear_time() -> None:
    pairs = [("field", "1")] + [(f"field.{index}.x", "1") for index in range(20_000)]
    assert len(all_faults(pairs, int)) == 1_000
    assert len(read([("field", "1")] * 20_000, list[int])) == 20_000  # type: ignore[arg-type]
