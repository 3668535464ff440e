"""The stores here do what a store has to do."""

from __future__ import annotations

import pytest
from hypothesis import settings

from spindle.durable import Durability
from spindle.testing.stores import MemoryBench, conformance
from tests.durable.nodes_bench import NodesBench
from tests.durable.sqlite_bench import SqliteBench

pytestmark = [pytest.mark.search, pytest.mark.timeout(300)]  # disks differ


class OnDisk(SqliteBench):
    level = Durability.POWER


few = settings(max_examples=15)
some = settings(max_examples=50)
many = settings(max_examples=5000)

test_the_memory_store_conforms = conformance(MemoryBench)
test_a_store_of_several_nodes_conforms = conformance(NodesBench)
test_the_sqlite_store_conforms = conformance(SqliteBench, settings=some)
test_the_sqlite_store_conforms_with_flushes = conformance(OnDisk, settings=few)

test_a_long_search_of_the_memory_store = pytest.mark.soak(
    pytest.mark.timeout(1200)(conformance(MemoryBench, settings=many))
)
test_a_long_search_of_the_sqlite_store = pytest.mark.soak(
    pytest.mark.timeout(1200)(conformance(SqliteBench, settings=many))
)
