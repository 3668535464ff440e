"""The stream below a websocket."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle.web.http.handover import HandedOver


class Silent(trio.abc.HalfCloseableStream):
    """A peer that never says anything; takes note of what is sent to it."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    async def wait_send_all_might_not_block(self) -> None: ...

    async def send_eof(self) -> None: ...

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        await trio.sleep_forever()
        return b""

    async def aclose(self) -> None: ...


async def test_nothing_is_sent_while_it_lingers() -> None:
    """The library's answer to a close of the peer's must not meet our own end of sending."""
    peer = Silent()
    stream = HandedOver(peer, b"", allowance=100)
    await stream.send_all(b"before")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(stream.linger)
        await trio.testing.wait_all_tasks_blocked()
        with trio.testing.assert_checkpoints(), pytest.raises(trio.ClosedResourceError):
            await stream.send_all(b"after")
        nursery.cancel_scope.cancel()
    assert peer.sent == [b"before"]


async def test_whoever_reads_on_while_it_is_being_closed_is_told_so() -> None:
    client, server = trio.testing.memory_stream_pair()
    handed = HandedOver(server, b"", allowance=100)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(handed.linger)
        await trio.testing.wait_all_tasks_blocked()
        with pytest.raises(trio.ClosedResourceError):
            await handed.receive_some()
        await client.aclose()
