"""What is said where the code does something else than the log has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spindle._core.errors import ReplayMismatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spindle._core.replay.commands import Command
    from spindle._core.replay.inputs import Misfit
    from spindle._core.replay.log import Frame

__all__ = ["misfit", "mismatch", "mismatch_at_mark"]

AGREED: Final = 3
"""How many of the deeds that agree are told."""
_UNCHANGED: Final = "nothing was executed, and the log is unchanged"


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
    lines = [
        f"the code does something else now than input {earlier + number + 1} of the log led to",
        f"  in the log: {_told(then, function)}",
        f"  now:        {_told(now, function)}",
        f"  agreed up to: {_agreed(before, function)}",
        f"  likely cause: {_cause(then, now, later, done[at + 1 :])}",
        "  to mend it: let the code do what it did in conversations that are past this place, and "
        "the new thing behind `if await patched('...'):`; or resume this log with the older code",
        f"  {_UNCHANGED}",
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
    lines = [
        f"{spindle} does something else now from its last mark on than it did",
        f"  in the log: {_told(then, page)}",
        f"  now:        {_told(now, page)}",
        f"  agreed up to: {_agreed(kept[:at], page)}",
        f"  likely cause: {_cause(then, now, kept[at + 1 :], done[at + 1 :])}",
        "  to mend it: let the code do what it did in conversations that are past this place, and "
        "the new thing behind `if await patched('...'):`; or resume this log with the older code",
        f"  {_UNCHANGED}",
    ]
    return ReplayMismatch("\n".join(lines))


def misfit(
    function: str, frames: Sequence[Frame], number: int, amiss: Misfit, earlier: int = 0
) -> ReplayMismatch:
    """What to raise where input `number` finds nobody who could take it; see `mismatch`."""
    before = [each for frame in frames[:number] for each in frame.commands]
    return ReplayMismatch(
        f"input {earlier + number + 1} of the log cannot be told again: {amiss}\n"
        f"  agreed up to: {_agreed(before, function)}\n"
        f"  {_UNCHANGED}",
        earlier + number + 1,
    )


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
    if then is None:
        return "this was added"
    if now is None:
        return "this was taken out"
    if now.kind == "ends":
        return "it fails here now" if now.what == "failed" else "it ends here now"
    if (then.kind, then.who, then.what) == (now.kind, now.who, now.what):
        return f"its arguments are others: {then.said} then, {now.said} now"
    if any(then.same(each) for each in ahead):
        return "what is done now was added before it"
    if any(now.same(each) for each in later):
        return "this was taken out, or comes later now"
    return "one was changed into the other"
