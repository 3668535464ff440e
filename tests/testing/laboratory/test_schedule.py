"""A schedule is one word, which can be read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle import UsageError
from spindle.testing.laboratory import Injection, Schedule

NUMBERS = st.integers(0, 10_000)
INJECTIONS = st.builds(
    Injection, NUMBERS, st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True)
)


@given(
    st.sampled_from(["batches", "free"]),
    st.dictionaries(NUMBERS, st.integers(1, 50)),
    st.lists(INJECTIONS, max_size=3),
)
def test_a_token_is_read_as_it_was_written(interleaving, picks, injections) -> None:
    schedule = Schedule(interleaving, picks, tuple(sorted(injections)))
    assert Schedule.parse(schedule.token) == schedule
    assert str(schedule) == schedule.token
    assert " " not in schedule.token


def test_it_reads_well() -> None:
    schedule = Schedule("batches", {17: 2, 3: 1}, (Injection(41, "page"),))
    assert schedule.token == "v1:batches:3=1,17=2:page@41"


@pytest.mark.parametrize(
    "wrong",
    ["", "v1", "v2:batches::", "v1:batches:3:", "v1:batches:3=1", "v1:all::", "v1:free::@3", 3],
)
def test_what_is_no_token_is_refused(wrong: object) -> None:
    with pytest.raises(UsageError, match="is not the token of a schedule: copy it whole"):
        Schedule.parse(wrong)  # type: ignore[arg-type]
