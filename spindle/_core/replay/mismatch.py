"""What is said where the code does something else than the log has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spindle._core.errors import ReplayMismatch
from spindle._core.kernel.stack import place_of
from spindle._core.replay.inputs import Answered, Begun, Ended, Sent
from spindle._core.replay.places import MEND, Unimportable, found_at
from spindle._core.replay.upcasting import UNDER_UPCASTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spindle._core.kernel.record import Record
    from spindle._core.replay.commands import Command
    from spindle._core.replay.inputs import Input, Misfit
    from spindle._core.replay.log import Frame

__all__ = [
    "EXCEPTION",
    "KEEP_NAMES",
    "KEEP_PARAMETERS",
    "MOVED",
    "helping",
    "misfit",
    "mismatch",
    "mismatch_at_mark",
    "retyped",
]

AGREED: Final = 3
"""How many of the deeds that agree are told."""
_UNCHANGED: Final = "nothing was executed, and the log is unchanged"

EXCEPTION: Final = (
    "leave its class where it was, or import it there, and let it take the arguments that it took"
)
"""What helps where an exception cannot be made anew."""
KEEP_NAMES: Final = (
    "declare it under the name that it had, in a contract under the name that that had: the log "
    "names both, and no alias stands for them"
)
"""What helps where something of a contract is not there."""
KEEP_PARAMETERS: Final = (
    "let the function take what it was called with, or has marked: a new parameter has a default, "
    "and one that is not used any more stays"
)
"""What helps where a function is called with what it does not take."""
MOVED: Final = (
    "let it stand where it did, or import it there, under its old name: `checkout = buy` will do"
)
"""What helps where a function is not there."""
_ARGUMENTS: Final = "its arguments are others"
_OUTSIDE: Final = (
    "if it comes from the clock, chance, the environment or a variable of a module, take it from "
    "`now()`, `random_float()`, `unique_id()` or a port"
)
_SAME_WRITTEN: Final = (
    "if only a class among them has changed, a field with another name is written as before by "
    "`msgspec.field(name='...')`, a new one with a default by `omit_defaults=True` of the class"
)
_ORDER: Final = (
    "this comes later in the log: it is done in another order now, as what goes through a set is, "
    "whose order is another one in each process"
)
_SORTED: Final = "go through that in an order of your own, `for each in sorted(...)`"
_CHANGED: Final = "one was changed into the other"
_PATCH: Final = (
    "let the code do what it did in conversations that are past this place, and the new thing "
    "behind `if await patched('...'):`; or resume this log with the older code"
)
_RENAMED: Final = {
    "asks": "if the question, its block or its contract was renamed, give it its old name back",
    "calls": "if the port or its method was renamed, give it its old name back",
    "starts": "if the function that is forked, or its block, was renamed, give it its old name back"
    ", for which no alias stands",
}
_RAISED: Final = {
    "NotProvided": "give what the code uses where the page or conversation is opened: provide={...}"
    ", of an app App(provide={...})",
    "TypeError": f"if it is about what the function is given, {KEEP_PARAMETERS}; or else see to it "
    "that this is not raised here",
    "UsageError": "what the error says",
}


def mismatch(
    function: str,
    frames: Sequence[Frame],
    number: int,
    done: tuple[Command, ...],
    earlier: int = 0,
) -> ReplayMismatch:
    """What to raise where frame `number` has led to `done` instead of what it says.

    So many inputs came `earlier`, before these.
    """
    kept = frames[number].commands
    pairs = enumerate(zip(kept, done, strict=False))
    at = next((i for i, (a, b) in pairs if not a.same(b)), min(len(kept), len(done)))
    then = kept[at] if at < len(kept) else None
    now = done[at] if at < len(done) else None
    before = [each for frame in frames[:number] for each in frame.commands] + list(kept[:at])
    later = [*kept[at + 1 :], *(each for frame in frames[number + 1 :] for each in frame.commands)]
    cause = _cause(then, now, later, done[at + 1 :])
    lines = [
        f"the code does something else now than input {earlier + number + 1} of the log led to",
        f"  in the log: {_told(then, function)}",
        f"  now:        {_told(now, function)}",
        f"  agreed up to: {_agreed(before, function)}",
        *helping(cause, _mend(then, now, cause)),
    ]
    return ReplayMismatch("\n".join(lines), earlier + number + 1)


def endless(
    function: str, frames: Sequence[Frame], number: int, running: Record | None, earlier: int = 0
) -> ReplayMismatch:
    """What to raise where a page never comes to rest, or to what came in next."""
    before = [each for frame in frames[: number + 1] for each in frame.commands]
    where = "" if running is None else f"{running.name} stands at {place_of(running.coroutine)}"
    lines = [
        f"the code goes on and on now after input {earlier + number + 1} of the log",
        "  in the log: it came to rest, or to the next input",
        f"  now:        {where}",
        f"  done before: {_agreed(before, function)}",
        *helping("an `await` is missing in a loop, or what ends the loop is not so now", _PATCH),
    ]
    return ReplayMismatch("\n".join(lines), earlier + number + 1)


def mismatch_at_mark(
    page: str, spindle: str, kept: Sequence[Command], done: Sequence[Command]
) -> ReplayMismatch:
    """What to raise where a spindle does something else from its mark on than it did."""
    pairs = enumerate(zip(kept, done, strict=False))
    at = next((i for i, (a, b) in pairs if not a.same(b)), min(len(kept), len(done)))
    then = kept[at] if at < len(kept) else None
    now = done[at] if at < len(done) else None
    cause = _cause(then, now, kept[at + 1 :], done[at + 1 :])
    lines = [
        f"{spindle} does something else now from its last mark on than it did",
        f"  in the log: {_told(then, page)}",
        f"  now:        {_told(now, page)}",
        f"  agreed up to: {_agreed(kept[:at], page)}",
        *helping(cause, _mend(then, now, cause)),
    ]
    return ReplayMismatch("\n".join(lines))


def misfit(
    function: str, frames: Sequence[Frame], number: int, amiss: Misfit, earlier: int = 0
) -> ReplayMismatch:
    """What to raise where input `number` finds nobody who could take it; see `mismatch`."""
    before = [each for frame in frames[:number] for each in frame.commands]
    lines = [
        f"input {earlier + number + 1} of the log cannot be told again: {amiss}",
        f"  agreed up to: {_agreed(before, function)}",
        *helping(*_amiss(frames[number].input, amiss)),
    ]
    return ReplayMismatch("\n".join(lines), earlier + number + 1)


def _amiss(told: Input, amiss: Misfit) -> tuple[str, str]:
    """Why an input cannot be told again, most likely, and what helps."""
    reads = amiss.__cause__ is not None  # what was kept, or what stands at a place
    match told:
        case Begun() if not reads:
            return "the block, or its contract, was renamed or taken out", KEEP_NAMES
        case Begun() if (gone := _gone_from(told.function)) is not None:
            if isinstance(gone, Unimportable):
                return gone.cause, MEND
            return "the function was renamed, moved or taken out", MOVED
        case Begun():
            return f"a parameter of {told.function} is of another type now", (
                f"{KEEP_PARAMETERS}; or {retyped(amiss)}"
            )
        case Sent() if not reads:
            return "the event was renamed or taken out", KEEP_NAMES
        case Sent() | Answered() if reads:
            return f"{told.kind or 'what answers the question'} has changed since", retyped(amiss)
        case Ended(error=failure) if reads and failure is not None:
            return "the exception was moved, or is made of something else now", EXCEPTION
        case Ended() if reads:
            return f"what {told.call} returns has changed since", retyped(amiss)
        case _:
            return "a question, an event or a call was renamed or taken out", (
                f"give it its old name back; or {_PATCH}"
            )


def retyped(error: Exception) -> str:
    """What helps where what was kept is of another type than is declared now, as `error` says."""
    if "Invalid enum value" in str(error):
        return (
            "let the `_missing_` of the enum take the older value, or give today's in a function "
            "under `@upcasts` of the class that has it: of an enum none is asked"
        )
    if UNDER_UPCASTS in str(error):
        return (
            "let the function that is named there make today's form of the older one, a mapping of "
            "its fields; or, if the class has changed once more since, put another function under "
            "`@upcasts` of the class behind it, for that change"
        )
    return (
        "make today's form of the older one in a function under `@upcasts` of the class that has "
        "changed, which may be one within it, or give new fields defaults; what is no class keeps "
        "its type"
    )


def _gone_from(place: str) -> LookupError | None:
    """Why nothing is there; None if something is."""
    try:
        found_at(place)
    except LookupError as gone:
        return gone
    return None


def _told(command: Command | None, function: str) -> str:
    if command is None:
        return "nothing more"
    return f"{command.told(function)}  {command.place}".rstrip()


def _agreed(before: Sequence[Command], function: str) -> str:
    return (
        " · ".join(each.told(function) for each in before[-AGREED:]) or "nothing, it is the first"
    )


def _cause(
    then: Command | None, now: Command | None, later: Sequence[Command], ahead: Sequence[Command]
) -> str:
    if now is None:
        return "this was taken out, or something that is waited for was put before it"
    if now.kind == "ends":
        return "it fails here now" if now.what == "failed" else "it ends here now"
    if then is None:
        return "this was added"
    if (then.kind, then.who, then.what) == (now.kind, now.who, now.what):
        if any(now.same(each) for each in later):
            return _ORDER
        if then.said == now.said:
            return f"{_ARGUMENTS}, though they look alike"
        return f"{_ARGUMENTS}: {then.said} then, {now.said} now"
    if any(then.same(each) for each in ahead):
        return "what is done now was added before it"
    if any(now.same(each) for each in later):
        return "this was taken out, or comes later now"
    return _CHANGED


def _mend(then: Command | None, now: Command | None, cause: str) -> str:
    """What helps."""
    if then is not None and then.kind == "takes":
        return (
            f"put the `if await patched(...)` of {then.what} back; it stays until no conversation "
            f"is left that has taken the change"
        )
    if now is not None and now.kind == "ends" and now.what == "failed":
        raised = now.said.removeprefix(": ").partition("(")[0]
        return _RAISED.get(raised, f"see to it that this is not raised here; or {_PATCH}")
    if cause == _ORDER:
        return f"{_SORTED}; or else {_PATCH}"
    if cause.startswith(_ARGUMENTS):
        return f"{_SAME_WRITTEN}; {_OUTSIDE}; if it comes from a set, {_SORTED}; or else {_PATCH}"
    if cause == _CHANGED and then is not None and now is not None and then.kind == now.kind:
        return f"{_RENAMED[then.kind]}; or else {_PATCH}"
    return _PATCH


def helping(cause: str, mend: str) -> list[str]:
    """The last lines of what is said."""
    return [f"  likely cause: {cause}", f"  to mend it: {mend}", f"  {_UNCHANGED}"]
