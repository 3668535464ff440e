"""The page's source of chance."""

from __future__ import annotations

from uuid import UUID

import pytest

from spindle import UsageError
from spindle._core.kernel.chance import Chance, seed_from


def test_A8_the_same_seed_gives_the_same_draws() -> None:
    def draws(chance: Chance) -> list[object]:
        return [chance.random_float(), chance.unique_id(), chance.random_float()]

    assert draws(Chance(b"a")) == draws(Chance(b"a"))
    assert draws(Chance(b"a")) != draws(Chance(b"b"))
    assert draws(Chance(lambda: b"a")) == draws(Chance(b"a")), "a seed may be drawn late"


def test_A8_a_seed_is_drawn_once_and_only_when_it_is_needed() -> None:
    drawn: list[bytes] = []

    def draw() -> bytes:
        drawn.append(b"x")
        return b"x"

    chance = Chance(draw)
    assert drawn == []
    assert chance.random_float() != chance.random_float()
    assert drawn == [b"x"]


def test_A8_draws_are_what_they_say() -> None:
    chance = Chance(seed_from(1))
    floats = [chance.random_float() for _ in range(2000)]
    assert all(0 <= each < 1 for each in floats)
    assert 0.45 < sum(floats) / len(floats) < 0.55
    ids = [chance.unique_id() for _ in range(100)]
    assert len(set(ids)) == 100
    for each in ids:
        assert (str(UUID(each)), UUID(each).version) == (each, 4)


def test_A8_a_number_of_any_length_is_a_seed() -> None:
    seeds = {seed_from(number) for number in (0, 1, -1, 10**100, 10**100 + 1)}
    assert len(seeds) == 5
    assert all(Chance(seed).random_float() < 1 for seed in seeds)
    with pytest.raises(UsageError, match="seed= takes a whole number, not None"):
        seed_from(None)
