"""One running spindle: its life, its mailbox, what it holds and what it waits for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context, copy_context
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from spindle._core.contracts.block import Block
from spindle._core.names import name_of
from spindle._core.source import Source

if TYPE_CHECKING:
    from spindle._core.kernel.ledger import Letter
    from spindle._core.messages import Ask
    from spindle._core.scope import Scope
    from spindle._core.states import Cancelled, Outcome

__all__ = ["Cause", "Life", "Record", "Resumption", "SpindleFunction", "Unnamed", "Wait"]

SpindleFunction: TypeAlias = Callable[..., Coroutine[Any, Any, object]]


class Unnamed(Block):
    """The block of a coroutine that has not said yet which one it speaks for."""


class Life(Enum):
    """Where a spindle is in its life; every change is a method of `Record`.

    ```
    NEW ──────resume────▶ RUNNING ──suspend──▶ WAITING ──wake──▶ READY ──resume──▶ RUNNING
                             │ ▲                  │
                           leave return        withdraw (a native cancel) ──▶ RUNNING
                             ▼ │
                            AWAY (in a call or a foreign await)
    any ──end──▶ DONE
    ```
    """

    NEW = "new"
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    AWAY = "away"
    DONE = "done"


class Resumption(Enum):
    """What a spindle that is ready is to be resumed with."""

    START = "start"
    VALUE = "value"
    ERROR = "error"
    CANCEL = "cancel"
    TURN = "turn"
    """Nothing new: it only waited for its turn."""


class Wait:
    """A pending yield: what was asked, under which id, and what may answer it."""

    __slots__ = ("accepts", "ask", "source")

    def __init__(self, ask: Ask, source: Source) -> None:
        self.ask = ask
        self.accepts = ask.__answers__
        self.source = source


class Record:
    """The kernel's record of one spindle. The kernel and the drivers own its fields."""

    __slots__ = (
        "args",
        "asked",
        "block",
        "cancel",
        "context",
        "coroutine",
        "driven",
        "fn",
        "in_hand",
        "instance",
        "key",
        "mailbox",
        "outcome",
        "pending",
        "provide",
        "resumption",
        "scopes",
        "source",
        "state",
        "swallowed",
        "with_value",
    )

    def __init__(
        self,
        block: type[Block],
        instance: str | None,
        fn: SpindleFunction,
        args: tuple[object, ...],
        provide: Mapping[Any, object],
    ) -> None:
        self.key = (block, instance)
        self.block = block
        self.instance = instance
        self.fn = fn
        self.args = args
        self.provide = provide
        self.source = Source(block, instance)
        self.context: Context = copy_context()
        self.state = Life.NEW
        self.resumption = Resumption.START
        self.with_value: object = None
        self.coroutine: Coroutine[Any, Any, object] | None = None
        self.outcome: Outcome[Any] | None = None
        self.cancel: Cancelled | None = None
        self.swallowed = 0
        self.asked = 0
        self.pending: dict[int, Wait] = {}
        self.mailbox: list[Letter] = []
        self.in_hand: list[Letter] = []
        self.scopes: list[Scope] = []
        self.driven: object = None
        """What the driver keeps of this spindle: its task, or its call in flight."""

    @property
    def name(self) -> str:
        """The block's name, with the instance if there is one."""
        if self.block is Unnamed:
            return name_of(self.fn)
        block = name_of(self.block)
        return block if self.instance is None else f"{block}[{self.instance!r}]"

    def suspend(self) -> None:
        """It waits for the kernel."""
        self.state = Life.WAITING

    def leave(self) -> None:
        """It is in a call or a foreign await: the kernel does not know for what."""
        self.state = Life.AWAY

    def run(self) -> None:
        """Its code runs."""
        self.state = Life.RUNNING

    def wake(self, resumption: Resumption, value: object = None) -> None:
        """It is to be resumed with `value` when its turn comes."""
        self.state = Life.READY
        self.resumption = resumption
        self.with_value = value

    def end(self, outcome: Outcome[object]) -> None:
        """It is over: nothing of it runs any more."""
        self.state = Life.DONE
        self.outcome = outcome
        self.coroutine = self.driven = self.with_value = None

    def refer(self, block: type[Block]) -> None:
        """Take `block` as its own: stepped by hand, a spindle shows it by what it says."""
        self.block = block
        self.source = Source(block, self.instance)

    def cancelled(self) -> Cause | None:
        """What cancels it here and now: an expired scope or itself; None if a shield holds."""
        for scope in reversed(self.scopes):
            if scope.expired:
                return scope
            if scope.shield:
                return None
        return self if self.cancel is not None else None


Cause: TypeAlias = "Record | Scope"
