"""A program of the examples in a process of its own, and what it prints."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import trio

__all__ = ["ROOT", "Program", "running"]

ROOT = Path(__file__).parents[2]


class Program:
    """A running program, and what it has printed, errors too."""

    def __init__(self, process: trio.Process, prefix: str) -> None:
        self.process = process
        self.said = ""
        self._prefix = prefix

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"{self.server}{self._prefix}/"

    @property
    def server(self) -> str:
        return re.findall(r"http://[\d.:]+", self.said)[0]

    @property
    def websockets(self) -> str:
        return re.findall(r"ws://[\d.:]+", self.said)[0]

    async def says(self, pattern: str) -> None:
        assert self.process.stdout is not None
        while not re.search(pattern, self.said):
            part = await self.process.stdout.receive_some()
            assert part, self.said
            self.said += part.decode()

    async def stop(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        async for part in self.process.stdout:
            self.said += part.decode()
        assert await self.process.wait() == 0, self.said
        assert "Traceback" not in self.said


@asynccontextmanager
async def running(module: str, prefix: str = "") -> AsyncGenerator[Program, None]:
    """Start it on a port of its own, and wait for its address; its pages are below the prefix."""
    with trio.fail_after(50):
        async with trio.open_nursery() as nursery:
            process: trio.Process = await nursery.start(
                partial(
                    trio.run_process,
                    [sys.executable, "-W", "error", "-m", module],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    check=False,
                    cwd=ROOT,
                    env={**os.environ, "PORT": "0"},
                )
            )
            program = Program(process, prefix)
            try:
                await program.says(r"http://[\d.:]+[/ ]")
                yield program
            finally:
                if process.returncode is None:
                    process.kill()
