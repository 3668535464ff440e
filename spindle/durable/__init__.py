"""Logs that outlive their pages: frames of bytes, and the stores that keep them.

Nothing here knows what a page or a spindle is: a log is what somebody appends to it. Which stores
there are, and what each guarantees, is in `docs/stores.md`; what any store has to do, in `Store`.
"""

from __future__ import annotations

from spindle._core.public import publish
from spindle.durable.errors import Busy as Busy
from spindle.durable.errors import Conflict as Conflict
from spindle.durable.errors import Fenced as Fenced
from spindle.durable.errors import LogCorrupt as LogCorrupt
from spindle.durable.errors import LogTooNew as LogTooNew
from spindle.durable.errors import NoSuchPage as NoSuchPage
from spindle.durable.errors import NotAStore as NotAStore
from spindle.durable.errors import PageExists as PageExists
from spindle.durable.errors import StoreClosed as StoreClosed
from spindle.durable.errors import StoreError as StoreError
from spindle.durable.errors import StoreFailed as StoreFailed
from spindle.durable.errors import StoreInUse as StoreInUse
from spindle.durable.errors import StoreTooNew as StoreTooNew
from spindle.durable.faults import Fault as Fault
from spindle.durable.frames import Chain as Chain
from spindle.durable.frames import Frame as Frame
from spindle.durable.frames import read_log as read_log
from spindle.durable.memory import MemoryStore as MemoryStore
from spindle.durable.store import Durability as Durability
from spindle.durable.store import Kept as Kept
from spindle.durable.store import Lease as Lease
from spindle.durable.store import PageRecord as PageRecord
from spindle.durable.store import PageStatus as PageStatus
from spindle.durable.store import Snapshot as Snapshot
from spindle.durable.store import Store as Store

__all__ = [
    "Busy",
    "Chain",
    "Conflict",
    "Durability",
    "Fault",
    "Fenced",
    "Frame",
    "Kept",
    "Lease",
    "LogCorrupt",
    "LogTooNew",
    "MemoryStore",
    "NoSuchPage",
    "NotAStore",
    "PageExists",
    "PageRecord",
    "PageStatus",
    "Snapshot",
    "Store",
    "StoreClosed",
    "StoreError",
    "StoreFailed",
    "StoreInUse",
    "StoreTooNew",
    "read_log",
]

publish("spindle.durable", [globals()[name] for name in __all__])
