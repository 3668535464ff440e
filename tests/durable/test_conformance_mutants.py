"""The conformance suite finds stores that break a promise, and names it."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import Phase, settings

from spindle.durable import MemoryStore
from spindle.testing.stores import Bench, MemoryBench, conformance
from tests.durable.broken_stores import BROKEN
from tests.durable.nodes_bench import BROKEN_NODES

pytestmark = pytest.mark.mutant

quickly = settings(database=None, derandomize=True, phases=[Phase.generate], print_blob=False)


@pytest.mark.parametrize(
    ("kind", "guarantee"), BROKEN.items(), ids=[kind.__name__ for kind in BROKEN]
)
def test_a_broken_store_is_found(kind: type[MemoryStore], guarantee: str) -> None:
    test = conformance(partial(MemoryBench, kind), settings=quickly)
    with pytest.raises(AssertionError) as found:
        test()
    assert str(found.value).partition(":")[0] in guarantee.split()


@pytest.mark.parametrize(
    ("bench", "guarantee"), BROKEN_NODES.items(), ids=[kind.__name__ for kind in BROKEN_NODES]
)
def test_a_store_that_breaks_when_it_is_open_twice_is_found(
    bench: type[Bench], guarantee: str
) -> None:
    with pytest.raises(AssertionError) as found:
        conformance(bench, settings=quickly)()
    assert str(found.value).partition(":")[0] in guarantee.split()


def test_every_guarantee_is_broken_by_some() -> None:
    assert {f"G{number}" for number in range(1, 9)} <= set(" ".join(BROKEN.values()).split())
