"""`spindle log rewind`: the one command that changes a store, on somebody's word."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import trio

from spindle._core.names import bounded
from spindle._core.replay.inputs import Ended
from spindle._tools.page_story import PageStory, frame_lines, story_of
from spindle._tools.pages_of import no_such_page
from spindle._tools.refusal import Refusal
from spindle._tools.words import counted
from spindle.durable import open_sqlite_store
from spindle.durable.errors import Busy, NoSuchPage
from spindle.durable.store import PageStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spindle.durable.store import Lease, Store

__all__ = ["forget", "rewind"]


def rewind(
    path: Path,
    page: str,
    to: int,
    confirmed: Callable[[], bool],
    say: Callable[[str], None],
) -> int:
    """Let a page forget all that came in behind input `to`.

    It is shown first, and nothing is done unless `confirmed` says so.

    Returns:
        The status: 0 if that is so now, 1 if it was not confirmed.

    Raises:
        Refusal: there is no such page or input, or somebody holds the page.
        StoreInUse: a server has the store.
        StoreFailed: it cannot be read or written.
    """
    return trio.run(_rewind, path, page, to, confirmed, say)


async def _rewind(
    path: Path, page: str, to: int, confirmed: Callable[[], bool], say: Callable[[str], None]
) -> int:
    async with open_sqlite_store(path) as store:
        return await forget(store, page, to, confirmed, say)


async def forget(
    store: Store, page: str, to: int, confirmed: Callable[[], bool], say: Callable[[str], None]
) -> int:
    """See `rewind`; the page is acquired only once it is confirmed."""
    story = await _story(store, page)
    _check(story, to)
    head = story.kept.record.head
    if to == head:
        say(f"page {page} ends with input {to}: there is nothing to forget")
        return 0
    for line in _forgotten(story, to):
        say(line)
    if not confirmed():
        say("nothing was changed")
        return 1
    lease = await _acquired(store, page)
    try:
        if lease.head != head:
            raise Refusal(f"page {bounded(page)} has gone on meanwhile: nothing was changed")
        await store.rewind(lease, to)
    finally:
        # Due at once: which of its deadlines stand, only the page can tell.
        with trio.CancelScope(shield=True):
            await store.release(lease, status=PageStatus.LIVE, wake_at=time.time())
    then = (
        "nothing runs on it" if story.is_empty_at(to) else "goes on from there when it is taken up"
    )
    say(f"page {page} ends with input {to} now, and {then}")
    return 0


async def _story(store: Store, page: str) -> PageStory:
    try:
        return story_of(await store.look(page))
    except NoSuchPage:
        pass
    names = [each.page for each in await store.pages(limit=100_000)]
    raise no_such_page(page, names, "the store")


async def _acquired(store: Store, page: str) -> Lease:
    try:
        return await store.acquire(page, owner=f"spindle log rewind, process {os.getpid()}", ttl=60)
    except Busy as busy:
        raise Refusal(
            f"{busy}: nothing was changed. Let it put the page away, or stop it"
        ) from busy


def _check(story: PageStory, to: int) -> None:
    record = story.kept.record
    first = max(0, record.pruned, story.covered)
    if not first <= to <= record.head:
        why = "0 is its beginning" if not first else f"what was before {first} is a snapshot"
        raise Refusal(
            f"page {bounded(record.page)} can be rewound to an input from {first} to "
            f"{record.head}, not to {to}: {why}, {record.head} its end"
        )


def _forgotten(story: PageStory, to: int) -> list[str]:
    page, head = story.kept.record.page, story.kept.record.head
    told = [each for each in story.inputs if each[0].seq > to]
    lines = [f"page {page} would forget {counted(head - to, 'input')}:"]
    for sealed, frame in told:
        lines += frame_lines(sealed, frame)
    if len(told) < head - to:
        lines.append(f"       and {head - to - len(told)} that cannot be read: {story.damage}")
    calls = [frame.input.call for _, frame in told if isinstance(frame.input, Ended)]
    if calls:
        names = ", ".join(dict.fromkeys(calls))
        lines.append(f"What these calls have done stays done, and may be done again: {names}")
        lines.append(f"(but a `once` that had begun by input {to} raises OutcomeUnknown)")
    return lines + _not_started(story, to)


def _not_started(story: PageStory, to: int) -> list[str]:
    starts = [given for number, given in story.starts.items() if number > to]
    if not starts:
        return []
    names = ", ".join(dict.fromkeys(f"{given.block} ({given.function})" for given in starts))
    lines = [f"Not started again by itself, for a page is mounted once: {names}"]
    if story.is_empty_at(to):
        lines += [
            f"By input {to} nothing was started, so nothing would run on the page, for good: who "
            f"follows its link finds it empty,",
            "unless a program of yours takes it up and starts something there",
        ]
    return lines
