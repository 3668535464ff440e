"""W6, D5: a page that is taken up at any moment stands where the one stood that wrote the log."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.replay.talkative import Step
from tests.lasting.prefixes import check
from tests.runtime.test_logged_prefixes import steps

NEVER, ALWAYS = 1000, 1
WORDS = ["said"] * 6 + ["poke"] * 3 + ["side"] * 2 + ["advance"] * 2 + ["end"] * 4 + ["cancel"]
moves = st.lists(
    st.tuples(st.sampled_from(WORDS), st.integers(0, 5), st.booleans()),
    max_size=10,
)
quiet: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "say", "cell", "draw", "sleep", "get"]), st.integers(0, 3)
    ),
    max_size=3,
)
quick = st.lists(
    st.tuples(
        st.sampled_from(["said"] * 4 + ["side", "advance"]), st.integers(1, 5), st.just(True)
    ),
    min_size=2,
    max_size=8,
)
lives = st.tuples(st.lists(steps, max_size=3), moves) | st.tuples(
    st.lists(quiet.map(lambda body: [*body, ("ask", 1)]), min_size=2, max_size=5), quick
)
"""What the first spindle does, from one mark to the next, and what happens to it."""
searched = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.differing_executors]
)


@pytest.mark.search
@pytest.mark.parametrize("every", [NEVER, ALWAYS])
@searched
@given(st.booleans(), lives)
def test_W6_D5_a_page_taken_up_at_every_moment(
    every: int, prompt: bool, life: tuple[list[list[Step]], list[Any]]
) -> None:
    check(every, prompt, *life)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("every", [NEVER, ALWAYS])
@settings(searched, max_examples=10_000)
@given(st.booleans(), lives)
def test_W6_D5_a_page_taken_up_at_every_moment_at_length(
    every: int, prompt: bool, life: tuple[list[list[Step]], list[Any]]
) -> None:
    check(every, prompt, *life)
