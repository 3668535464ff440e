"""What must hold after a random page, whatever it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from spindle import Completed, Settlement
from spindle._core.kernel.kernel import Kernel
from tests.laboratory.programs.performance import Performance
from tests.laboratory.programs.statement import Put, Take
from tests.laboratory.programs.world import Item

__all__ = ["faults", "left_over"]


def faults(performance: Performance) -> list[str]:
    """Everything that is wrong with a performance by itself; empty if nothing is."""
    if performance.broke:
        return [performance.broke]
    return [
        *performance.world.faults,
        *left_over(performance.kernel, performance.world.channels),
        *_the_books_are_true(performance),
        *_items_are_kept(performance),
        *_all_unwound_once(performance),
        *_cells_bring_what_was_put(performance),
    ]


def left_over(kernel: Kernel, channels: list[Any]) -> Iterator[str]:
    """What a page that has ended has not put away."""
    driver: Any = kernel.driver
    for name, left in (
        ("live", kernel.live),
        ("ready", kernel.ready),
        ("coroutines", kernel.coroutines),
        ("outside", kernel.outside),
        ("cascade", kernel.cascade),
        ("a deadline", kernel.timers.next_at() is not None),
        ("inputs", driver.inputs),
        ("a turn", driver.holder is not None),
        ("pending events", kernel.ledger.pending),
    ):
        if left:
            yield f"left: {name}: {left}"
    for cell, state in (kernel.cells or {}).items():
        if state.waiting or state.watchers:
            yield f"left: who watches {cell!r}"
    for channel in channels:
        if channel.putters or channel.takers:
            yield f"left: who waits at {channel!r}"


def _the_books_are_true(performance: Performance) -> Iterator[str]:
    heard = Counter(map(id, performance.world.heard))
    for receipt in performance.receipts:
        received = heard[id(receipt.event)]
        how = f"{receipt.event!r}, {receipt.settlement}: {receipt.reason}"
        if received > 1:
            yield f"received twice: {how}"
        if receipt.settlement is Settlement.HANDLED:
            if not received:
                yield f"handled, never received: {how}"
        elif bool(received) != ("while it handled" in receipt.reason):
            yield f"{'received' if received else 'never received'}: {how}"


def _items_are_kept(performance: Performance) -> Iterator[str]:
    """What was put is taken once, or is there still, or was dropped with the channel."""
    world = performance.world
    put, gone = Counter(world.put), Counter(world.taken) + Counter(world.dropped)
    for use, record, item in performance.visits:
        if isinstance(record.outcome, Completed):
            if isinstance(use, Put):
                put[item] += 1  # type: ignore[index]
            if isinstance(use, Take):
                gone[record.outcome.value] += 1
    for channel in world.channels:
        gone.update(each for each in channel.items or () if isinstance(each, Item))
    if put != gone:
        yield f"items: put {sorted(map(repr, put - gone))}, come out {sorted(map(repr, gone - put))}"


def _all_unwound_once(performance: Performance) -> Iterator[str]:
    world = performance.world
    if Counter(world.began) != Counter(world.unwound):
        yield f"began {world.began}, unwound {world.unwound}"


def _cells_bring_what_was_put(performance: Performance) -> Iterator[str]:
    """A subscription skips values, but brings none twice, none before an older one."""
    world = performance.world
    for (who, cell), seen in world.seen.items():
        if seen != sorted(set(seen)) or not set(seen) <= set(world.sent.get(cell, ())):
            yield f"{who} saw {seen} of {world.sent.get(cell)} in {cell}"
