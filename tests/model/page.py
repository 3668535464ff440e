"""The state of the model's page, what can be read off it, and the one way to wake somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tests.laboratory.programs import statement as st
from tests.model.coroutine import (
    Channel,
    Coroutine,
    Fold,
    Letter,
    Outcome,
    Reason,
    Result,
    Wait,
)

__all__ = ["Page", "shown"]

Test = Callable[[Wait], bool]


@dataclass(eq=False)
class Page:
    now: float = 0.0
    everyone: list[Coroutine] = field(default_factory=list)
    """All that ever started, in that order; those that have ended have an outcome."""
    ready: list[Coroutine] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    """What was told and what spindle code saw, in one order."""
    mailboxes: dict[st.Which, list[Letter]] = field(default_factory=dict)
    yields: dict[st.Which, int] = field(default_factory=dict)
    cells: dict[st.Which, list[int]] = field(default_factory=dict)
    """All that was ever put into each."""
    channels: list[Channel] = field(default_factory=lambda: [Channel(n) for n in range(3)])
    handles: list[Coroutine] = field(default_factory=list)
    ending: Reason | None = None
    closing: bool = False
    """Whether it is in its time of grace."""
    counted: int = 0
    """Names of coroutines, items and values of cells all come from one count."""
    serial: int = 0

    # --- counting and telling -------------------------------------------------------------------

    def count(self) -> int:
        self.counted += 1
        return self.counted

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    def tell(self, key: st.Which, what: str) -> None:
        """Say something to the view."""
        self.history.append(f"{self.now:g} {shown(key)} {what}")

    def note(self, who: Coroutine, what: str) -> None:
        """Have spindle code see something."""
        self.history.append(f"{who.name} {what}")

    # --- who there is ---------------------------------------------------------------------------

    def live(self) -> list[Coroutine]:
        return [each for each in self.everyone if each.outcome is None]

    def fibers(self, owner: Coroutine) -> list[Coroutine]:
        """Those that have not ended, the newest first."""
        return [each for each in reversed(self.live()) if each.owner is owner]

    def held_by(self, fold: Fold) -> list[Coroutine]:
        """The fibers of a scope that have not ended, the newest first."""
        return [each for each in reversed(self.live()) if each.fold is fold]

    def under(self, key: st.Which) -> list[Coroutine]:
        """The spindle that holds a key, and behind it the one that is to follow."""
        return [each for each in self.live() if each.owner is None and each.key == key]

    def holders(self) -> list[Coroutine]:
        """The spindles that hold a key, in the order of their starts."""
        spindles = [each for each in self.live() if each.owner is None]
        return [each for each in spindles if self.under(each.key)[0] is each]

    def abandoned(self, key: st.Which) -> bool:
        """Whether whoever might have written a cell has ended and never did."""
        was = any(each.owner is None and each.key == key for each in self.everyone)
        return was and not self.under(key) and key not in self.cells

    def no_value(self, key: st.Which) -> str:
        """What is raised where the first value of a cell is waited for that is abandoned."""
        owners = [each for each in self.everyone if each.owner is None and each.key == key]
        last = max(owners, key=lambda each: each.ended_as)
        failed = last.outcome is not None and last.outcome.failed  # one of its fibers, perhaps
        made_way = last.code == Outcome("failed", "PageClosing") and not (failed or self.ending)
        return "PageClosing" if made_way else "Abandoned"

    # --- who waits ------------------------------------------------------------------------------

    def waiting(self, test: Test) -> Iterator[tuple[Coroutine, Wait]]:
        """Who waits for such a thing, the longest first; each once, however often it waits."""
        waits = [(wait.serial, each, wait) for each in self.everyone for wait in each.waits]
        for _, each, wait in sorted(waits, key=lambda found: found[0]):
            if wait in each.waits and test(wait):
                yield each, wait

    def takers(self, channel: Channel) -> list[tuple[Coroutine, Wait]]:
        """Who waits to take from a channel, the longest first."""
        return list(self.waiting(lambda wait: self._is_at(st.Take, channel, wait.source)))

    def putters(self, channel: Channel) -> list[tuple[Coroutine, Wait]]:
        """Who waits to put into a channel, the longest first."""
        return list(self.waiting(lambda wait: self._is_at(st.Put, channel, wait.source)))

    def _is_at(self, kind: type[st.Take | st.Put], channel: Channel, source: object) -> bool:
        return isinstance(source, kind) and self.channel(source.channel) is channel

    def pending(self, key: st.Which) -> Iterator[tuple[Coroutine, Wait]]:
        """Who of a spindle waits for an answer, the oldest yield first."""
        asked = self.waiting(lambda wait: wait.yield_id is not None)
        return (found for found in asked if found[0].key == key)

    def channel(self, number: int) -> Channel:
        return self.channels[number % len(self.channels)]

    def handle(self, number: int) -> Coroutine:
        return self.handles[number % len(self.handles)]

    # --- waking ---------------------------------------------------------------------------------

    def wake(self, who: Coroutine, served: Wait | None, result: Result) -> None:
        """Serve one wait of somebody: all others of the same race are over with it."""
        for wait in who.waits:
            if isinstance(wait.source, st.Ask) and wait is not served:
                self.tell(who.key, f"withdraws {wait.source.kind}() #{wait.yield_id}")
        who.waits = ()
        who.result = replace(result, position=served.position if served else 0)
        self.ready.append(who)


def shown(key: st.Which) -> str:
    block, instance = key
    return block if instance is None else f"{block}[{instance}]"
