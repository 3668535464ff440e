"""The stores here do what a store has to do."""

from __future__ import annotations

from spindle.testing.stores import MemoryBench, conformance

test_the_memory_store_conforms = conformance(MemoryBench)
