"""D3: a function whose module cannot be imported now was not moved."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from trio.testing import wait_all_tasks_blocked

from spindle import ReplayMismatch, open_durable_host
from spindle.durable import MemoryStore
from tests.lasting.counter import Counter, Counting

SOUND = """
from spindle import mark
from tests.lasting.counter import Counter

async def asks(total: int) -> int:
    while True:
        await mark(total)
        await Counter.Ask(total)
"""
Write = Callable[[str], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Let the module be this from now on."""

    def write(source: str) -> None:
        (tmp_path / "their_functions.py").write_text(source)
        importlib.invalidate_caches()
        sys.modules.pop("their_functions", None)

    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, "their_functions", raising=False)
    return write


@pytest.mark.parametrize("every", [1, 1000])
@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("def (", "SyntaxError: invalid syntax"),
        ("raise RuntimeError(3)", "RuntimeError: 3"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
async def test_D3_a_function_whose_module_fails_is_told_as_that(
    broken: str, says: str, every: int, write: Write
) -> None:
    store = MemoryStore()
    write(SOUND)
    async with open_durable_host(store, wake=None, snapshot_every=every) as host:
        page = await host.create(Counting, "page")
        page.start(Counter, importlib.import_module("their_functions").asks, 1)
        await wait_all_tasks_blocked()
    write(broken)
    async with open_durable_host(store, wake=None) as host:
        with pytest.raises(ReplayMismatch) as caught:
            await host.take_up("page")
        said = str(caught.value)
        assert f"is not where it was: their_functions cannot be imported now: {says}" in said
        assert "likely cause: their_functions cannot be imported now\n" in said
        assert "to mend it: mend what it raises, which is told above\n" in said
        write(SOUND)
        page = await host.take_up("page")
        assert page.pending()[0][1] == Counter.Ask(1)
