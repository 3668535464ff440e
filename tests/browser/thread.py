"""An app served by trio in a thread, so that a test can drive a browser in its own."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple, Unpack

import trio

if TYPE_CHECKING:
    from spindle.web import App

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

PATIENCE = 10


class ServerThread:
    """A server that listens at `url`; whatever the test wants of it happens in its thread."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._listens = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="server")
        self.url = ""

    def start(self) -> None:
        self._thread.start()
        assert self._listens.wait(PATIENCE)
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Stop as on Ctrl-C: every page is ended in order."""
        self.call(self._scope.cancel)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self._failure is not None:
            raise self._failure

    def call(self, fn: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
        """Call a function in the server's thread."""
        return trio.from_thread.run_sync(fn, *args, trio_token=self._token)

    def wait(self, fn: Callable[[Unpack[Ts]], Awaitable[T]], *args: *Ts) -> T:
        """Wait, not for ever, for what an async function waits for in the server's thread."""

        async def bounded() -> T:
            with trio.fail_after(PATIENCE):
                return await fn(*args)

        return trio.from_thread.run(bounded, trio_token=self._token)

    def _run(self) -> None:
        try:
            trio.run(self._serve)
        except BaseException as error:
            self._failure = error
        finally:
            self._listens.set()

    async def _serve(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        async with trio.open_nursery() as nursery:
            self._scope = nursery.cancel_scope
            self.url = await nursery.start(self._app.serve, "127.0.0.1", 0)
            self._listens.set()


@contextmanager
def serving(app: App) -> Iterator[ServerThread]:
    """Serve an app on a free port."""
    server = ServerThread(app)
    server.start()
    try:
        yield server
    finally:
        server.stop()
