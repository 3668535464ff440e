"""How a snapshot of a page is taken, if it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from msgspec import Raw

from spindle._core.errors import UsageError
from spindle._core.kernel.asked import Asked
from spindle._core.kernel.record import WAITING
from spindle._core.names import name_of
from spindle._core.operations.scope import Timeout
from spindle._core.replay.failures import keep_error
from spindle._core.replay.kept import keep
from spindle._core.replay.places import place_of
from spindle._core.states import Cancelled, Completed, Errored, Notified, Origin
from spindle._core.tags import TAGS
from spindle._lasting.snapshot import (
    CellStanding,
    EndStanding,
    NewsStanding,
    PageStanding,
    SpindleStanding,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from spindle._core.contracts.block import Block
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Key, SpindleRecord
    from spindle._core.operations.cell import Cell
    from spindle._core.replay.formats import Format
    from spindle._core.replay.stretches import Stretch, Stretches
    from spindle._lasting.beginning import Beginning
    from spindle._lasting.news import Heard, News
    from spindle._lasting.snapshot import Said

__all__ = ["NotYet", "read_back", "standing_of"]

MOST: Final = 3
"""Of so many spindles it is told at most why no snapshot can be taken."""


class NotYet(Exception):
    """No snapshot can be taken here; says of whom, and why."""


def standing_of(
    kernel: Kernel,
    beginning: Beginning,
    stretches: Stretches,
    marked: Collection[SpindleRecord],
    news: News,
    form: Format,
) -> PageStanding:
    """Where a page at rest stands; those that have `marked` may do so anywhere.

    Raises:
        NotYet: a spindle has gone on from its mark, or something cannot be kept.
    """
    _check_page(kernel)
    pairs = _pairs(kernel, stretches)
    _check_moment(kernel)
    ledger, asked = kernel.ledger, Asked() if kernel.asked is None else kernel.asked
    said = news.last(kernel.live)
    try:
        return PageStanding(
            beginning,
            kernel.now,
            kernel.chance.drawn,
            kernel.channels,
            tuple((*_key(key), number) for key, number in asked.items()),
            (ledger.accepted, ledger.handled, ledger.refused, ledger.dead_lettered),
            kernel.restarts,
            tuple((*_key(key), way) for key, way in (kernel.abandoned or {}).items()),
            tuple(_cells(kernel, form)),
            tuple(
                _spindle(record, stretch, stretches.started_with(record), form, record in marked)
                for record, stretch in pairs
            ),
            tuple(_said(each, form) for each in said if not _said_again(each, pairs)),
            kernel.called,
            asked.least,
            kernel.batches,
        )
    except UsageError as error:
        raise NotYet(str(error)) from error


def _check_page(kernel: Kernel) -> None:
    ending = kernel.closing is not None or kernel.stopping is not None
    if ending or kernel.cascade is not None or kernel.overruns is not None:
        raise NotYet("the page is ending, or somebody on it is")


def _check_moment(kernel: Kernel) -> None:
    """What passes by itself: looked at last, so that whoever puts a snapshot off is named."""
    if kernel.outside or kernel.gathered:
        raise NotYet("something is read in a batch")
    if kernel.shelves is not None and kernel.shelves.hold_values:
        raise NotYet("what was read in batches is kept, until a spindle marks")
    if kernel.ledger.pending:
        raise NotYet("an event waits to be handled")


def _pairs(kernel: Kernel, stretches: Stretches) -> list[tuple[SpindleRecord, Stretch]]:
    """The spindles and their stretches; of those that have none, who waits is told before others.

    One that is at work now may be at its mark in a moment: where all are, several are told.
    """
    pairs: list[tuple[SpindleRecord, Stretch]] = []
    at_work: list[str] = []
    for record in kernel.live.values():
        try:
            pairs.append((record, _stretch_of(record, stretches)))
        except NotYet as why:
            if record.state is WAITING:
                raise
            if len(at_work) < MOST:
                at_work.append(str(why))
    if at_work:
        raise NotYet("; ".join(at_work))
    return pairs


def _stretch_of(record: SpindleRecord, stretches: Stretches) -> Stretch:
    stretch = stretches.of(record)
    if stretch is None or record.state is not WAITING or not stretch.holds(record.kernel):
        raise NotYet(f"{record.name} has gone on from its last mark(), or its start")
    if stretches.watches_on(record):
        raise NotYet(f"{record.name} has changes() that it has not waited for since its mark")
    if record.children or record.failures or record.mailbox or record.in_hand is not None:
        raise NotYet(f"{record.name} has fibers, or events that wait")
    if record.cancel is not None or record.successor is not None:
        raise NotYet(f"{record.name} is ending")
    if not all(isinstance(each, Timeout) and not each.expired for each in record.scopes or ()):
        raise NotYet(f"{record.name} is in a cleanup or scope")
    if stretch.args is None:
        raise NotYet(f"{record.name} was started with what a log cannot keep")
    if not place_of(record.fn):
        raise NotYet(f"{name_of(record.fn)} of {record.name} is not at the top of a module")
    if record.provide:
        raise NotYet(f"{record.name} was given provide=, which no log keeps")
    _check_context(record)
    return stretch


def _check_context(record: SpindleRecord) -> None:
    watch = record.kernel.watch
    known = (TAGS.variable, *(() if watch is None else watch.variables))
    for each in record.context:
        # Whoever computes with decimals has that one.
        if each not in known and each.name != "decimal_context":
            raise NotYet(
                f"{record.name} has the context variable {each.name!r}, which no mark keeps: reset "
                f"it, or hand its value on as an argument"
            )


def _spindle(
    record: SpindleRecord,
    stretch: Stretch,
    start: tuple[Raw, ...] | None,
    form: Format,
    marked: bool,
) -> SpindleStanding:
    assert stretch.args is not None
    restarts = record.restarts
    lately = None if restarts is None or restarts.lately is None else tuple(restarts.lately)
    return SpindleStanding(
        name_of(record.block),
        record.instance,
        place_of(record.fn),
        stretch.args,
        record.policy,
        record.significant,
        stretch.place,
        stretch.at,
        stretch.asked,
        stretch.drawn,
        stretch.channels,
        tuple(stretch.commands),
        tuple(_cell(cell, puts, value, form) for cell, (puts, value) in stretch.before.items()),
        lately,
        0 if restarts is None else restarts.row,
        0.0 if restarts is None else restarts.at,
        None if restarts is None or start == stretch.args else start,
        tuple(stretch.seen.values()),
        marked,
    )


def _cells(kernel: Kernel, form: Format) -> list[CellStanding]:
    standing: list[CellStanding] = []
    for cell, state in (kernel.cells or {}).items():
        if any(each() is not None for each in state.watchers):
            raise NotYet(f"{cell.name}.watch() waits for a first value")
        if state.puts:
            standing.append(_cell(cell, state.puts, state.value, form))
    return standing


def _cell(cell: Cell[Any], puts: int, value: object, form: Format) -> CellStanding:
    """How it stood when it had been written so often."""
    name, kind = cell.declaration()
    if puts:
        raw, _ = keep(value, kind, f"the value of {cell.name}", form)
    else:
        raw = Raw(form.encode(None))
    return CellStanding(name_of(cell.block), name, cell.instance, puts, raw)


def read_back(cell: Cell[Any], value: object, form: Format) -> object:
    """A value as it is read from a snapshot; as it is, where no snapshot can have it."""
    _, kind = cell.declaration()
    try:
        return keep(value, kind, f"the value of {cell.name}", form)[1]
    except UsageError:
        return value


def _said_again(heard: Heard, pairs: list[tuple[SpindleRecord, Stretch]]) -> bool:
    """Whether a spindle that begins anew says this again."""
    number, source, sent = heard
    return type(sent) is Notified and any(
        record.source == source and number > stretch.said for record, stretch in pairs
    )


def _said(heard: Heard, form: Format) -> Said:
    _, source, sent = heard
    block, instance = name_of(source.block), source.instance
    if isinstance(sent, Notified):
        kind = type(sent.notify)
        raw, _ = keep(sent.notify, kind, f"the notify {name_of(kind)}", form)
        return NewsStanding(block, instance, kind.__wire__, raw)
    nothing = Raw(form.encode(None))
    if isinstance(sent, Completed):
        value: Any = sent.value
        raw, _ = keep(value, result_type(source.block), f"what {block} returned", form)
        return EndStanding(block, instance, raw, None, None, Origin.REQUESTED, None)
    if isinstance(sent, Errored):
        failure, _ = keep_error(sent.error, form)
        return EndStanding(block, instance, nothing, failure, None, Origin.REQUESTED, None)
    assert isinstance(sent, Cancelled)
    by = None if sent.by is None else (name_of(sent.by.block), sent.by.instance)
    return EndStanding(block, instance, nothing, None, sent.reason, sent.origin, by)


def result_type(block: type[Block]) -> object:
    """The type of what its spindles return, `Spindle[...]`; `Any` if none is told."""
    for base in getattr(block, "__orig_bases__", ()):
        for argument in get_args(base):
            found: object = argument
            return found
    return Any


def _key(key: Key) -> tuple[str, str | None]:
    block, instance = key if isinstance(key, tuple) else (key, None)
    assert block is not None
    return name_of(block), instance
