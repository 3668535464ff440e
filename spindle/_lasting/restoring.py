"""How a page comes to stand where it stood when a snapshot was taken."""

from __future__ import annotations

from collections import deque
from contextvars import Context
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

from spindle._core.errors import ReplayMismatch
from spindle._core.kernel.asked import Asked
from spindle._core.kernel.cells import CellState
from spindle._core.kernel.chance import Chance, seed_from
from spindle._core.kernel.record import Restarts, SpindleRecord, key_of
from spindle._core.names import name_of
from spindle._core.replay.declared import fits, parameters_of
from spindle._core.replay.failures import revive
from spindle._core.replay.kept import read
from spindle._core.replay.mismatch import (
    KEEP_NAMES,
    KEEP_PARAMETERS,
    MOVED,
    mismatch_at_mark,
    retyped,
)
from spindle._core.replay.places import MEND, Unimportable, found_at
from spindle._core.source import Source
from spindle._core.states import Cancelled, Completed, Errored, Notified
from spindle._core.supervision import Restart
from spindle._lasting.snapshot import NewsStanding
from spindle._lasting.taking import result_type

if TYPE_CHECKING:
    import msgspec

    from spindle._core.contracts.block import Block
    from spindle._core.operations.cell import Cell
    from spindle._core.states import Sent
    from spindle._lasting.marked import MarkedPage
    from spindle._lasting.snapshot import (
        CellStanding,
        EndStanding,
        PageStanding,
        Said,
        SpindleStanding,
    )

__all__ = ["restore"]

_PLAIN: Final = (str, int, float, bool, bytes)
"""What no function under `@upcasts` is asked for."""
_NEW_CELL: Final = "or leave the cell as it was, and declare another one beside it"


def restore(page: MarkedPage, standing: PageStanding) -> None:
    """Let a page that was just made, and is being told, stand there.

    Its spindles run from their marks to where they wait, in the order in which they did; nothing
    of what they say is passed on, but to the view.

    Raises:
        ReplayMismatch: one does something else than it did, or is not there any more.
    """
    kernel, seed = page.kernel, seed_from(standing.beginning.seed)
    kernel.cells = {}
    for cell in standing.cells:
        _put(page, cell)
    if standing.asked or standing.least:
        known = [(_key(page, block, own), number) for block, own, number in standing.asked]
        kernel.asked = Asked(standing.least, known)
    for said in standing.said:
        _remember(page, said)
    for each in sorted(standing.spindles, key=lambda each: each.place):
        record = _record(page, each)
        kernel.start_chance(Chance(seed, each.drawn))
        kernel.channels = each.channels
        for cell in each.before:
            _put(page, cell)
        page.come_to(each.at)
        page.stretches.watch_on(record, each.seen)
        done = page.begin_again(record, each.commands, marked=each.marked)
        page.stretches.watch_on(record, ())
        if record.restarts is not None:  # each run begins with what the first was given
            start = each.args if each.start is None else each.start
            given = _args(page, start, record.fn, each.block)
            record.restarts = record.restarts._replace(given=given)
            page.stretches.start_with(record, start)
        if len(done) != len(each.commands) or not all(
            then.same(now) for then, now in zip(each.commands, done, strict=True)
        ):
            raise mismatch_at_mark(page.kernel.name, record.name, each.commands, done)
    _settle(page, standing)


def _settle(page: MarkedPage, standing: PageStanding) -> None:
    """What its spindles have changed on their way is as it was."""
    kernel = page.kernel
    for cell in standing.cells:
        _put(page, cell)
    kernel.abandoned = {
        _key(page, block, own): made_way for block, own, made_way in standing.abandoned
    } or None
    keys = [_key(page, each.block, each.instance) for each in standing.spindles]
    kernel.live = {key: kernel.live[key] for key in keys}
    kernel.start_chance(Chance(seed_from(standing.beginning.seed), standing.drawn))
    kernel.channels, kernel.called = standing.channels, standing.called
    kernel.batches = standing.batches
    kernel.restarts = standing.restarts
    ledger = kernel.ledger
    ledger.accepted, ledger.handled, ledger.refused, ledger.dead_lettered = standing.ledger
    page.come_to(standing.now)
    _check_cells(page, standing)


def _record(page: MarkedPage, standing: SpindleStanding) -> SpindleRecord:
    try:
        fn: Any = found_at(standing.function)
    except LookupError as gone:
        was = f"the function of {standing.block} is not where it was: {gone}"
        if isinstance(gone, Unimportable):
            raise _gone(was, MEND, gone.cause) from gone
        raise _gone(was, MOVED) from gone
    args = _args(page, standing.args, fn, standing.block)
    record = SpindleRecord(
        _block(page, standing.block),
        standing.instance,
        fn,
        args,
        {},
        Context(),
        page.kernel,
        standing.policy,
        significant=standing.significant,
    )
    record.asked = standing.asked
    if isinstance(standing.policy, Restart) and record.restarts is not None:
        lately = None if standing.lately is None else deque(standing.lately)
        record.restarts = Restarts(lately, standing.row, standing.since, record.restarts.context)
    return record


def _args(page: MarkedPage, kept: tuple[msgspec.Raw, ...], fn: Any, block: str) -> tuple[Any, ...]:
    kinds = chain(parameters_of(fn), repeat(Any))
    has_marked = f"{block} has marked what {name_of(fn)} does not take any more"
    try:
        fits(fn, kept)
    except (TypeError, ValueError) as error:
        raise _gone(f"{has_marked}: {error}", KEEP_PARAMETERS) from error
    args = list[Any]()
    for number, (each, kind) in enumerate(zip(kept, kinds, strict=False), 1):
        try:
            args.append(read(each, kind, page.form))
        except Exception as error:  # of a class of the application's, too
            was = f"{has_marked}: for its parameter {number}: {error}"
            mend = KEEP_PARAMETERS if kind in _PLAIN else f"{KEEP_PARAMETERS}; or {retyped(error)}"
            raise _gone(was, mend) from error
    return tuple(args)


def _put(page: MarkedPage, standing: CellStanding) -> None:
    kernel = page.kernel
    assert kernel.cells is not None
    declared = _declared(page, standing)
    if declared is None:
        return  # nobody reads it any more; see `_check_cells`
    _, kind = declared.declaration()
    cell = declared if standing.instance is None else declared.of(standing.instance)
    state = kernel.cells.setdefault(cell, CellState())
    state.puts = standing.puts
    try:
        value = read(standing.value, kind, page.form) if standing.puts else None
    except Exception as error:
        raise _gone(
            f"{cell.name} has another type now: {error}", f"{retyped(error)}; {_NEW_CELL}"
        ) from error
    state.hold(kernel, value)


def _declared(page: MarkedPage, standing: CellStanding) -> Cell[Any] | None:
    """The cell as it is declared now; None if its block has none of its name."""
    cells = _block(page, standing.block).__cells__
    return next((each for each in cells if each.declaration()[0] == standing.name), None)


def _check_cells(page: MarkedPage, standing: PageStanding) -> None:
    """See that nobody waits for a cell that has a value under another name.

    One that is not declared any more is let go of; but one beside it that nobody has written may
    be what it is called now.
    """
    written = page.kernel.cells or {}
    for lost in standing.cells:
        if _declared(page, lost) is None:
            for each in _block(page, lost.block).__cells__:
                cell = each if lost.instance is None else each.of(lost.instance)
                if cell not in written or not written[cell].puts:
                    raise _gone(
                        f"{lost.block} has no cell {lost.name} any more, and {cell.name}, which "
                        f"may be what it is called now, has no value",
                        f"leave {lost.name} declared as it was, as long as such pages live; "
                        f"{cell.name} has no value before a spindle puts one",
                    )


def _remember(page: MarkedPage, said: Said) -> None:
    """Let the view be told this anew; what today's code can tell nobody any more is let go of."""
    block, kind = page.block_named(said.block), None
    if block is None:
        return
    try:
        if isinstance(said, NewsStanding):
            kind = page.notify_named(said.kind)
            if kind is None:
                return
            sent: Sent = Notified(read(said.value, kind, page.form))
        else:
            sent = _end(page, said, block)
    except Exception:  # of a class of the application's, too
        return
    page.remember(Source(block, said.instance), sent, kind)


def _end(page: MarkedPage, said: EndStanding, block: type[Block]) -> Sent:
    if said.error is not None:
        return Errored(revive(said.error, page.form))
    if said.reason is not None:
        by = None if said.by is None else page.block_named(said.by[0])
        who = None if said.by is None or by is None else Source(by, said.by[1])
        return Cancelled(said.reason, said.origin, who)
    return Completed(read(said.value, result_type(block), page.form))


def _block(page: MarkedPage, name: str) -> type[Block]:
    block = page.block_named(name)
    if block is None:
        raise _gone(f"the contract has no block {name} any more", KEEP_NAMES)
    return block


def _key(page: MarkedPage, block: str, instance: str | None) -> Any:
    return key_of(_block(page, block), instance)


def _gone(
    what: str, mend: str, cause: str = "the code was changed since that was taken"
) -> ReplayMismatch:
    return ReplayMismatch(
        f"the page cannot stand where its snapshot says: {what}\n"
        f"  likely cause: {cause}\n"
        f"  to mend it: {mend}\n"
        f"  nothing was executed, and the log is unchanged"
    )
