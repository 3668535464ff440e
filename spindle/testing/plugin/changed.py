"""Values that were said, or put into a cell, and changed afterwards.

Whoever gets a value shares it with whoever gave it. One that is changed later has changed for all
of them, unseen by the view, by watchers and by a log. So a picture of each value is taken when it
is put, said or sent, and compared at the end of the test, or when nobody else holds it any more. It
shows what is in it as far as msgspec knows; other objects are told apart, and not looked into.
"""

from __future__ import annotations

import gc
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec
from typing_extensions import override

from spindle._core.kernel import lane
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.lane import Lane
from spindle._core.kernel.ledger import Ledger
from spindle._core.kernel.meanings.table import MEANINGS
from spindle._core.kernel.stack import place_of
from spindle._core.messages import Ask, Event, Message, Notify
from spindle._core.names import name_of, shown
from spindle._core.operations.await_any import AwaitAny
from spindle._core.operations.cell import PutCell
from spindle.testing.plugin.changeable import can_change
from spindle.testing.plugin.looks import has_changed, looks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spindle._core.kernel.ledger import Letter
    from spindle._core.kernel.meanings.meaning import Meaning
    from spindle._core.kernel.record import Record

__all__ = ["Pictures", "take_pictures"]

MOST: Final = 10_000
"""How many values of a test are looked at, the first ones: they are kept, and that takes time."""

_PLAIN: Final = frozenset(
    {str, int, float, bool, bytes, type(None), Decimal, date, datetime, time, timedelta, UUID}
)


class _Picture(msgspec.Struct):
    value: object
    looks: object
    what: str
    place: str


_LIKE_ANY: Final = _Picture(object(), None, "", "")
_ALONE: Final = sys.getrefcount(_LIKE_ANY.value)
"""How often something is referred to that only a picture holds."""


class Pictures:
    """Those of the values of one test."""

    current: Pictures | None = None
    """Those that are being taken."""

    def __init__(self) -> None:
        """Begin: pictures are taken of what is said, put and sent from now on."""
        self._taken: dict[int, _Picture] = {}
        self._count = 0
        self._changed: list[str] = []
        Pictures.current = self
        _SAFE.clear()

    def take(self, value: object, what: str, place: str) -> None:
        """Take one, unless there is one already."""
        if id(value) not in self._taken and self.takes_more:
            looks = looks_of(value)
            if looks is not None:
                self._taken[id(value)] = _Picture(value, looks, what, place)
                self._count += 1

    @property
    def takes_more(self) -> bool:
        """Whether there are not too many yet."""
        return self._count < MOST

    def let_go(self) -> None:
        """Look at what nobody else holds, for the last time: it can change no more.

        So a test of its own that something is collected is not disturbed.
        """
        alone = [
            key
            for key, picture in list(self._taken.items())
            if sys.getrefcount(picture.value) <= _ALONE
        ]
        for key in alone:
            self._compare(self._taken.pop(key))

    def changed(self) -> list[str]:
        """What looks different by now, a paragraph each; ends the taking of pictures."""
        Pictures.current = None
        for each in self._taken.values():
            self._compare(each)
        self._taken.clear()
        return self._changed

    def _compare(self, picture: _Picture) -> None:
        looks = looks_of(picture.value)
        if has_changed(picture.value, picture.looks, looks):
            self._changed.append(
                f"{picture.what} was changed after {picture.place}:\n"
                f"  it was {shown(picture.looks)}\n"
                f"  and is {shown(looks)}"
            )


def take_pictures() -> None:
    """Be able to take pictures from now on; for the rest of the process."""
    if getattr(MEANINGS[PutCell], "takes_pictures", False):
        return
    usual = {kind: MEANINGS[kind] for kind in _TAKERS}
    for kind in [kind for kind in MEANINGS if issubclass(kind, Message)]:
        del MEANINGS[kind]  # classes of the user's own, that share the meaning of their base
    MEANINGS.update((kind, _taking(_TAKERS[kind], meaning)) for kind, meaning in usual.items())
    ledger: Any = Ledger
    ledger.accept = _accepting(Ledger.accept)
    kernel: Any = Kernel
    kernel.answer = _answering(Kernel.answer)
    lanes: Any = lane
    lanes.Lane = _SeenLane
    gc.callbacks.append(_collects)


def _collects(_: str, about: Mapping[str, int]) -> None:
    if Pictures.current is not None and about["generation"] == 2:
        Pictures.current.let_go()


class _SeenLane(Lane):
    """Leaves what may change afterwards to the kernel, for there it is looked at.

    What cannot change goes as fast as ever.
    """

    __slots__ = ()

    @override
    def _answer(self, trap: Any, kind: type[Any]) -> object:
        if kind not in _SAFE and self._is_to_be_seen(kind):
            return lane.NOT_HERE
        return _usual_answer(self, trap, kind)

    def _is_to_be_seen(self, kind: type[Any]) -> bool:
        if not issubclass(kind, (Ask, Notify)):
            return False
        if not can_change(kind):
            _SAFE.add(kind)
            return False
        return Pictures.current is not None and Pictures.current.takes_more


_SAFE: Final[set[type]] = set()
"""Classes of messages that cannot change, and are said again and again."""
_usual_answer: Final = Lane._answer  # pyright: ignore[reportPrivateUsage] its own class's


def _taking(taker: Callable[[Pictures, Record, Any], None], usual: Meaning) -> Meaning:
    def meaning(kernel: Kernel, record: Record, operation: object) -> object:
        if Pictures.current is not None:
            taker(Pictures.current, record, operation)
        return usual(kernel, record, operation)

    named: Any = meaning
    named.takes_pictures = True
    return meaning


def _take_message(pictures: Pictures, record: Record, said: Message) -> None:
    if type(said).__struct_fields__:
        place = f"{record.name} said it, at {place_of(record.coroutine)}"
        pictures.take(said, name_of(type(said)), place)


def _take_put(pictures: Pictures, record: Record, put: PutCell[object]) -> None:
    if type(put.value) not in _PLAIN:
        place = f"{record.name} put it there, at {place_of(record.coroutine)}"
        pictures.take(put.value, f"the value of the cell {put.cell.name}", place)


def _take_race(pictures: Pictures, record: Record, race: AwaitAny) -> None:
    for source in race.sources:
        if isinstance(source, Ask):
            _take_message(pictures, record, source)


_TAKERS: Final[dict[type, Callable[[Pictures, Record, Any], None]]] = {
    Ask: _take_message,
    Notify: _take_message,
    PutCell: _take_put,
    AwaitAny: _take_race,
}


def _accepting(usual: Callable[[Ledger, Letter], None]) -> Callable[[Ledger, Letter], None]:
    @wraps(usual)
    def accept(self: Ledger, letter: Letter) -> None:
        if Pictures.current is not None:
            _take_event(Pictures.current, letter.event)
        usual(self, letter)

    return accept


def _answering(
    usual: Callable[[Kernel, Record, int, object], None],
) -> Callable[[Kernel, Record, int, object], None]:
    # Of transcripts, and of coroutines that are stepped by hand: there are no letters.
    @wraps(usual)
    def answer(self: Kernel, record: Record, number: int, value: object) -> None:
        if Pictures.current is not None and isinstance(value, Event):
            _take_event(Pictures.current, value)
        usual(self, record, number, value)

    return answer


def _take_event(pictures: Pictures, event: Event) -> None:
    if type(event).__struct_fields__:
        pictures.take(event, name_of(type(event)), "it was handed to the page")
