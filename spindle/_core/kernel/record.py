"""One running coroutine of a page: its life, what it holds and what it waits for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from spindle._core.contracts.block import Block
from spindle._core.errors import SpindleIsLive
from spindle._core.names import name_of
from spindle._core.source import Source
from spindle._core.supervision import REPORT, Policy, Restart

if TYPE_CHECKING:
    from collections import deque
    from contextvars import Context
    from types import TracebackType

    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.ledger import Letter
    from spindle._core.kernel.timers import Timer
    from spindle._core.kernel.waits import EndWait, Wait, YieldWait
    from spindle._core.operations.fiber import FiberScope
    from spindle._core.operations.port import Call
    from spindle._core.operations.scope import Scope
    from spindle._core.states import Cancelled, Outcome

__all__ = [
    "AWAY",
    "CANCEL",
    "DONE",
    "ENDING",
    "ERROR",
    "NEW",
    "READY",
    "RUNNING",
    "START",
    "TURN",
    "VALUE",
    "WAITING",
    "Batch",
    "Cause",
    "Key",
    "Life",
    "Outside",
    "Record",
    "Restarts",
    "Resumption",
    "SpindleFunction",
    "SpindleRecord",
    "Unnamed",
    "key_of",
]

SpindleFunction: TypeAlias = Callable[..., Any]
Key: TypeAlias = type[Block] | tuple[type[Block] | None, str] | None


def key_of(block: type[Block] | None, instance: str | None) -> Key:
    """What a spindle runs under: its block, and the instance if it has one."""
    return block if instance is None else (block, instance)


class Unnamed(Block):
    """The block of a coroutine that has not said yet which one it speaks for."""


class Outside(Block):
    """The block of the coroutines that use cells and channels for somebody outside the page."""


class Batch(Block):
    """The block of the coroutines that make batched reads for others."""


class Life(Enum):
    """Where a coroutine is in its life; every change is a method of `Record`.

    ```
    NEW ──────resume────▶ RUNNING ──suspend──▶ WAITING ──wake──▶ READY ──resume──▶ RUNNING
                           │ │ ▲                  │
                           │leave return        withdraw (a native cancel) ──▶ RUNNING
                           │ ▼ │
                           │ AWAY (in a call or a foreign await)
                           ▼
                         ENDING (its code is over, its fibers are not)
    any ──end──▶ DONE
    ```
    """

    NEW = "new"
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    AWAY = "away"
    ENDING = "ending"
    DONE = "done"


class Resumption(Enum):
    """What a coroutine that is ready is to be resumed with."""

    START = "start"
    VALUE = "value"
    ERROR = "error"
    CANCEL = "cancel"
    TURN = "turn"
    """Nothing new: it only waited for its turn."""


# Looking a member up on its class takes ten times as long as a name (Python 3.11), and these are
# looked up several times a turn.
NEW, READY, RUNNING, WAITING, AWAY, ENDING, DONE = Life
START, VALUE, ERROR, CANCEL, TURN = Resumption


class Record:
    """The kernel's record of one coroutine, a spindle's or a fiber. Containers on first use."""

    __slots__ = (
        "alarm",
        "args",
        "call",
        "cancel",
        "children",
        "context",
        "coroutine",
        "depth",
        "driven",
        "failures",
        "fn",
        "fold",
        "heard",
        "in_hand",
        "joined",
        "joiners",
        "kernel",
        "outcome",
        "owner",
        "provide",
        "resumption",
        "root",
        "scopes",
        "since",
        "state",
        "stubborn",
        "swallowed",
        "traceback",
        "waits",
        "with_value",
    )

    root: SpindleRecord
    """The spindle it is a coroutine of; of a spindle, itself, as long as anything of it runs."""

    def __init__(
        self,
        fn: SpindleFunction,
        args: tuple[object, ...],
        provide: Mapping[Any, object],
        context: Context,
        kernel: Kernel,
    ) -> None:
        self.kernel = kernel
        self.fn = fn
        self.args = args
        self.provide = provide
        self.context = context
        self.owner: Record | None = None
        """Who started it and outlives it; None for a spindle."""
        self.depth = 0
        self.children: dict[Record, None] | None = None
        """Its fibers that are not done, the oldest first."""
        self.fold: FiberScope | None = None
        """The `scope()` it was started in."""
        self.state = NEW
        self.resumption = START
        self.with_value: Any = None
        """What it is resumed with; what its code came to, until its fibers have ended."""
        self.coroutine: Coroutine[Any, Any, object] | None = None
        self.outcome: Outcome[Any] | None = None
        self.cancel: Cancelled | None = None
        self.swallowed = 0
        """How often its cancellation has been raised in it."""
        self.stubborn: Cause | None = None
        """What it has swallowed too often, so that it is being closed."""
        self.in_hand: Letter | None = None
        """The event it received and has not handled yet."""
        self.heard: type | None = None
        """The class of what it was answered with last."""
        self.scopes: list[Scope] | None = None
        self.waits: Wait | tuple[Wait, ...] | None = None
        """What it is suspended on; several for `await_any`."""
        self.since = 0.0
        """When it began to wait, by the kernel's `tick`."""
        self.call: Call[Any] | None = None
        """The call it is away for; None in a foreign await."""
        self.alarm: Timer | None = None
        """When its call is cut, or, of one that is restarted, when it starts."""
        self.joiners: dict[EndWait, None] | None = None
        self.joined = False
        """Whether anybody was told how it ended, who waited for that."""
        self.failures: list[Record] | None = None
        """Its fibers that have failed; of interest are those that nobody joins."""
        self.traceback: TracebackType | None = None
        """Where it failed, for each time that its error is raised again."""
        self.driven: Any = None
        """What the driver keeps of it: its task, or its call in flight."""

    @property
    def origin(self) -> Source:
        """The spindle that it is, or is a fiber of, as others know it."""
        return self.root.source

    @property
    def name(self) -> str:
        """The function of a fiber and the name of its spindle."""
        return f"{name_of(self.fn)} of {self.root.name}"

    def join(self, wait: EndWait) -> None:
        """Tell `wait` when this has ended."""
        if self.joiners is None:
            self.joiners = {}
        self.joiners[wait] = None

    def suspend(self, waits: Wait | tuple[Wait, ...]) -> None:
        """It waits for the kernel."""
        self.state = WAITING
        self.waits = waits
        self.since = self.kernel.tick()

    def leave(self, call: Call[Any] | None = None) -> None:
        """It is in a call, or in a foreign await: the kernel does not know for what."""
        self.state = AWAY
        self.call = call
        self.since = self.kernel.tick()

    def run(self) -> None:
        """Its code runs."""
        self.state = RUNNING

    def wake(self, resumption: Resumption, value: object = None) -> None:
        """It is to be resumed with `value` when its turn comes."""
        self.state = READY
        self.resumption = resumption
        self.with_value = value

    def wind_up(self, outcome: Outcome[object]) -> None:
        """Its code is over with `outcome`, its fibers are not."""
        self.state = ENDING
        self.since = self.kernel.tick()
        self.with_value = outcome
        self.coroutine = None

    def end(self, outcome: Outcome[object]) -> None:
        """It is over: nothing of it runs any more."""
        self.state = DONE
        self.outcome = outcome
        self.coroutine = self.driven = self.with_value = self.call = None
        if self.owner is None:
            del self.root  # itself: it is none of the garbage collector's business

    def cancelled(self) -> Cause | None:
        """What cancels it here and now: an expired scope or itself; None if a shield holds."""
        if self.scopes:
            for scope in reversed(self.scopes):
                if scope.expired:
                    return scope
                if scope.shield:
                    return None
        return self if self.cancel is not None else None


class Restarts(NamedTuple):
    """How a spindle came to run again. Times are seconds of the page's clock."""

    lately: deque[float] | None
    """When the new starts within the policy's period were made; shared by all its runs."""
    row: int
    """How many were made in a row, no run between them having held out for a period."""
    at: float
    """When this run began; 0 for the first."""
    context: Context
    """The context variables it is started with, as no run has changed them."""
    given: tuple[object, ...] | None = None
    """What the next run is given, as this one has not changed it; None on a page without a log."""


class SpindleRecord(Record):
    """The record of a spindle: what its coroutines have in common, and the key it runs under."""

    __slots__ = (
        "_source",
        "asked",
        "block",
        "instance",
        "key",
        "launched",
        "mailbox",
        "pending",
        "policy",
        "restarts",
        "significant",
        "successor",
    )

    def __init__(
        self,
        block: type[Block],
        instance: str | None,
        fn: SpindleFunction,
        args: tuple[object, ...],
        provide: Mapping[Any, object],
        context: Context,
        kernel: Kernel,
        policy: Policy = REPORT,
        *,
        significant: bool = False,
    ) -> None:
        super().__init__(fn, args, provide, context, kernel)
        self.root = self
        self.block = block
        self.instance = instance
        self.key: Key = block if instance is None else (block, instance)
        """The key it runs under."""
        self._source: Source | None = None
        self.policy = policy
        self.significant = significant
        self.asked = 0
        self.pending: dict[int, YieldWait] = {}
        self.mailbox: list[Letter] | None = None
        self.restarts: Restarts | None = None
        """None if its policy never starts it again."""
        if isinstance(policy, Restart):
            self.restarts = Restarts(None, 0, 0.0, context.copy())
        self.launched = False
        """Whether the input that starts it was applied; until then it only holds its key."""
        self.successor: SpindleRecord | None = None
        """Who runs under its key when it is gone."""

    @property
    def source(self) -> Source:
        """Where its messages come from, but yields, which have their number."""
        if self._source is None:
            self._source = Source(self.block, self.instance)
        return self._source

    @property
    def origin(self) -> Source:
        """See `Record`."""
        return self.source

    @property
    def name(self) -> str:
        """The block's name, with the instance if there is one."""
        if self.block is Unnamed:
            return name_of(self.fn)
        if self.block is Outside:
            return "a wait at the page's edge"
        block = name_of(self.block)
        return block if self.instance is None else f"{block}[{self.instance!r}]"

    def refer(self, block: type[Block]) -> None:
        """Take `block` as its own: stepped by hand, a spindle shows it by what it says.

        Raises:
            SpindleIsLive: another spindle runs under it.
        """
        live = self.kernel.live
        key = key_of(block, self.instance)
        holder = live.get(key)
        if holder is not None:
            raise SpindleIsLive(
                f"{self.name} speaks for {holder.name}, and so does the spindle that was forked "
                f"under it before: fork that one with instance='...'"
            )
        self.block = block
        self.key = key
        self._source = None
        # Its place among the others stays: it says who is cancelled first, and answered first.
        self.kernel.live = {each.key: each for each in live.values()}


Cause: TypeAlias = "Record | Scope"
