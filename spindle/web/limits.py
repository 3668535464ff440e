"""Every bound the web layer keeps, in one place."""

from __future__ import annotations

import msgspec

from spindle._core.errors import UsageError

__all__ = ["Limits"]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one visitor, and all of them together, may take. Times in seconds, sizes in bytes.

    Every limit is on by default. `UsageError` is raised for one that is not positive; only `grace`
    may be 0.
    """

    pages: int = 1_000
    """Live pages at once; beyond it a GET is answered 503."""
    connections: int = 4_000
    """Open connections at once; beyond it new ones wait to be accepted."""
    request: float = 10.0
    """A request must be complete this long after its first byte, or after the connection."""
    idle: float = 15.0
    """A connection kept alive may wait this long for its next request."""
    header: int = 16 * 1024
    """Request line and headers together."""
    write: float = 30.0
    """A client may take this long to read one response or one frame."""
    first_render: float = 0.1
    """A GET waits at most this long for the first thing to show, then renders what is there."""
    adoption: float = 10.0
    """A page whose socket has not come by then is cancelled."""
    leaving: float = 2.0
    """A reload waits at most this long for the end of the page it replaces."""
    hello: float = 5.0
    """A socket's first frame must have come by then."""
    heartbeat: float = 25.0
    """A socket is pinged this often; one that has not answered by the next ping is dropped."""
    frame: int = 64 * 1024
    """One frame from the browser, in UTF-8."""
    frames_per_second: float = 50.0
    """Frames a socket may send on average."""
    burst: int = 50
    """Frames a socket may send at once, after a pause."""
    unsettled: int = 64
    """Events of one socket that may wait to be settled at once."""
    close: float = 1.0
    """A closing handshake may take this long; then the connection is dropped."""
    grace: float = 0.5
    """A stopping server lets its pages bring what they do to an end for this long, as `page.stop`
    says: who waits for the visitor ends at once, who is in the middle of a call may finish. 0
    cancels all at once."""
    stop: float = 1.5
    """A stopping server waits this long for its pages, `grace` included, before it cancels what is
    left."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if not (getattr(self, name) > 0 or (name == "grace" and self.grace == 0)):
                raise UsageError(
                    f"Limits({name}={getattr(self, name)!r}): a limit is a positive number. "
                    f"To lift it in effect, give a large one."
                )
