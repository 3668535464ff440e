"""Marks: where a log may begin anew, with what its spindle goes on with."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from spindle._core.contracts.block import Block
from spindle._core.errors import ReplayMismatch, UsageError
from spindle._core.fields import fields_of_value
from spindle._core.kernel.asked import Asked
from spindle._core.kernel.chance import Chance
from spindle._core.kernel.record import Unnamed, key_of
from spindle._core.names import kind_of, name_of, shown
from spindle._core.replay.declared import fits, names_of
from spindle._core.replay.exact import NOTHING, Difference, difference
from spindle._core.replay.head import written
from spindle._core.replay.log import Head, Standing
from spindle._core.replay.mismatch import helping
from spindle._core.replay.places import found_at, place_of
from spindle._core.replay.twice import Twice, twice

if TYPE_CHECKING:
    from msgspec import Raw

    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Key, Record, SpindleRecord
    from spindle._core.replay.formats import Format

__all__ = ["head_at", "is_alone", "kept_at", "stand"]


def kept_at(record: Record, args: tuple[object, ...], form: Format) -> tuple[Raw, ...]:
    """What a mark is given, as a log keeps it.

    Raises:
        UsageError: the function does not take `args`, or they cannot be kept as what they are: who
            marks goes on with them, and who begins anew with what is read back.
    """
    name = name_of(record.fn)
    try:
        fits(record.fn, args)
    except TypeError as error:
        raise UsageError(
            f"mark() in {name} is given what {name} is to begin anew with, and that does not take "
            f"these: {error}"
        ) from error
    kept, found = written(record.fn, args, form, f"what mark() in {name} is given")
    names = [each for each, _ in zip(names_of(record.fn), args, strict=False)]
    for each, value, other in zip(names, args, found, strict=True):
        differs = difference(value, other)
        if differs is not None:
            raise _other(name, differs.within(each))
    shared = twice(zip(names, args, strict=True))
    if shared is not None:
        raise _two(name, shared)
    return kept


def _two(name: str, shared: Twice) -> UsageError:
    first, second, value = shared
    kind = kind_of(value)
    fixed = "take a tuple" if fields_of_value(value) is None else f"let {kind} be frozen"
    return UsageError(
        f"mark() in {name} is given {first} and {second}, which are one {kind}: a log gives back "
        f"two, and what {name} changes of the one would no longer be changed of the other. Mark "
        f"where it is instead (its place, its key), give a copy, or {fixed}"
    )


def _other(name: str, differs: Difference) -> UsageError:
    value, found = differs.value, differs.found
    other = type(value) is not type(found) and found is not NOTHING
    kinds = f" ({kind_of(found)} for {kind_of(value)})" if other else ""
    return UsageError(
        f"mark() in {name} is given {differs.at} = {shown(value)}, which a log gives back as "
        f"{shown(found)}{kinds}: {name} would begin anew with another value than it goes on with "
        f"now. {_mend(value, found, differs.beside)}"
    )


def _mend(value: object, found: object, beside: type | None) -> str:
    if beside is not None:
        return (
            f"It is no field of {name_of(beside)}, so no log keeps it: declare it as one that has "
            f"a default, and that `__post_init__` does not set"
        )
    if isinstance(value, (datetime, time)):
        return "Give it in UTC"
    if type(value) is type(found):
        return "A log in JSON knows no other order: give a list of its pairs, or take a Log()"
    return f"Give it a {kind_of(found)} there, or declare a {kind_of(value)}"


def head_at(record: Record, args: tuple[object, ...], seed: int, form: Format) -> Head | None:
    """With what a log begins anew; None if blocks of others would not be found by their places.

    Raises:
        UsageError: see `kept_at`.
    """
    kept = kept_at(record, args, form)
    kernel, block = record.kernel, record.root.block
    own = (record.root.key, Unnamed)  # its key from the start is there, if it has another by now
    counts = Asked() if kernel.asked is None else kernel.asked
    ended = {key: number for key, number in counts.items() if key not in own}
    others = [place_of(each) for each in map(_block_of, ended)]
    if not all(others):
        return None
    asked = zip(others, map(_instance_of, ended), ended.values(), strict=True)
    standing = Standing(
        "" if block is Unnamed else place_of(block),
        record.root.asked,
        tuple(asked),
        kernel.channels,
        kernel.chance.drawn,
        kernel.called,
        counts.least,
        kernel.batches,
    )
    return Head(name_of(record.fn), kept, seed, standing, kernel.conversation)


def _block_of(key: Key) -> type[Block]:
    block = key[0] if isinstance(key, tuple) else key
    assert block is not None  # only cells may have no block yet
    return block


def _instance_of(key: Key) -> str | None:
    return key[1] if isinstance(key, tuple) else None


def is_alone(record: SpindleRecord) -> bool:
    """Whether nothing on its page is there but what its function is called with."""
    kernel = record.kernel
    others = len(kernel.live) > 1 or kernel.outside or record.children or record.failures
    waiting = record.scopes or record.mailbox or kernel.timers.next_at() is not None
    ending = record.cancel is not None or kernel.closing is not None or kernel.stopping is not None
    used = any(each.puts or each.watchers for each in (kernel.cells or {}).values())
    return not (others or waiting or ending or used or kernel.abandoned)


def stand(kernel: Kernel, record: SpindleRecord, standing: Standing, seed: bytes) -> None:
    """Let a page that was just made stand where another stood at a mark.

    Raises:
        ReplayMismatch: its block is not where it was.
    """
    others = [(key_of(_block_at(place), name), number) for place, name, number in standing.others]
    if standing.block:
        record.refer(_block_at(standing.block))
    own = (record.key, standing.asked)  # which it takes when it is launched
    kernel.asked = Asked(standing.least, [*others, own])
    kernel.channels, kernel.called = standing.channels, standing.called
    kernel.batches = standing.batches
    kernel.start_chance(Chance(seed, standing.drawn))


def _block_at(place: str) -> type[Block]:
    try:
        found: Any = found_at(place)
    except LookupError as error:
        raise _moved(f"the block of the spindle is not where it was: {error}") from error
    if isinstance(found, type) and issubclass(found, Block):
        return found
    raise _moved(f"{place} is no block of a contract any more")


def _moved(what: str) -> ReplayMismatch:
    mend = "let it stand where it did, or import it there, under its old name"
    return ReplayMismatch("\n".join([what, *helping("it was renamed, moved or taken out", mend)]))
