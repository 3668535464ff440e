"""A server as a program of its own: what it prints, and how it ends. With real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from spindle.web import App
from spindle.web.socket.protocol import Bye, Hello, decode_server, encode
from tests.web.test_http import everything

ROOT = Path(__file__).parents[2]

# Its own script, so that the test needs no built one; cleanups say on standard error that they ran.
PROGRAM = """
import sys
from spindle.web import serve
from spindle.web.http.asset import Asset
from tests.web.store import Shelf, store

class Loud(Shelf):
    async def release(self, sku):
        await super().release(sku)
        print("released", sku, file=sys.stderr, flush=True)

serve.client_script = lambda: Asset("/spindle/client.js", b"", "text/javascript")
store(Loud()).run(path="/buy/tea")
"""


@asynccontextmanager
async def program(port: str = "0") -> AsyncGenerator[tuple[trio.Process, str], None]:
    """The program, and the address it prints."""
    async with trio.open_nursery() as nursery:
        process: trio.Process = await nursery.start(
            partial(
                trio.run_process,
                [sys.executable, "-c", PROGRAM],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                check=False,
                cwd=ROOT,
                env={**os.environ, "PORT": port},
            )
        )
        assert process.stdout is not None
        printed = b""
        while not printed.endswith(b"\n"):
            part = await process.stdout.receive_some()
            if not part:
                break
            printed += part
        yield process, printed.decode().strip()
        if process.returncode is None:
            process.kill()


async def said(process: trio.Process) -> str:
    assert process.stderr is not None
    return (await everything(process.stderr)).decode()


async def load(address: str) -> str:
    host, _, path = address.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    async with await trio.open_tcp_stream(name, int(port)) as stream:
        await stream.send_all(f"GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        return (await everything(stream)).decode()


@asynccontextmanager
async def socket(url: str) -> AsyncGenerator[WebSocketConnection, None]:
    host, _, port = url.removeprefix("http://").partition(":")
    # Not by the library's own context manager, which leaves the stream open if the server closes.
    async with (
        trio.open_nursery() as nursery,
        await trio.open_tcp_stream(host, int(port)) as stream,
    ):
        origin = [(b"Origin", url.encode())]
        yield await wrap_client_stream(
            nursery, stream, f"{host}:{port}", "/spindle/socket", extra_headers=origin
        )
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.slow
async def test_E11_a_signal_ends_a_server_with_pages_in_two_seconds(number: signal.Signals) -> None:
    """Starts an interpreter: only that shows exit status, signals and tracebacks."""
    with trio.fail_after(30):
        async with program() as (process, address):
            assert address.startswith("http://127.0.0.1:")
            assert address.endswith("/buy/tea")
            document = await load(address)
            await load(address)
            url = address.removesuffix("/buy/tea")
            async with socket(url) as browser:
                token = document.split('data-page="')[1].split('"')[0]
                await browser.send_message(encode(Hello(token, 0)))
                await browser.get_message()
                begun = trio.current_time()
                process.send_signal(number)
                assert decode_server(str(await browser.get_message())) == Bye()
                with pytest.raises(ConnectionClosed) as caught:
                    await browser.get_message()
                assert caught.value.reason is not None
                assert caught.value.reason.code == 1001
            await process.wait()
            assert trio.current_time() - begun < 2
            assert process.returncode == 0
            assert await said(process) == "released tea\n" * 2


@pytest.mark.slow
async def test_E11_a_connection_that_says_nothing_does_not_hold_a_server_up() -> None:
    """As above."""
    with trio.fail_after(30):
        async with program() as (process, address):
            host, _, port = address.removeprefix("http://").removesuffix("/buy/tea").partition(":")
            async with await trio.open_tcp_stream(host, int(port)) as stream:
                await stream.send_all(b"GET /buy/tea HTTP/1.1\r\n")
                begun = trio.current_time()
                process.send_signal(signal.SIGINT)
                await process.wait()
                assert trio.current_time() - begun < 2
                assert process.returncode == 0
            assert await said(process) == ""


@pytest.mark.slow
async def test_a_taken_port_ends_the_program_with_a_sentence() -> None:
    """As above."""
    with trio.fail_after(30):
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listener.socket.getsockname()[1]
        async with listener, program(str(port)) as (process, printed):
            assert printed == ""
            assert await process.wait() == 1
            message = await said(process)
            assert message.startswith(f"Port {port} on 127.0.0.1 is taken")
            assert "Traceback" not in message


def test_a_store_that_cannot_be_opened_ends_the_program_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        App(store=tmp_path / "nowhere" / "pages.db").run(port=0)
    said = str(left.value.code)
    assert said.endswith(f"there is no folder {tmp_path / 'nowhere'}: make it, or name another")
    assert "\n" not in said
    assert ".lock" not in said
