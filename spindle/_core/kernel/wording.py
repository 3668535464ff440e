"""What the kernel says when it has to say no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.errors import (
    PageClosing,
    SpindleIsLive,
    UnexpectedEvent,
    UsageError,
    WasCancelled,
    WrongBlock,
)
from spindle._core.messages import Ask
from spindle._core.names import error_shown, name_of, shortened
from spindle._core.notes import annotate
from spindle._core.states import Errored

if TYPE_CHECKING:
    from spindle._core.kernel.ledger import Letter
    from spindle._core.kernel.record import Cause, Record, SpindleRecord
    from spindle._core.kernel.waits import YieldWait
    from spindle._core.messages import Event, Message
    from spindle._core.states import Cancelled

__all__ = [
    "attached",
    "example_of",
    "is_ending",
    "key_is_taken",
    "listed",
    "made_way",
    "no_such_spindle",
    "nobody_answers",
    "not_asked",
    "stale",
    "stays_empty",
    "swallows",
    "takes_no_events",
    "unexpected",
    "was_cancelled",
    "with_origin",
    "wrong_block",
]


def nobody_answers(stopped: Cancelled) -> PageClosing:
    """What a yield raises in the time of grace."""
    return PageClosing(
        f"nobody will answer: the page is being stopped ({shortened(stopped.reason)})"
    )


def stays_empty(cell: str, stopped: Cancelled) -> PageClosing:
    """What waiting for a cell raises whose spindle has ended by the time of grace."""
    return PageClosing(
        f"{cell} gets no value: the page is being stopped ({shortened(stopped.reason)})"
    )


def made_way(target: Record, stopped: Cancelled) -> PageClosing:
    """What joining a coroutine raises that has ended by the time of grace."""
    return PageClosing(
        f"{target.name} made way: the page is being stopped ({shortened(stopped.reason)})"
    )


def takes_no_events(stopped: Cancelled) -> str:
    """The event comes in the time of grace."""
    return f"the page is being stopped ({shortened(stopped.reason)})"


def no_such_spindle(event: Event, instance: str | None, stopping: Cancelled | None) -> str:
    """Nobody is there to take the event."""
    if stopping is not None:
        return f"the page has ended ({shortened(stopping.reason)})"
    block = event.__block__
    name = name_of(type(event) if block is None else block)
    where = name if instance is None else f"{name}[{instance!r}]"
    return f"no spindle: {where} is not running (it has ended, or was never started)"


def is_ending(record: SpindleRecord) -> str:
    """The spindle is there, and takes nothing any more."""
    if record.successor is not None:
        return f"no spindle: {record.name} is being replaced"
    return f"no spindle: {record.name} is ending"


def stale(record: SpindleRecord, letter: Letter) -> str:
    """The event names a yield that cannot take it."""
    kind = name_of(type(letter.event))
    wait = record.pending.get(letter.yield_id or 0)
    if wait is None:
        return f"stale: yield {letter.yield_id} of {record.name} does not wait any more for {kind}"
    return (
        f"not asked: yield {letter.yield_id} of {record.name}, {name_of(type(wait.ask))}, "
        f"takes {answers(wait.accepts)}, not {kind}"
    )


def not_asked(record: SpindleRecord, event: Event) -> str:
    """No pending yield accepts the event."""
    kind = name_of(type(event))
    if not record.pending:
        return f"not asked: {record.name} does not ask for anything now, so not for {kind}"
    asks = ", ".join(
        f"{name_of(type(wait.ask))} (takes {answers(wait.accepts)})"
        for wait in record.pending.values()
    )
    return f"not asked: {record.name} asks {asks}, which {kind} does not answer"


def answers(accepts: frozenset[type]) -> str:
    """The classes of `accepts` as a reader would list them."""
    return " or ".join(sorted(name_of(kind) for kind in accepts)) or "nothing"


def unexpected(
    record: Record, asked: list[YieldWait], answer: object, caller: str
) -> UnexpectedEvent:
    """What was brought by calling `caller` answers none of these pending yields."""
    asks = ", and ".join(
        f"{name_of(type(wait.ask))}, which takes {answers(wait.accepts)}" for wait in asked
    )
    brought = "nothing" if answer is None else name_of(type(answer))
    if isinstance(answer, type):
        brought = f"the class {name_of(answer)}, not an instance of it"
    return UnexpectedEvent(f"{record.name} asks {asks}; {caller} brought {brought}")


def wrong_block(record: SpindleRecord, message: Message) -> WrongBlock:
    """A spindle speaks for another block than its own."""
    kind = name_of(type(message))
    if message.__block__ is None:
        return WrongBlock(
            f"{record.name} awaited {kind}, which belongs to no block: "
            f"declare it inside {record.name}, so that the page knows whom its answers are for"
        )
    return WrongBlock(
        f"{record.name} awaited {kind}, which belongs to {name_of(message.__block__)}: "
        f"a spindle awaits messages of its own block only. Declare the message in {record.name}, "
        f"or start this function as {name_of(message.__block__)}"
    )


def key_is_taken(record: SpindleRecord) -> SpindleIsLive:
    """A spindle runs under the key already."""
    return SpindleIsLive(
        f"{record.name} is running: a second one under the same block needs a name of its own, "
        f"start(..., instance='...') or fork(..., instance='...'); to end the one that runs and "
        f"take its place, fork(..., replace=True)"
    )


def was_cancelled(target: Record, outcome: Cancelled) -> WasCancelled:
    """What joining a cancelled coroutine raises."""
    why = f" ({shortened(outcome.reason)})" if outcome.reason else ""
    return WasCancelled(f"{target.name} was cancelled{why}")


def swallows(record: Record, cause: Cause) -> UsageError:
    """A spindle was closed, for it does not let its cancellation pass."""
    what = "its cancellation" if cause is record else f"the end of its {_maker(cause)}()"
    return UsageError(
        f"{record.name} swallowed {what} again and again and was closed: let it pass (`finally` "
        f"instead of `except BaseException`), or use cleanup()"
    )


def _maker(cause: Cause) -> str:
    return getattr(cause, "maker", "scope")


def with_origin(error: Exception, target: Record) -> Exception:
    """An error that is raised a second time, where it is joined: says once where it is from.

    Its traceback begins where it was raised first, or it would grow with each one that joins.
    """
    BaseException.with_traceback(error, target.traceback)
    annotate(error, f"raised in {target.name}")
    return error


def attached(error: BaseException, fiber: Record) -> None:
    """Tell with the error that is seen of one that is not."""
    outcome = fiber.outcome
    assert isinstance(outcome, Errored)
    if outcome.error is not error:
        annotate(error, f"{fiber.name} failed, too: {error_shown(outcome.error)}")


def listed(names: list[str], most: int = 3) -> str:
    """Some names as a reader would list them."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def example_of(record: Record) -> str:
    """How a question of its block is written, for the remedy of one that did not await it."""
    for member in vars(record.root.block).values():
        if isinstance(member, type) and issubclass(member, Ask):
            return f"{name_of(member)}(...)"
    return "Board.Waiting()"
