"""What stores and logs refuse, and how they fail."""

from __future__ import annotations

from spindle._core.errors import LogTooNew, SpindleError
from spindle._core.names import bounded

__all__ = [
    "Busy",
    "Conflict",
    "Fenced",
    "NoSuchPage",
    "NotAStore",
    "PageExists",
    "PageLogCorrupt",
    "PageLogTooNew",
    "StoreClosed",
    "StoreError",
    "StoreFailed",
    "StoreInUse",
    "StoreTooNew",
]


class PageLogCorrupt(SpindleError):
    """A log is not what was written. What stands before the damage has been read by then.

    Not raised for a log that a newer Spindle has written: that is `PageLogTooNew`.

    Attributes:
        page: whose log it is.
        seq: the number of the first frame that is not right; of a snapshot, the frame it follows;
            -1 if what the store knows of the page beside its frames is not right.
        expected: what had to be there.
        found: what is there.
        intact: the numbers of the frames before it that were read from this log, and are right.
    """

    def __init__(self, page: str, seq: int, expected: str, found: str, intact: range) -> None:
        super().__init__(page, seq, expected, found, intact)
        self.page = page
        self.seq = seq
        self.expected = expected
        self.found = found
        self.intact = intact

    def __str__(self) -> str:
        where, read = f"at frame {self.seq}", f"; {_said(self.intact)}, and nothing was changed"
        if self.seq < 0:
            where, read = "in what stands beside its frames", ", and nothing was changed"
        rest = ", or rewind the log to what is intact"
        if not self.intact.stop:
            rest = ": nothing is intact that the log could be rewound to"
        return (
            f"the log of page {bounded(self.page)} is damaged {where}: expected "
            f"{self.expected}, found {self.found}{read}. Copy the store away, then put back a "
            f"backup{rest}"
        )


class PageLogTooNew(LogTooNew):
    """A log was written in a format that this Spindle does not know yet. It is not damaged.

    Attributes:
        page: whose log it is.
        seq: the number of the frame.
        version: the version of its format.
        known: the newest version that can be read here.
    """

    def __init__(self, page: str, seq: int, version: int, known: int) -> None:
        super().__init__(page, seq, version, known)
        self.page = page
        self.seq = seq
        self.version = version
        self.known = known

    def __str__(self) -> str:
        return (
            f"the log of page {bounded(self.page)} has a newer format at frame {self.seq}: version "
            f"{self.version}, and this Spindle reads up to {self.known}; nothing was changed. Run "
            f"the Spindle that wrote it, or a newer one"
        )


class StoreError(SpindleError):
    """A store cannot do what it was asked."""


class StoreFailed(StoreError):
    """The store broke: its disk is full or failing, or its database is gone.

    It stays so: whatever it is asked afterwards fails in the same way. What was acknowledged before
    is kept.

    Attributes:
        in_doubt: what was asked may have been kept all the same. What is kept is known when the
            store is opened anew.
        opening: it could not be opened, or looked into; nothing was asked of it.
    """

    def __init__(self, what: str, *, in_doubt: bool = False, opening: bool = False) -> None:
        super().__init__(what, in_doubt, opening)
        self.in_doubt = in_doubt
        self.opening = opening

    def __str__(self) -> str:
        if self.opening:
            return str(self.args[0])
        kept = "may have been kept or not" if self.in_doubt else "was not kept"
        return (
            f"{self.args[0]}; what was asked {kept}, what was acknowledged before is. The store "
            f"takes nothing more: mend the cause, then open it anew"
        )


class StoreClosed(StoreError):
    """The store was closed before."""


class StoreInUse(StoreError):
    """Another process, or this one, has the file open. It is free as soon as that has ended."""


class NotAStore(StoreError):
    """A file is there, and it is none of Spindle's stores. It is left as it is."""


class StoreTooNew(StoreError):
    """A newer Spindle has made the file. It is left as it is."""


class NoSuchPage(StoreError, LookupError):
    """The store has no page of that name: there never was one, or it was purged.

    Attributes:
        page: the name.
    """

    def __init__(self, page: str) -> None:
        super().__init__(page)
        self.page = page

    def __str__(self) -> str:
        return f"the store has no page {bounded(self.page)}"


class PageExists(StoreError):
    """A page was to be created under a name that is taken.

    Attributes:
        page: the name.
    """

    def __init__(self, page: str) -> None:
        super().__init__(page)
        self.page = page

    def __str__(self) -> str:
        return f"there is a page {bounded(self.page)} already: acquire it, or name another"


class Busy(StoreError):
    """Somebody else holds the page.

    Attributes:
        page: its name.
        owner: who holds it.
        until: when the lease ends unless it is renewed, on the store's clock.
    """

    def __init__(self, page: str, owner: str, until: float) -> None:
        super().__init__(page, owner, until)
        self.page = page
        self.owner = owner
        self.until = until

    def __str__(self) -> str:
        return f"{bounded(self.owner)} holds page {bounded(self.page)} until {self.until:.3f}"


class Conflict(StoreError):
    """The log does not end where whoever appends believes it does. Nothing was kept of it.

    Attributes:
        page: whose log it is.
        expected: the number of the last frame, as the caller said.
        head: the number of the last frame.
    """

    def __init__(self, page: str, expected: int, head: int) -> None:
        super().__init__(page, expected, head)
        self.page = page
        self.expected = expected
        self.head = head

    def __str__(self) -> str:
        return (
            f"the log of page {bounded(self.page)} ends with frame {self.head}, not with "
            f"{self.expected}: an earlier append was kept without its answer, or made twice"
        )


class Fenced(StoreError):
    """The lease is over: it was released, or somebody else has the page. Nothing was kept of it.

    Not raised because time has passed: as long as nobody else has come, a lease goes on to hold.

    Attributes:
        page: whose lease it was.
        epoch: the lease's.
        current: the page's; 0 if nobody holds it, None if it is gone.
    """

    def __init__(self, page: str, epoch: int, current: int | None) -> None:
        super().__init__(page, epoch, current)
        self.page = page
        self.epoch = epoch
        self.current = current

    def __str__(self) -> str:
        now = f"it is at epoch {self.current}" if self.current else "nobody holds it"
        now = "it was purged" if self.current is None else now
        return (
            f"the lease of page {bounded(self.page)} from epoch {self.epoch} is over: {now}. Drop "
            f"the page here, and acquire it anew to go on"
        )


def _said(intact: range) -> str:
    if not intact:
        return "no frame before it was read"
    return f"frames {intact[0]} to {intact[-1]} are intact"
