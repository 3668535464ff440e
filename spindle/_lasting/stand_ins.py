"""What a page is given that is only told its log: ports that are never called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from spindle._core.operations.batch import forms_of
from spindle._core.operations.port import Port

__all__ = ["StandIns"]


class StandIns(Mapping[type, object]):
    """Gives something under each port, and notes what else it is asked for.

    Attributes:
        missing: the classes that are no ports, of which something was wanted.
    """

    def __init__(self, called: Callable[[], set[str]]) -> None:
        """Stand in for what a page was given.

        Args:
            called: the names of the calls in its log: they tell which ports have read many things
                at a time, which is seen in a log.
        """
        self._called = called
        self.missing: list[type] = []

    def __contains__(self, kind: object) -> bool:
        if isinstance(kind, type) and issubclass(kind, Port):
            return True
        if isinstance(kind, type) and kind not in self.missing:
            self.missing.append(kind)
        return False

    def __getitem__(self, kind: type) -> object:
        if kind not in self or not issubclass(kind, Port):
            raise KeyError(str(kind))
        forms = list(forms_of(kind).values())
        called = self._called() if forms else set[str]()
        alone = {each.name for each in forms if f"{kind.__name__}.{each.name}" in called}
        return _stand_in(kind, frozenset(each.batched for each in forms if each.name not in alone))

    def __iter__(self) -> Iterator[type]:
        return iter(())

    def __len__(self) -> int:
        return 0


@lru_cache(1024)
def _stand_in(port: type, batched: frozenset[str]) -> object:
    kind: Any = type(port.__name__, (port,), dict.fromkeys(batched, _never))
    kind.__abstractmethods__ = frozenset()
    return object.__new__(kind)


async def _never(*_: object) -> None:  # noqa: ASYNC124 - a port's method to be
    raise AssertionError("a page that is told its log calls nothing")
