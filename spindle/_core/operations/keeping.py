"""For conversations that outlive their code: where they may begin anew, and what is new in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from spindle._core.errors import UsageError
from spindle._core.names import shown
from spindle._core.operations.operation import Operation

__all__ = ["Mark", "Patched", "mark", "patched"]


class Mark(Operation[None]):
    """From here on it is as if the spindle began with these arguments."""

    __slots__ = ("args",)

    __spelling__ = "mark(...)"

    def __init__(self, args: tuple[object, ...]) -> None:
        self.args = args


class Patched(Operation[bool]):
    """Ask whether a conversation takes the newer branch."""

    __slots__ = ("name",)

    __spelling__ = "patched(...)"

    def __init__(self, name: str) -> None:
        self.name = name

    if not TYPE_CHECKING:  # for a type checker it is an operation like others

        def __bool__(self) -> NoReturn:
            raise UsageError(
                f"patched({self.name!r}) is neither true nor false: did you forget `await` before "
                f"it? In a condition write `if await patched({self.name!r}):`"
            )


def mark(*args: object) -> Operation[None]:
    """Say that from here on it is as if the spindle's function was called with `args`.

    It stands at the head of the loop of a spindle, before the first question and call of the
    function: what the loop needs is in its parameters. The log then forgets what came before, so
    that it stays as short as one turn of the loop, and code may change between two turns. It
    forgets nothing while fibers, forked spindles, time limits or written cells are there. Without a
    log, and in a spindle that was forked, it does nothing. What was read in batches is read anew.

    On a page of a durable host each spindle marks for itself, forked ones, too. Its log begins
    anew, once it has `snapshot_every` inputs, where all of them wait at what they came to from
    their last mark, or their start; a mark within a time limit or cleanup puts that off. Until
    then code is compared with all that it has done.

    Returns:
        When awaited: nothing; does not wait.

    Raises:
        UsageError: when awaited: the spindle's function does not take `args`, or they cannot be
            kept as what they are; or it has asked or called something before its first mark, or,
            on such a page, used time, chance or a cell; or a fiber marks.
    """
    return Mark(args)


def patched(name: str) -> Operation[bool]:
    """Ask whether this conversation takes the newer branch of code that was changed.

    Args:
        name: what the change is known by, in logs, too; the same for as long as the branch is.

    Returns:
        When awaited: False for a conversation that was here before the change, until its spindle's
        next `mark`; True for all others, and without a log.

    Raises:
        UsageError: `name` is not a text.
    """
    if type(name) is not str:
        raise UsageError(f"patched() takes the name of a change, not {shown(name)}")
    return Patched(name)
