"""What of Spindle is there: pages, their coroutines, channels; to see what a test left behind.

Pages and channels are known from the moment they are made, once `count_from_now_on` was called;
nothing is known, and nothing costs anything, before that. They are held by weak references.
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary, WeakSet, ref

from spindle._core.coroutine import Coroutine
from spindle._core.kernel.edge import discard_all
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.snapshot import for_what
from spindle._core.kernel.statistics import coroutines
from spindle._core.kernel.turns import Turns
from spindle._core.operations.channel import Channel
from spindle.testing.plugin.reachable import reachable_from

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence, Set

    from spindle._core.kernel.record import Record

__all__ = ["Census", "count_from_now_on", "shared"]

_PAGES: Final[WeakSet[Turns]] = WeakSet()
_SHARED: Final[WeakSet[Turns]] = WeakSet()
"""Pages that outlive the test that is under way, as a fixture of a wider scope has opened them."""
_BY_HAND: Final[WeakSet[Coroutine[Any]]] = WeakSet()
"""Those that may have no page yet."""
_CHANNELS: Final[WeakKeyDictionary[Channel[Any], str]] = WeakKeyDictionary()
"""Each with the place where it was made."""
_sharing: Final[list[bool]] = []


def count_from_now_on() -> None:
    """Know of every page and channel that is made from now on; for the rest of the process."""
    if Turns.__init__ is _open:
        return
    turns: Any = Turns
    turns.__init__ = _open
    _channel_class.__init__ = _make
    _coroutine_class.__init__ = _begin


_usual_open: Final[Callable[..., None]] = Turns.__init__
_channel_class: Final[Any] = Channel
_usual_make: Final[Callable[..., None]] = _channel_class.__init__
_coroutine_class: Final[Any] = Coroutine
_usual_begin: Final[Callable[..., None]] = _coroutine_class.__init__


@wraps(_usual_open)
def _open(self: Turns, *args: object, **options: object) -> None:
    _usual_open(self, *args, **options)
    _PAGES.add(self)
    if _sharing:
        _SHARED.add(self)


@wraps(_usual_begin)
def _begin(self: Coroutine[Any], *args: object, **options: object) -> None:
    _usual_begin(self, *args, **options)
    _BY_HAND.add(self)
    if _sharing:
        _give_pages()


def _give_pages() -> None:
    """See that each `Coroutine` has a page, by which it is known here."""
    for each in list(_BY_HAND):
        lane = each._lane  # pyright: ignore[reportPrivateUsage] one thing with it
        if lane is not None and lane.outcome is None and lane.coroutine is not None:
            each._by_hand("a census")  # pyright: ignore[reportPrivateUsage]
    _BY_HAND.clear()


@wraps(_usual_make)
def _make(self: Channel[Any], *args: object, **options: object) -> None:
    _usual_make(self, *args, **options)
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage] - documented all the same
    while frame.f_back is not None and _makes(str(frame.f_globals.get("__name__"))):
        frame = frame.f_back
    _CHANNELS[self] = f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _makes(module: str) -> bool:
    """Whether what is made there is made for somebody else."""
    return module == "typing" or module.startswith("spindle.")


@contextmanager
def shared() -> Generator[None]:
    """What is opened in this block is to outlive the test that is under way."""
    _sharing.append(True)
    try:
        yield
    finally:
        _sharing.pop()


class Census:
    """What is there at one moment."""

    def __init__(self) -> None:
        """Count."""
        _give_pages()
        self._pages: WeakSet[Turns] = WeakSet(_PAGES)
        self._channels: WeakSet[Channel[Any]] = WeakSet(_CHANNELS)
        self._coroutines = {record for page in _PAGES for record in _running(page)}

    def fixtures_are_set_up(self) -> None:
        """What runs by now on pages that are shared may outlive the test."""
        self._coroutines.update(record for page in _SHARED for record in _running(page))

    def left_since(
        self, *, ending: Sequence[object] = (), lasting: Sequence[object] = ()
    ) -> list[str]:
        """What was not there and is now, a line each; nothing that is only garbage.

        What is left by hand is closed: garbage that the collector closes complains of it.

        Args:
            ending: what ends with the test: by hand, what it keeps is as good as gone.
            lasting: what outlives the test, and so may what it keeps.
        """
        _give_pages()
        told = [(ref(page), lines) for page in list(_PAGES) if (lines := self._lines(page))]
        if not told and not any(True for _ in self._open_channels(frozenset())):
            return []
        spared = reachable_from(lasting)
        told = [(held, lines) for held, lines in told if not self._spares(held(), spared)]
        for held, _ in told:
            page = held()
            if isinstance(page, Hand) and self._is_new(page):
                discard_all(page.kernel)
        page = None  # or this frame would hold the last one
        gc.collect()
        spared |= reachable_from(ending)
        left: list[str] = []
        for held, lines in told:
            page = held()
            gone = isinstance(page, Hand) and self._spares(page, spared)
            left += [] if page is None or gone else lines
        return left + [_channel(*each) for each in self._open_channels(spared)]

    def _is_new(self, page: Turns) -> bool:
        return page not in self._pages and page not in _SHARED

    def _spares(self, page: Turns | None, spared: Set[int]) -> bool:
        """Whether a page is in the right hands; not what is left on one that was there before."""
        return page is not None and id(page) in spared and self._is_new(page)

    def _lines(self, page: Turns) -> list[str]:
        running = [_told(each) for each in _running(page) if each not in self._coroutines]
        if running and self._is_new(page):
            return [f"the page {page.kernel.name!r} is still open", *running]
        return running

    def _open_channels(self, spared: Set[int]) -> Iterator[tuple[Channel[Any], str]]:
        for channel, place in list(_CHANNELS.items()):
            is_open = not channel.closed and channel.error is None
            if is_open and channel not in self._channels and id(channel) not in spared:
                yield channel, place


def _running(page: Turns) -> Iterator[Record]:
    """Its coroutines, and those that wait for somebody outside; not those that were closed."""
    kernel = page.kernel
    for record in [*coroutines(kernel), *(kernel.outside or ())]:
        if record.coroutine is not None or (record.driven is not None):
            yield record


def _told(record: Record) -> str:
    waits = " and ".join(for_what(record)) or record.state.value
    return f"{record.name} of the page {record.kernel.name!r} still runs: {waits}"


def _channel(channel: Channel[Any], place: str) -> str:
    cells = channel.kernel.cells if isinstance(channel.kernel, Kernel) else None
    for cell, state in (cells or {}).items():
        if any(each() is channel for each in state.watchers):
            return f"the cell {cell.name} is still watched: {channel!r}, made at {place}"
    return f"{channel!r}, made at {place}, is still open, and somebody holds it"
