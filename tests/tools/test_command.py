"""The command line itself."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from spindle._tools.command import main
from tests.tools.stores import counted, damaged, served

ROOT = Path(__file__).parent.parent.parent

SHOP = """\
from spindle import Contract, Event, Spindle, Yield

class Shop(Contract):
    class Till(Spindle[None]):
        class Paid(Event):
            sum: int
        class Ask(Yield[Paid]):
            total: int

async def till() -> None:
    total = 0
    while True:
        total += (await Shop.Till.Ask(total)).sum
"""

SERVER = """\
import os, signal, sys, trio
from spindle import open_durable_host
from spindle.durable import open_sqlite_store
from shop import Shop, till

async def main():
    async with open_sqlite_store(sys.argv[1]) as store, open_durable_host(store) as host:
        page = await host.create(Shop, "till-1")
        page.start(Shop.Till, till)
        await page.resume(Shop.Till.Paid(3)).settled()
        os.kill(os.getpid(), signal.SIGKILL)

trio.run(main)
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_store_of_a_server_that_was_killed(tmp_path: Path) -> None:
    """The whole way: what its log tells, new code that does not fit, and code that does."""
    (tmp_path / "shop.py").write_text(SHOP)
    killed = run(tmp_path, "-c", SERVER, "pages.db")
    assert killed.returncode == -9, killed.stderr
    checked = run(tmp_path, "-m", "spindle", "check", "--store", "pages.db")
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout
    assert "1 go on (2 inputs)" in checked.stdout
    (tmp_path / "shop.py").write_text(SHOP.replace("total += (", "return; (").replace(").sum", ")"))
    checked = run(tmp_path, "-m", "spindle", "check", "--store", "pages.db")
    assert checked.returncode == 1
    assert "page till-1: would not go on" in checked.stdout
    assert "likely cause: " in checked.stdout
    rewound = run(
        tmp_path, "-m", "spindle", "log", "rewind", "till-1", "--to=0", "--yes", "--store=pages.db"
    )
    assert rewound.returncode == 0, rewound.stderr
    checked = run(tmp_path, "-m", "spindle", "check", "--store", "pages.db")
    assert checked.returncode == 0, checked.stdout


def test_a_program_in_one_file_is_found(tmp_path: Path) -> None:
    """What runs as `__main__` is called by the name of its file in a log."""
    body = "\n".join(line for line in SERVER.splitlines() if "import Shop" not in line)
    program = body.replace("trio.run(main)", "if __name__ == '__main__':\n    trio.run(main)")
    (tmp_path / "shop.py").write_text(f"{SHOP}\n{program}\n")
    assert run(tmp_path, "shop.py", "pages.db").returncode == -9
    checked = run(tmp_path, "-m", "spindle", "check", "--store", "pages.db")
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout
    shown = run(tmp_path, "-m", "spindle", "log", "show", "till-1", "--store", "pages.db")
    assert "made of shop:Shop, " in shown.stdout


def test_the_console_script_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, name = project["project"]["scripts"]["spindle"].partition(":")
    assert getattr(import_module(module), name) is main


@pytest.mark.parametrize(
    "arguments", [(), ("check",), ("log",), ("log", "show"), ("log", "list", "--status", "x")]
)
def test_arguments_that_are_not_understood(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: spindle" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [(), ("check",), ("log",), ("log", "show"), ("log", "rewind"), ("log", "list")]
)
def test_it_says_what_it_can_do(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([*arguments, "--help"])
    assert left.value.code == 0
    assert "usage: spindle" in capsys.readouterr().out


def test_the_folder_it_is_run_in_is_looked_in_for_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A console script has its own folder first there, where nobody keeps a shop."""
    served(tmp_path / "pages.db", lambda host: counted(host, "ann"))
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each])
    monkeypatch.chdir(tmp_path)
    assert main(["log", "list", "--store", "pages.db"]) == 0
    assert sys.path[0] == str(tmp_path)


@pytest.mark.parametrize("flags", [(), ("-u",)], ids=["at the end", "at once"])
@pytest.mark.parametrize("arguments", [("log", "list"), ("check",), ("log", "show", "ann")])
def test_whoever_reads_may_stop_at_any_time(
    tmp_path: Path, arguments: tuple[str, ...], flags: tuple[str, ...]
) -> None:
    """`spindle log list | head -1`; unbuffered it is found out in the midst of what it does."""
    served(tmp_path / "pages.db", lambda host: counted(host, "ann", 2))
    damaged(tmp_path / "pages.db", 1)
    command = [sys.executable, *flags, "-m", "spindle", *arguments, "--store", "pages.db"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ran = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ran.returncode, ran.stderr) == (2, "")
