"""Processes that begin at once: forked from one that has loaded everything and runs nothing.

Run as a program it is that process. It is told on a socket what to run, with the two pipes of the
new process; it answers with its id, then with how it ended; that it is over, it hears last.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import msgspec

from tests.lasting.desk_server import Order, serve

__all__ = ["Forked", "Forks", "open_forks"]

ROOT = Path(__file__).parents[2]


@dataclass
class Forked:
    """A process.

    Attributes:
        pid: its id.
        out: the pipe that it writes to.
        inward: the pipe that it reads from.
    """

    pid: int
    out: int
    inward: int
    _lock: Lock = field(default_factory=Lock)
    _over: bool = False

    def say(self, *words: object) -> None:
        """Write a line; nothing if it has ended."""
        with suppress(BrokenPipeError):
            os.write(self.inward, msgspec.json.encode(words) + b"\n")

    def kill(self) -> None:
        """End it; nothing if it was waited for."""
        with self._lock:
            if not self._over:
                os.kill(self.pid, signal.SIGKILL)

    def was_waited_for(self) -> None:
        """Its id may be another's from now on."""
        with self._lock:
            self._over = True
        os.close(self.out)
        os.close(self.inward)


@dataclass
class Forks:
    """Where they are forked."""

    line: socket.socket

    def fork(self, order: Order) -> Forked:
        """Begin one."""
        out, writes = os.pipe()
        reads, inward = os.pipe()
        data = msgspec.json.encode(order)
        socket.send_fds(self.line, [data], [writes, reads])
        os.close(writes)
        os.close(reads)
        return Forked(int(self.line.recv(100)), out, inward)

    def wait(self, forked: Forked) -> int:
        """Wait for its end, and return what `waitpid` says of it."""
        status = int(self.line.recv(100))
        forked.was_waited_for()
        self.line.send(b"ok")
        self.line.recv(100)
        return status


@contextmanager
def open_forks() -> Iterator[Forks]:
    """Start the process that is forked."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", __spec__.name, str(theirs.fileno())]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (
        ours,
        subprocess.Popen(command, pass_fds=[theirs.fileno()], cwd=ROOT, env=environment) as process,
    ):
        theirs.close()
        ours.settimeout(30)
        try:
            yield Forks(ours)
        finally:
            ours.close()
            process.wait(10)


def _fork_as_told(line: socket.socket) -> None:
    while True:
        data, given, _, _ = socket.recv_fds(line, 10_000, 2)
        if not data:
            return
        order = msgspec.json.decode(data, type=Order)
        out, inward = given
        pid = os.fork()
        if not pid:
            line.close()
            serve(order, out, inward)
            os._exit(0)
        os.close(out)
        os.close(inward)
        line.send(str(pid).encode())
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        killed = ended.si_code == os.CLD_KILLED
        line.send(str(-ended.si_status if killed else ended.si_status).encode())
        line.recv(100)
        os.waitpid(pid, 0)
        line.send(b"ok")


if __name__ == "__main__":
    _fork_as_told(socket.socket(fileno=int(sys.argv[1])))
