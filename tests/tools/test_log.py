"""What stands in a log, for people and for programs."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio

from spindle import DurableHost
from spindle._lasting.beginning import Beginning
from spindle._tools.page_story import _plain_value
from spindle._tools.words import on_the_wall
from spindle.durable import Chain, open_sqlite_store
from tests.lasting.counter import Counter
from tests.tools.stores import ann, changed, counted, damaged, nothing, served, three

Tool = Callable[..., Any]
GOLDEN = max((Path(__file__).parent.parent / "lasting" / "golden").glob("*.sqlite"))


# --- show ---------------------------------------------------------------------------------------


def test_a_page_tells_its_story(spindle: Tool, path: Path) -> None:
    served(path, ann)
    ran = spindle("log", "show", "ann")
    assert (ran.status, ran.err) == (0, "")
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"
    lines = [re.sub(when, "WHEN", each) for each in ran.out.splitlines()]
    lines = [re.sub(r":\d+ count", ":LINE count", each) for each in lines]
    assert re.search(when, ran.out)
    assert lines[:2] == [
        "page ann: live, 5 inputs",
        "made of tests.lasting.counter:Counting, WHEN",
    ]
    assert [re.sub(r"\d+\.\d{3} s", "N s", each) for each in lines[6:]] == [
        "    2  WHEN  N s  <- Counter.Add {'number': 2} came",
        "       Counting.Counter calls Shop.price()  lasting/counter.py:LINE count",
        "",
        "    3  WHEN  N s  <- Shop.price returned 3",
        "       Counting.Counter asks Counting.Counter.Ask  lasting/counter.py:LINE count",
        "",
        "    4  WHEN  N s  <- Counter.Order {} came",
        "       Counting.Counter calls Shop.order(7)  lasting/counter.py:LINE count",
        "",
        "    5  WHEN  N s  <- Shop.order returned 'order of 7'",
        "       Counting.Counter asks Counting.Counter.Ask  lasting/counter.py:LINE count",
    ]


def test_a_program_reads_it_as_json(spindle: Tool, path: Path) -> None:
    served(path, ann)
    told = json.loads(spindle("log", "show", "ann", "--json").out)
    assert told["page"] == "ann"
    assert (told["status"], told["head"], told["owner"]) == ("live", 5, None)
    assert (told["contract"], told["damage"]) == ("tests.lasting.counter:Counting", None)
    assert [each["number"] for each in told["inputs"]] == [1, 2, 3, 4, 5]
    begun, added, priced = told["inputs"][:3]
    assert begun["input"]["args"] == [1]
    assert begun["time"] >= told["opened"]
    assert added["input"]["type"] == "event"
    assert added["input"]["text"] == "Counter.Add {'number': 2} came"
    assert added["input"]["value"] == {"number": 2}
    assert [each["what"] for each in added["commands"]] == ["Shop.price"]
    assert priced["input"]["who"]["block"] == "Counting.Counter"


def test_a_damaged_log_is_shown_up_to_the_damage(spindle: Tool, path: Path) -> None:
    served(path, ann)
    damaged(path, 3)
    ran = spindle("log", "show", "ann")
    assert ran.status == 1
    assert "    2  " in ran.out
    assert "    3  " not in ran.out
    assert "\nhere it ends, for the log of page 'ann' is damaged at frame 3: expected" in ran.out
    told = json.loads(spindle("log", "show", "ann", "--json").out)
    assert [each["number"] for each in told["inputs"]] == [1, 2]
    assert told["damage"]["kind"] == "PageLogCorrupt"
    assert told["damage"]["number"] == 3


def test_a_log_whose_beginning_is_damaged(spindle: Tool, path: Path) -> None:
    served(path, ann)
    damaged(path, 0)
    ran = spindle("log", "show", "ann")
    assert ran.status == 1
    assert ran.out.startswith("page ann: live, 5 inputs\n\nhere it ends, for the log of page 'ann'")


def test_a_log_that_is_no_pages(spindle: Tool, path: Path) -> None:
    async def other() -> None:
        async with open_sqlite_store(path) as store:
            await store.create("cart", b"", [b"no frame"], owner="me", ttl=1)
            await store.create("none", b"", [], owner="me", ttl=1)

    trio.run(other)
    assert spindle("log", "show", "cart").status == 1
    ran = spindle("log", "show", "none")
    assert ran.status == 1
    assert "here it ends, for the log of page none does not begin as one" in ran.out


def test_a_sound_frame_that_is_none_of_a_page(spindle: Tool, path: Path) -> None:
    async def other() -> None:
        chain, nothing = Chain("cart"), msgspec.msgpack.encode(["nothing"])
        beginning = Beginning("shop:Shop", 1, 0.0).encode()
        frames = [chain.seal(1.0, beginning), chain.seal(1.0, nothing)]
        async with open_sqlite_store(path) as store:
            await store.create("cart", b"", frames, owner="me", ttl=1)

    trio.run(other)
    ran = spindle("log", "show", "cart")
    assert ran.status == 1
    assert "made of shop:Shop, 1970-01-01" in ran.out or "made of shop:Shop, 1969-12-31" in ran.out
    assert "here it ends, for frame 1 of the log is none of a page" in ran.out
    told = json.loads(spindle("log", "show", "cart", "--json").out)
    assert told["damage"]["kind"] == "LogCorrupt"


def test_a_log_whose_snapshot_is_gone(spindle: Tool, path: Path) -> None:
    """What is left cannot be read without it, and no rewinding helps."""
    shutil.copy(GOLDEN, path)
    changed(path, "snapshot = NULL", "marks")
    ran = spindle("log", "show", "marks")
    assert ran.status == 1
    assert "expected a snapshot, whole, found 0 bytes; no frame before it was read" in ran.out
    assert "then put back a backup: nothing is intact that the log could be rewound" in ran.out


def test_what_stands_beside_the_frames_is_damaged(spindle: Tool, path: Path) -> None:
    """That page is told as damaged by each command; the others are looked at."""
    served(path, three)
    changed(path, "status = 'odd'", "ann")
    said = (
        "the log of page 'ann' is damaged in what stands beside its frames: expected a status out "
        "of live, parked, ended, found 'odd', and nothing was changed."
    )
    for command in (("log", "show"), ("log", "rewind", "--to=1")):
        ran = spindle(*command, "ann")
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith(f"spindle: {said}")
    for more in ((), ("--json",)):
        ran = spindle("log", "list", *more)
        assert ran.status == 2
        assert "anna" in ran.out
        assert "ben" in ran.out
        assert ran.err.startswith(f"spindle: {said}")
    for more in ((), ("--page", "ann", "--page", "anna")):
        ran = spindle("check", *more)
        assert ran.status == 1
        assert f"page ann: would not go on: {said}" in ran.out
        assert "1 go on (1 input), 1 do not" in ran.out


def test_what_json_cannot_hold_is_shown() -> None:
    assert _plain_value({(1, 2): 3}) == "{(1, 2): 3}"
    assert _plain_value({"a": [1]}) == {"a": [1]}


def test_a_time_that_no_calendar_has() -> None:
    assert on_the_wall(1e30) == "1e+30 s since 1970"


# --- list ---------------------------------------------------------------------------------------


def test_pages_are_listed(spindle: Tool, path: Path) -> None:
    served(path, three)
    ran = spindle("log", "list")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "page  status  head  owner  due",
        "ann   live    5",
        "anna  live    1",
        "ben   ended   3",
    ]
    assert spindle("log", "list", "--status", "ended").out.splitlines()[1:] == ["ben   ended   3"]
    listed = [json.loads(each) for each in spindle("log", "list", "--json").out.splitlines()]
    assert [each["page"] for each in listed] == ["ann", "anna", "ben"]
    assert listed[0]["owner_gone"] is False


def test_who_holds_a_page_is_listed_and_whether_that_is_gone(spindle: Tool, path: Path) -> None:
    async def serve(host: DurableHost) -> None:
        page = await counted(host, "ann")
        page.resume(Counter.Wait(3600))
        ran = await trio.to_thread.run_sync(spindle, "log", "list")
        assert re.search(r"ann   live    \d     process-\d+-[0-9a-f]{8}\n", ran.out), ran.out

    async def leaves_it() -> None:
        async with open_sqlite_store(path) as store:
            await store.create("ben", b"", [], owner="a server", ttl=10)

    served(path, serve)
    trio.run(leaves_it)
    served(path, nothing)
    ran = spindle("log", "list")
    assert re.search(r"ann   live    2 +\d{4}-\d\d-\d\d ", ran.out), ran.out
    assert "ben   live    -1    a server, gone\n" in ran.out


HOLDS = """
import sys, trio
from spindle.durable import open_sqlite_store

async def main():
    async with open_sqlite_store(sys.argv[1]) as store:
        await store.create("ann", b"", [], owner="a server", ttl=1e9)
        print("ready", flush=True)
        await trio.sleep_forever()

trio.run(main)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nobody can be asked there who has a lock")
def test_an_owner_is_gone_as_soon_as_its_process_was_killed(spindle: Tool, path: Path) -> None:
    """Nobody has opened the store since; and to ask does not end the lock of one that runs."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path)], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        for _ in range(2):
            assert "ann   live    -1    a server\n" in spindle("log", "list").out
        assert json.loads(spindle("log", "list", "--json").out)["owner_gone"] is False
        assert "is open in process" in spindle("log", "rewind", "ann", "--to=0", "--yes").err
        server.kill()
    assert "ann   live    -1    a server, gone\n" in spindle("log", "list").out
    assert json.loads(spindle("log", "list", "--json").out)["owner_gone"] is True


# --- the store ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [("check",), ("log", "list"), ("log", "show", "a"), ("log", "rewind", "a", "--to=1")],
)
def test_a_file_that_is_no_store(spindle: Tool, path: Path, arguments: tuple[str, ...]) -> None:
    missing = spindle(*arguments)
    assert (missing.status, missing.err) == (2, f"spindle: there is no file {path}\n")
    assert not list(path.parent.iterdir())
    path.write_text("pages\n" * 1000)
    ran = spindle(*arguments)
    assert ran.status == 2
    assert ran.err.startswith(f"spindle: {path} is no store: ")
    assert path.read_text() == "pages\n" * 1000
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE shop (name)")
    other.close()
    assert "is a database of another program" in spindle(*arguments).err
    path.write_bytes(b"")
    assert "is an empty database: no store was ever opened there" in spindle(*arguments).err
    assert path.read_bytes() == b""
    assert spindle(*arguments, store=path.parent).status == 2
    assert [each.name for each in path.parent.iterdir()] == ["pages.db"]


def test_no_page_of_that_name(spindle: Tool, path: Path) -> None:
    served(path, three)
    ran = spindle("log", "show", "an")
    assert ran.status == 2
    assert ran.err == f"spindle: {path} has no page 'an': did you mean ann or anna?\n"
    assert "spindle log list shows all pages" in spindle("log", "show", "zoe").err
    assert spindle("log", "show", "a name with blanks").status == 2
