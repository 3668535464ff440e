"""A log as people read it: what came in, and what was done because of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from spindle._core.names import shown
from spindle._core.replay.inputs import (
    Answered,
    Begun,
    Closed,
    Cut,
    Ended,
    Input,
    Launched,
    Left,
    Longer,
    Passed,
    Sent,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import msgspec

    from spindle._core.replay.formats import Format
    from spindle._core.replay.log import Frame, Head

__all__ = ["came", "story"]


def story(head: Head, frames: list[Frame], form: Format) -> Iterator[str]:
    """One line for how it began, for each input with its second, and for each deed with its place.

    Values are shown as they are written, without the classes that they are read as.
    """
    given = ", ".join(_shown(each, form) for each in head.args)
    where = "" if head.standing is None else ", at a mark"
    yield f"{head.function}({given}){where}"
    for frame in frames:
        yield f"{frame.at:8.3f} s  <- {came(frame.input, form)}"
        for command in frame.commands:
            yield f"            {command.told(head.function)}  {command.place}".rstrip()


def came(said: Input, form: Format) -> str:
    """What came in, in a line."""
    match said:
        case Launched():
            return "started"
        case Begun(block, instance, function, args):
            name = block if instance is None else f"{block}[{instance!r}]"
            given = ", ".join(_shown(each, form) for each in args)
            return f"{name} is started: {function}({given})"
        case Sent(kind, value, number, instance):
            to = "" if instance is None else f" for {instance!r}"
            on = "" if number is None else f" to question {number}"
            return f"{kind} {_shown(value, form)} came{to}{on}"
        case Answered(_, number, kind, value):
            what = f"{kind} {_shown(value, form)}".strip()
            return f"question {number} of {said.who} is answered: {what}"
        case Ended(_, call, _, _, True):
            return f"{call} was cut"
        case Ended(_, call, value, None):
            return f"{call} returned {_shown(value, form)}"
        case Ended(_, call, _, failure):
            assert failure is not None
            return f"{call} raised {failure.kind} {_shown(failure.args, form)}"
        case Passed(at):
            return f"the clock comes to {at:g} s"
        case Cut(who, reason):
            return f"{who or 'what was over'} is cancelled: {reason}"
        case Left(reason, _):
            return f"all is cancelled: {reason}"
        case Closed(reason, until):
            by = "" if until is None else f", by {until:g} s"
            return f"all is to end{by}: {reason}"
        case Longer():
            return "and on in the same turn"
        case _:
            assert_never(said)


def _shown(value: msgspec.Raw, form: Format) -> str:
    found: Any = form.decode(value, Any)
    return shown(found)
