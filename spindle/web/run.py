"""Serving as a program of its own: the address on standard output, signals, exit status."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import trio

from spindle.durable.errors import StoreError
from spindle.web.errors import ServeError
from spindle.web.serve import serve

if TYPE_CHECKING:
    from spindle.web.app import App

__all__ = ["run"]

_DEFAULT_PORT = 8000


def run(app: App, host: str, port: int | None, path: str | None) -> None:
    """Serve an app until it is told to stop, see `App.run`."""
    try:
        chosen = _port_of_environment() if port is None else port
        trio.run(_serve_until_signalled, app, host, chosen, _path(app) if path is None else path)
    except (ServeError, StoreError) as error:
        sys.exit(str(error))


async def _serve_until_signalled(app: App, host: str, port: int, path: str) -> None:
    failure: ServeError | StoreError | None = None
    async with trio.open_nursery() as nursery:
        await nursery.start(_cancel_on_signal, nursery.cancel_scope)
        try:
            await serve(app, host, port, task_status=_Announcement(path))
        except (ServeError, StoreError) as error:
            failure = error
        nursery.cancel_scope.cancel()
    if failure is not None:
        raise failure


async def _cancel_on_signal(  # noqa: ASYNC114 - the nursery is in no context manager
    scope: trio.CancelScope, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        task_status.started()
        async for _ in signals:
            break
    # Outside the receiver: a second signal ends the program at once, pages or not.
    scope.cancel()


class _Announcement:
    """Prints the address of a server that listens."""

    def __init__(self, path: str) -> None:
        self._path = path

    def started(self, value: str | None = None) -> None:
        print(f"{value}{self._path}", flush=True)


def _port_of_environment() -> int:
    text = os.environ.get("PORT", "")
    if not text:
        return _DEFAULT_PORT
    if not text.isascii() or not text.isdigit():
        raise ServeError(f"PORT={text!r} is not a port: give a number, such as PORT=8001.")
    return int(text)


def _path(app: App) -> str:
    return next((page.route.pattern for page in app.pages if not page.route.names), "/")
