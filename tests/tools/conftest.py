"""What tests of the command line tool ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from spindle._tools.command import main


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a store, not there yet."""
    return tmp_path / "pages.db"


@pytest.fixture
def spindle(capsys: pytest.CaptureFixture[str], path: Path) -> Callable[..., Ran]:
    """Run the tool on that store."""

    def run(*arguments: str, store: Path = path) -> Ran:
        capsys.readouterr()
        status = main([*arguments, "--store", str(store)])
        said = capsys.readouterr()
        return Ran(status, said.out, said.err)

    return run
