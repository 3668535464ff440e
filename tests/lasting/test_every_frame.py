"""W6, D2: behind any frame, a page that is taken up is at the step at which that frame ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from tests.core.replay.talkative import Step
from tests.lasting.frames import gone_on, interrupted, lived
from tests.lasting.test_prefixes import moves, searched
from tests.runtime.test_logged_prefixes import steps

few = st.integers(0, 1)
words = ["look", "do", "draw", "cell", "ask", "spin", "seek", "cancel"]
talks = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(0, 3)),
        st.tuples(st.sampled_from(words), few),
        st.tuples(
            st.sampled_from(["fiber", "fiber", "fork", "tidy", "scope"]),
            st.lists(st.tuples(st.sampled_from(["say", "say", "seek", "ask"]), few), max_size=6),
        ),
    ),
    min_size=4,
    max_size=20,
)
lives = st.tuples(st.lists(talks | steps, min_size=1, max_size=3), moves)


def check(room: int, spell: int, prompt: bool, bodies: list[list[Step]], does: list[Any]) -> int:
    """Kill a page behind each of its frames, go on with it, and kill it behind each once more.

    Returns:
        How many of its frames ended in the middle of a turn.
    """
    with interrupted(room, spell):
        kept, told, seen = trio.run(lived, prompt, bodies, does, clock=MockClock())
    frames = list(kept.frames)
    for number in range(1, len(frames) + 1):
        clock = MockClock(autojump_threshold=0)
        before = replace(kept, frames=frames[:number])
        after = trio.run(gone_on, before, told, seen, clock=clock)
        assert list(after.frames)[:number] == frames[:number]
        for more in range(number + 1, len(after.frames) + 1):
            clock = MockClock(autojump_threshold=0)
            trio.run(gone_on, replace(after, frames=after.frames[:more]), None, None, clock=clock)
    return len(frames)


@pytest.mark.search
@settings(searched, max_examples=60)
@given(st.integers(1, 6), st.integers(2, 40), st.booleans(), lives)
def test_W6_D2_killed_behind_any_frame(
    room: int, spell: int, prompt: bool, life: tuple[list[list[Step]], list[Any]]
) -> None:
    check(room, spell, prompt, *life)
