"""The port: listening, and an accept loop that nothing a connection does can end."""

from __future__ import annotations

import errno
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import trio

from spindle.web.connection import serve_connection
from spindle.web.errors import ServeError
from spindle.web.http.asset import client_script
from spindle.web.log import logger
from spindle.web.site import Site, open_site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spindle.web.app import App

__all__ = ["accept_loop", "serve"]

# How long to wait when the system has no room for another connection.
_RELIEF = 0.1


async def serve(
    app: App, host: str, port: int, *, task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED
) -> None:
    """Serve an app until cancelled, see `App.serve`."""
    script = client_script()
    async with AsyncExitStack() as stack:
        listeners = await _listen(host, port)
        for listener in listeners:
            stack.push_async_callback(trio.aclose_forcefully, listener)
        site = await stack.enter_async_context(open_site(app, script))
        task_status.started(_address(host, listeners))
        slots = trio.Semaphore(app.limits.connections)
        async with trio.open_nursery() as nursery:
            for listener in listeners:
                nursery.start_soon(accept_loop, site, listener, slots)


async def accept_loop(
    site: Site, listener: trio.abc.Listener[trio.SocketStream], slots: trio.Semaphore
) -> None:
    """Accept connections as long as there are slots, until the listener is closed.

    When the system is out of descriptors or memory, wait a moment and try again.
    """
    while True:
        await slots.acquire()
        try:
            stream = await listener.accept()
        except OSError as error:
            slots.release()
            logger.warning("cannot accept: %s; trying again in %g s", error.strerror, _RELIEF)
            await trio.sleep(_RELIEF)
        except trio.ClosedResourceError:
            slots.release()
            return
        else:
            site.spawn(_Slot(site, stream, slots).serve)


class _Slot:
    """A connection, and its place among the open ones."""

    def __init__(self, site: Site, stream: trio.SocketStream, slots: trio.Semaphore) -> None:
        self._site = site
        self._stream = stream
        self._slots = slots

    async def serve(self) -> None:
        try:
            await serve_connection(self._site, self._stream)
        finally:
            self._slots.release()


async def _listen(host: str, port: int) -> Sequence[trio.SocketListener]:
    if not 0 <= port < 65536:
        raise ServeError(f"Port {port} is none: a port is from 1 to 65535, or 0 for any free one.")
    try:
        return await trio.open_tcp_listeners(port, host=host)
    except OSError as error:
        raise ServeError(_why_not(host, port, error)) from error


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken: another program listens there. "
            f"Stop it, or choose another port: PORT={port + 1}, or port={port + 1} in the call."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used without privileges. Choose one from 1024 on."
    return f"Cannot listen on {host}, port {port}: {error}. Give a host and port of this machine."


def _address(host: str, listeners: Sequence[trio.SocketListener]) -> str:
    port = listeners[0].socket.getsockname()[1]
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"
