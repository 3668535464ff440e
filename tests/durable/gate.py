"""Holds the thread of a store still, and what tests ask of one meanwhile."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio

from spindle.durable import Lease, SqliteStore
from spindle.durable.points import watch

__all__ = ["Gate", "create", "held_at"]


class Gate:
    """Holds the thread of a store at a label until it is opened."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, label: str) -> None:
        if label == self.label and not self.opened.is_set():
            self.reached.set()
            assert self.opened.wait(30)

    async def wait(self) -> None:
        await trio.to_thread.run_sync(self.reached.wait, 30)


@asynccontextmanager
async def held_at(label: str) -> AsyncGenerator[Gate]:
    gate = Gate(label)
    watch(gate)
    try:
        yield gate
    finally:
        gate.opened.set()
        watch(None)


async def create(store: SqliteStore, page: str, *frames: bytes) -> Lease:
    return await store.create(page, b"meta", frames, owner="ann", ttl=10)
