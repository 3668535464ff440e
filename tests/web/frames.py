"""A browser's end of the websocket, with and without a library."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import trio
import trio.testing
from trio_websocket import WebSocketConnection, wrap_client_stream

from spindle.web.connection import serve_connection
from spindle.web.memory import visit
from spindle.web.site import Site
from tests.web.store import HOME, Checkout
from tests.web.test_http import status

UPGRADE = {
    "Host": "localhost",
    "Origin": "http://localhost",
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": b64encode(b"0123456789abcdef").decode(),
}


def request(headers: dict[str, str], path: str = "/spindle/socket") -> bytes:
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def masked(opcode: int, payload: bytes = b"", *, final: bool = True, length: int = -1) -> bytes:
    """A frame as a browser sends it; `length` is what it claims to have."""
    length = len(payload) if length < 0 else length
    head = bytes([(0x80 if final else 0) | opcode])
    if length < 126:
        head += bytes([0x80 | length])
    elif length < 65536:
        head += b"\xfe" + struct.pack("!H", length)
    else:
        head += b"\xff" + struct.pack("!Q", length)
    return head + b"\0\0\0\0" + payload


@asynccontextmanager
async def socket(
    site: Site, origin: str = "http://localhost"
) -> AsyncGenerator[WebSocketConnection, None]:
    """A browser's end of a socket."""
    client, server = trio.testing.memory_stream_pair()
    site.spawn(partial(serve_connection, site, server))
    async with trio.open_nursery() as nursery:
        yield await wrap_client_stream(
            nursery,
            client,  # type: ignore[arg-type]
            "localhost",
            "/spindle/socket",
            extra_headers=[(b"Origin", origin.encode())],
        )
        await client.aclose()
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def raw_socket(site: Site) -> AsyncGenerator[trio.abc.HalfCloseableStream, None]:
    """The same, with no library on the browser's side, after the handshake."""
    client, server = trio.testing.memory_stream_pair()
    site.spawn(partial(serve_connection, site, server))
    await client.send_all(request(UPGRADE))
    assert status(await client.receive_some()) == 101
    async with client:
        yield client


async def still_works(site: Site) -> None:
    visitor = await visit(site, "/buy/tea")
    await visitor.connect()
    seq = await visitor.submit(Checkout.ShippingGiven, HOME)
    assert (await visitor.settled(seq)).settlement == "handled"
    await visitor.close()
