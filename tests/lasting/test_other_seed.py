"""W6, D5: a page is taken up where strings hash in another way, as in each process they do."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from spindle import use
from tests.core.replay.talkative import Work
from tests.lasting import prefixes
from tests.lasting.other_seed import taken_up_elsewhere
from tests.lasting.prefixes import Moment, lived
from tests.lasting.test_prefixes import ALWAYS, NEVER, lives, searched
from tests.tally import TALLY

SEED = 7
WORDS = {f"word {number}" for number in range(20)}


def moments_of(many: int) -> list[Moment]:
    """How pages stood that did anything, wherever they rested."""
    found: list[Moment] = []

    @settings(searched, max_examples=many, phases=[Phase.generate], database=None)
    @given(st.sampled_from([NEVER, ALWAYS]), st.booleans(), lives)
    def live(every: int, prompt: bool, life: tuple[list[Any], list[Any]]) -> None:
        found.extend(trio.run(lived, every, prompt, *life, clock=MockClock()))

    live()
    return found


async def unordered(*_: object) -> None:
    """What nobody should write: what it does depends on how strings hash."""
    work = await use(Work)
    for word in WORDS:
        await work.look(int(word.split()[1]))


@pytest.mark.search
def test_W6_D5_pages_under_another_hash_seed() -> None:
    moments = moments_of(120)
    assert len(moments) > 300
    assert taken_up_elsewhere(moments, SEED) == []
    TALLY["moments of pages, taken up under another hash seed"] += len(moments)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_W6_D5_pages_under_another_hash_seed_at_length() -> None:
    for seed in range(1, 11):
        moments = moments_of(500)
        assert taken_up_elsewhere(moments, seed) == []
        TALLY["moments of pages, taken up under another hash seed"] += len(moments)


@pytest.mark.mutant
def test_W6_D5_a_page_that_depends_on_hashes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefixes, "main", unordered)
    moments = trio.run(lived, NEVER, True, [], [("said", 1, True)], clock=MockClock())
    wrong = taken_up_elsewhere(moments, SEED)
    assert len(wrong) == len(moments)
    assert all(each.startswith("ReplayMismatch") for each in wrong)
