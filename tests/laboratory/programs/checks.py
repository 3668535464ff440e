"""What must hold after a random page, whatever it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from spindle import Cancelled, Completed, Errored, Settlement
from spindle._core.journal import MessageSent, Started
from spindle._core.kernel.record import Outside
from spindle._core.kernel.turns import Turns
from tests.laboratory.programs.performance import Performance
from tests.laboratory.programs.statement import Put, Take
from tests.laboratory.programs.world import Item

__all__ = ["faults", "left_over"]

ENDS = (Completed, Errored, Cancelled)


def faults(performance: Performance) -> list[str]:
    """Everything that is wrong with a performance by itself; empty if nothing is."""
    if performance.broke:
        return [performance.broke]
    return [
        *performance.world.faults,
        *left_over(performance.turns, performance.world.channels),
        *_the_books_are_true(performance),
        *_items_are_kept(performance),
        *_all_unwound_once(performance),
        *_cells_bring_what_was_put(performance),
        *_each_start_has_an_end(performance),
    ]


def left_over(turns: Turns, channels: list[Any]) -> Iterator[str]:
    """What a page that has ended has not put away."""
    kernel = turns.kernel
    for name, left in (
        ("live", kernel.live),
        ("ready", kernel.ready),
        ("coroutines", kernel.coroutines),
        ("outside", kernel.outside),
        ("cascade", kernel.cascade),
        ("gathered", kernel.gathered),
        ("a deadline", kernel.timers.next_at() is not None),
        ("inputs", turns.inputs),
        ("a turn", turns.holder is not None),
        ("pending events", kernel.ledger.pending),
    ):
        if left:
            yield f"left: {name}: {left}"
    for cell, state in (kernel.cells or {}).items():
        # A watch lasts as long as somebody has its channel: here the world has those it was given.
        watchers = [channel for each in state.watchers if (channel := each()) not in channels]
        if state.waiting or watchers:
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
        lost, doubled = sorted(map(repr, put - gone)), sorted(map(repr, gone - put))
        yield f"items: lost {lost}, doubled {doubled}"


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


def _each_start_has_an_end(performance: Performance) -> Iterator[str]:
    """Who never got to start has an end, too."""
    started: Counter[Any] = Counter()
    ended: Counter[Any] = Counter()
    for _, entry in performance.world.entries:
        if isinstance(entry, Started) and entry.source.block is not Outside:
            started[entry.source.block, entry.source.instance] += 1
        if isinstance(entry, MessageSent) and isinstance(entry.message, ENDS):
            ended[entry.source.block, entry.source.instance] += 1
    if started - ended:
        yield f"started more often than they ended: {started - ended}"
