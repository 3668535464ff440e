"""The command, as somebody types it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from spindle.stress.command import main

__all__ = ["Command", "Said"]

VISITED = "tests.stress.visited"


class Said(NamedTuple):
    """What came of it."""

    status: int | str | None
    out: str
    error: str

    def figure(self, label: str) -> str:
        """The line of the report that begins so."""
        return next(line for line in self.out.splitlines() if line.startswith(label))


class Command:
    """Runs it in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *arguments: str) -> Said:
        """With these arguments, and few visitors at a time: of each kind there is one."""
        few = () if "--at-once" in arguments else ("--at-once", "3")
        try:
            status: int | str | None = main((*arguments, *few))
        except SystemExit as left:
            status = left.code
        return Said(status, *self._capsys.readouterr())

    def own(self, *arguments: str, pages: int = 40) -> Said:
        """For a moment, on Spindle's own page in the process."""
        return self.run("--no-sockets", "--pages", str(pages), *arguments)

    def sockets(self, *arguments: str, pages: int = 12) -> Said:
        """For a moment, on a page over sockets."""
        return self.visit("app", "--path", "/desk/1", *arguments, pages=pages)

    def visit(self, name: str, *arguments: str, pages: int = 20) -> Said:
        """For a moment, on one of the pages of `visited`."""
        return self.run(f"{VISITED}:{name}", "--pages", str(pages), *arguments)
