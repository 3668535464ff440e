"""Where forgetting is no remedy, and is not offered as one."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio

from spindle import DurableHost, open_durable_host, use
from spindle.durable import open_sqlite_store
from tests.lasting import counter
from tests.lasting.counter import Counter, Counting, Shop
from tests.tools.stores import counted, served

Tool = Callable[..., Any]


async def stands_elsewhere(start: int) -> int:
    await (await use(Shop)).order(start)
    return start


@pytest.mark.parametrize("early", [(), (1,)], ids=["at once", "behind an event"])
def test_no_page_is_to_forget_its_start(
    spindle: Tool, path: Path, monkeypatch: pytest.MonkeyPatch, early: tuple[int, ...]
) -> None:
    """It is mounted once: nothing would run there any more."""

    async def begun(host: DurableHost) -> None:
        page = await host.create(Counting, "ann")
        for number in early:
            await page.resume(Counter.Add(number)).settled()
        page.start(Counter, counter.count, 1)
        await page.resume(Counter.Add(1)).settled()

    served(path, begun)
    monkeypatch.setattr(counter, "count", stands_elsewhere)
    ran = spindle("check")
    assert f"something else now than input {len(early) + 1} of the log led to" in ran.out
    assert "rewind" not in ran.out
    monkeypatch.delattr(counter, "count")
    ran = spindle("check")
    assert f"page ann: would not go on: input {len(early) + 1} of the log cannot" in ran.out
    assert "let it stand where it did" in ran.out
    assert "rewind" not in ran.out


class Fails(counter.Till):
    async def price(self) -> int:
        raise THEIRS[0](3)


THEIRS: list[type[Exception]] = []


def test_nothing_is_to_be_forgotten_for_a_module_that_cannot_be_imported(
    spindle: Tool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = path.parent / "their_errors.py"
    module.write_text("class Sold(Exception): pass")
    monkeypatch.setattr("sys.path", [str(path.parent), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(f"{__name__}.THEIRS", [importlib.import_module("their_errors").Sold])

    async def serve() -> None:
        async with (
            open_sqlite_store(path) as store,
            open_durable_host(store, provide={Shop: Fails()}, wake=None) as host,
        ):
            await counted(host, "ann", 1)

    trio.run(serve)
    monkeypatch.delitem(sys.modules, "their_errors")
    module.write_text("import no_such_module")
    ran = spindle("check")
    assert "their_errors cannot be imported now" in ran.out
    assert "rewind" not in ran.out
    module.write_text("")
    monkeypatch.delitem(sys.modules, "their_errors", raising=False)
    assert "spindle log rewind ann --to 2 " in spindle("check").out
