"""A browser's end of real connections: documents over HTTP, and one websocket."""

from __future__ import annotations

import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

import trio
from trio_websocket import WebSocketConnection, wrap_client_stream

from spindle.web.http.document import SOCKET_PATH
from spindle.web.http.front import LEAVING_COOKIE

__all__ = ["Answer", "Client", "Socket"]

HOST = "127.0.0.1"
RECEIVE = 64 * 1024
RESET = struct.pack("ii", 1, 0)
"""Of SO_LINGER: drop what was not sent, and say so at once."""


class Answer(NamedTuple):
    """What a request was answered with."""

    status: int
    document: str


class Socket(NamedTuple):
    """A websocket and the connection below it."""

    websocket: WebSocketConnection
    stream: trio.SocketStream

    def cut(self, *, reset: bool) -> None:
        """Drop the connection without a word: reset it, or just close it. Does not block."""
        if reset:
            self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.stream.socket.close()


class Client:
    """Connects to a server on this machine.

    Args:
        port: of the server.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._host = f"{HOST}:{port}"

    async def get(self, path: str, leaving: str = "") -> Answer:
        """Load a document, on a connection of its own.

        Args:
            path: and query.
            leaving: the token of the document that is left for this one.

        Raises:
            OSError: the connection broke; trio.BrokenResourceError is another way to say that.
        """
        cookie = f"Cookie: {LEAVING_COOKIE}={leaving}\r\n" if leaving else ""
        request = f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n{cookie}Connection: close\r\n\r\n"
        data = bytearray()
        async with await trio.open_tcp_stream(HOST, self._port) as stream:
            await stream.send_all(request.encode())
            while received := await stream.receive_some(RECEIVE):
                data += received
        head, _, body = bytes(data).partition(b"\r\n\r\n")
        return Answer(int(head.split(b" ", 2)[1]) if head else 0, body.decode())

    @asynccontextmanager
    async def connect(self) -> AsyncGenerator[Socket, None]:
        """Open a websocket for the length of a block; what is left of it then is dropped."""
        stream = await trio.open_tcp_stream(HOST, self._port)
        try:
            async with trio.open_nursery() as nursery:
                websocket = await wrap_client_stream(
                    nursery,
                    stream,
                    self._host,
                    SOCKET_PATH,
                    extra_headers=[(b"Origin", f"http://{self._host}".encode())],
                )
                yield Socket(websocket, stream)
                nursery.cancel_scope.cancel()
        finally:
            await trio.aclose_forcefully(stream)
