"""What a transcript that fails says: in one sentence, and as marks in the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle._core.names import call_shown, shown
from spindle._core.source import Source
from spindle._core.states import Cancelled, Completed, Errored
from spindle.testing.transcript.conversation import Conversation, Diff, line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spindle._core.messages import Ask, Notify
    from spindle._core.operations.cell import Cell
    from spindle._core.states import Outcome
    from spindle.testing.transcript.driver import TranscriptDriver

__all__ = [
    "hint",
    "of_call",
    "of_end",
    "of_fork",
    "of_notifies",
    "of_put",
    "of_question",
    "of_unseen",
    "was",
]


def was(driver: TranscriptDriver) -> str:
    """What the spindle and those that it forked wait for, or how it ended."""
    asks = [f"asks {shown(wait.ask)}" for wait in driver.asked()]
    made = [each.call for each in driver.open.values()]
    calls = [f"calls {call_shown(call.name, call.args, call.keywords)}" for call in made]
    outcome = driver.record.outcome
    if outcome is None:
        return "it " + " and ".join([*asks, *calls]) if asks or calls else "it asks nothing"
    others = [f"what it forked {each}" for each in [*asks, *calls]]
    return " and ".join([f"it {_ended(outcome)}", *others])


def _ended(outcome: Outcome[object]) -> str:
    match outcome:
        case Completed(value):
            return f"returned {shown(value)}"
        case Errored(error):
            return f"raised {shown(error)}"
        case Cancelled(reason):
            return "was cancelled" + (f": {reason}" if reason else "")


def hint(driver: TranscriptDriver) -> str:
    """What to write, if a call waits and the test has looked at none yet."""
    said = driver.conversation
    if not driver.open or said.played & said.seen:
        return ""
    call = next(iter(driver.open.values())).call
    port, _, name = call.name.rpartition(".")
    if call.given is None or not port:
        return ""
    return (
        f"\n{port} is not in provide=, so its calls wait for the test: write "
        f"run.expect_call({port}.{name}, ...).returns(...), or give an implementation"
    )


def of_question(driver: TranscriptDriver, ask: Ask) -> Diff:
    """Another question was expected."""
    diff, said = Diff(), driver.conversation
    for wait in driver.asked():
        place = said.place_of(wait.source)
        diff.came.add(place)
        if type(wait.ask) is type(ask):
            diff.compared(place, ask, wait.ask)
    block = type(ask).__block__
    source = driver.record.source if block is None else Source(block)
    _instead(diff, driver, line(source, f"-> {shown(ask)}"))
    return diff


def of_call(
    driver: TranscriptDriver,
    function: Callable[..., Any],
    arguments: Mapping[str, object] | None,
    text: str,
) -> Diff:
    """Another call was expected."""
    diff = Diff()
    for call in driver.open.values():
        diff.came.add(call.place)
        if arguments is not None and call.is_of(function):
            diff.compared(call.place, dict(arguments), call.arguments)
    _instead(diff, driver, line(driver.record.source, f"-> {text}"))
    return diff


def of_end(
    driver: TranscriptDriver, text: str, expected: object = None, came: tuple[object, ...] = ()
) -> Diff:
    """Another end was expected; it has brought `came`, if it has returned."""
    diff = Diff()
    end = driver.conversation.end_of(driver.record.source)
    if end is not None and came:
        diff.compared(end, expected, came[0])
    _instead(diff, driver, line(driver.record.source, text))
    return diff


def of_notifies(said: Conversation, expected: Sequence[Notify]) -> Diff:
    """Other news was expected."""
    diff, came = Diff(), said.notified()
    while expected and came and expected[0] == came[0][1]:
        expected, came = expected[1:], came[1:]
    after = len(said.items)
    while expected and came and expected[-1] == came[-1][1]:
        after = came[-1][0]
        expected, came = expected[:-1], came[:-1]
    for number, notify in enumerate(expected):
        at = came[number][0] if number < len(came) else after
        block = type(notify).__block__
        source = None if block is None else Source(block)
        diff.expected(at, line(source, f"-> {shown(notify)}"))
    for number, (at, notify) in enumerate(came):
        diff.compared(at, expected[number] if number < len(expected) else None, notify)
    return diff


def of_put(said: Conversation, cell: Cell[Any], expected: object) -> Diff:
    """Another value was expected to be put into a cell."""
    diff, at = Diff(), len(said.items)
    for place, came in said.puts(cell):
        if place not in said.seen:
            diff.compared(place, expected, came)
            at = place
            break
    name = cell.name.rpartition(".")[2]
    diff.expected(at, line(Source(cell.block, cell.instance), f"-> {name}.put({shown(expected)})"))
    return diff


def of_fork(said: Conversation, source: Source, text: str, args: tuple[object, ...] | None) -> Diff:
    """Another fork was expected."""
    diff = Diff()
    for place, start in said.started():
        if place not in said.seen:
            diff.came.add(place)
            if start.source == source and args is not None:
                diff.compared(place, args, start.args)
    diff.expected(min(diff.came, default=len(said.items)), line(source, text))
    return diff


def of_unseen(places: Sequence[int]) -> Diff:
    """Nothing more was expected."""
    diff = Diff()
    diff.came.update(places)
    return diff


def _instead(diff: Diff, driver: TranscriptDriver, text: str) -> None:
    """Put what was expected before what came; that is all it waits for, or its end."""
    said = driver.conversation
    waits = [call.place for call in driver.open.values()]
    waits += [said.place_of(wait.source) for wait in driver.asked()]
    end = said.end_of(driver.record.source)
    diff.came.update(waits if end is None else (end,))
    nearest = [at for at in diff.came if diff.notes.get(at)] or diff.came
    diff.expected(min(nearest, default=len(said.items)), text)
