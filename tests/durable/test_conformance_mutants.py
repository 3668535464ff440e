"""The conformance suite finds stores that break a promise, and names it."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import Phase, settings

from spindle.durable import MemoryStore
from spindle.testing.stores import MemoryBench, conformance
from tests.durable.broken_stores import BROKEN

pytestmark = pytest.mark.mutant

quickly = settings(
    max_examples=1000, database=None, derandomize=True, phases=[Phase.generate], print_blob=False
)


@pytest.mark.parametrize(
    ("kind", "guarantee"), BROKEN.items(), ids=[kind.__name__ for kind in BROKEN]
)
def test_a_broken_store_is_found(kind: type[MemoryStore], guarantee: str) -> None:
    test = conformance(partial(MemoryBench, kind), settings=quickly)
    with pytest.raises(AssertionError) as found:
        test()
    assert str(found.value).partition(":")[0] in guarantee.split()


def test_every_guarantee_is_broken_by_some() -> None:
    assert {f"G{number}" for number in range(1, 9)} <= set(BROKEN.values())
