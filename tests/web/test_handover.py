"""The stream below a websocket."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle.web.http.handover import HandedOver


async def test_nothing_is_sent_while_it_lingers() -> None:
    """The library's answer to a close of the peer's must not meet our own end of sending."""
    ours, theirs = trio.testing.memory_stream_pair()
    stream = HandedOver(ours, b"", allowance=100)
    await stream.send_all(b"before")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(stream.linger)
        await trio.testing.wait_all_tasks_blocked()
        with trio.testing.assert_checkpoints(), pytest.raises(trio.ClosedResourceError):
            await stream.send_all(b"after")
        assert await theirs.receive_some() == b"before"
        assert await theirs.receive_some() == b""
        await theirs.aclose()
