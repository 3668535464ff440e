"""Logs that outlive their pages: frames of bytes, and the stores that keep them.

Nothing here knows what a page or a spindle is: a log is what somebody appends to it. Which stores
there are, and what each guarantees, is in `docs/stores.md`; what any store has to do, in `Store`.

What is behind a name is loaded when it is first asked for: to seal a log takes no event loop.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from spindle._core.public import publish

if TYPE_CHECKING:
    from spindle.durable.errors import Busy as Busy
    from spindle.durable.errors import Conflict as Conflict
    from spindle.durable.errors import Fenced as Fenced
    from spindle.durable.errors import NoSuchPage as NoSuchPage
    from spindle.durable.errors import NotAStore as NotAStore
    from spindle.durable.errors import PageExists as PageExists
    from spindle.durable.errors import PageLogCorrupt as PageLogCorrupt
    from spindle.durable.errors import PageLogTooNew as PageLogTooNew
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
    from spindle.durable.sqlite.store import SqliteStore as SqliteStore
    from spindle.durable.sqlite.store import open_sqlite_store as open_sqlite_store
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
    "MemoryStore",
    "NoSuchPage",
    "NotAStore",
    "PageExists",
    "PageLogCorrupt",
    "PageLogTooNew",
    "PageRecord",
    "PageStatus",
    "Snapshot",
    "SqliteStore",
    "Store",
    "StoreClosed",
    "StoreError",
    "StoreFailed",
    "StoreInUse",
    "StoreTooNew",
    "open_sqlite_store",
    "read_log",
]

_HOMES: Final = {
    "errors": "Busy Conflict Fenced NoSuchPage NotAStore PageExists PageLogCorrupt PageLogTooNew "
    "StoreClosed StoreError StoreFailed StoreInUse StoreTooNew",
    "faults": "Fault",
    "frames": "Chain Frame read_log",
    "memory": "MemoryStore",
    "sqlite.store": "SqliteStore open_sqlite_store",
    "store": "Durability Kept Lease PageRecord PageStatus Snapshot Store",
}
"""The modules, and what is public of each."""

_HOME_OF: Final = {
    name: f"{__name__}.{module}" for module, names in _HOMES.items() for name in names.split()
}

if not TYPE_CHECKING:  # with it in sight, checkers would take any misspelt import for right

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = import_module(_HOME_OF[name])
        public = {each: getattr(home, each) for each in _HOME_OF if _HOME_OF[each] == home.__name__}
        publish(__name__, public.values())
        globals().update(public)
        return public[name]


def __dir__() -> list[str]:
    return sorted(__all__)
