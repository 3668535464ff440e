"""Cells and channels, as the table of the docs has them."""

from __future__ import annotations

from tests.laboratory.programs import statement as st
from tests.model.coroutine import Channel, Coroutine, Result, Wait
from tests.model.page import Page

__all__ = ["change", "close", "fail", "put", "send", "take"]


# --- cells ----------------------------------------------------------------------------------------


def send(page: Page, who: Coroutine, cell: st.Which, number: int) -> Result:
    """Put a value into a cell: all who wait for one get it, the longest waiting first."""
    if cell != who.key:
        return Result(thrown="NotOwner")
    values = page.cells.setdefault(cell, [])
    old = values[-1] if values else None
    values.append(number)
    for reader, wait in page.waiting(lambda wait: wait.source == st.Change(cell)):
        reader.seen[cell] = len(values)
        page.wake(reader, wait, Result(str(number)))
    return Result(f"Change(old={old}, new={number})")


def change(page: Page, who: Coroutine, cell: st.Which) -> Result | None:
    """The newest value that this coroutine's subscription has not brought yet."""
    values = page.cells.get(cell, [])
    if len(values) > who.seen.get(cell, 0):
        who.seen[cell] = len(values)
        return Result(str(values[-1]))
    return Result(thrown=page.no_value(cell)) if page.abandoned(cell) else None


# --- channels -------------------------------------------------------------------------------------


def put(page: Page, who: Coroutine, statement: st.Put, item: str) -> Result | None:
    """Hand an item to the oldest taker, or leave it where there is room, or wait."""
    channel = page.channel(statement.channel)
    if channel.ended:
        return Result(thrown=channel.ended)
    takers = page.takers(channel)
    if takers:
        page.wake(*takers[0], Result(item))
    elif len(channel.items) < channel.capacity:
        channel.items.append(item)
    else:
        who.waits = (Wait(statement, 0, page.next_serial(), item=item),)
        return None
    return Result(item)


def take(page: Page, channel: Channel) -> Result | None:
    """Take the oldest item; the oldest put that waits moves up."""
    putters = page.putters(channel)
    if not channel.items and not putters:
        return Result(thrown=channel.ended) if channel.ended else None
    if putters:
        putter, wait = putters[0]
        channel.items.append(wait.item)
        page.wake(putter, wait, Result(wait.item))
    return Result(channel.items.pop(0))


def close(page: Page, who: Coroutine, statement: st.Close) -> Result:
    """Let nothing more in; what is there may be taken."""
    _end(page, page.channel(statement.channel), "ChannelClosed")
    return Result()


def fail(page: Page, who: Coroutine, statement: st.Fail) -> Result:
    """Raise an error to whoever uses it from now on; what is there is dropped."""
    channel = page.channel(statement.channel)
    if channel.ended is None:
        channel.items.clear()
        _end(page, channel, "LookupError")
    return Result()


def _end(page: Page, channel: Channel, thrown: str) -> None:
    if channel.ended is not None:
        return
    channel.ended = thrown
    for who, wait in [*page.takers(channel), *page.putters(channel)]:
        if wait in who.waits:
            page.wake(who, wait, Result(thrown=thrown))
