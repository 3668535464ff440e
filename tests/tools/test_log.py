"""What stands in a log, for people and for programs, and letting a page forget the end of it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio

from spindle import DurableHost
from spindle._tools.log_rewind import forget
from spindle._tools.refusal import Refusal
from spindle.durable import Lease, MemoryStore, PageStatus, open_sqlite_store
from tests.lasting.counter import Counter
from tests.tools.stores import counted, served

Tool = Callable[..., Any]
GOLDEN = max((Path(__file__).parent.parent / "lasting" / "golden").glob("*.sqlite"))


async def ann(host: DurableHost) -> None:
    page = await counted(host, "ann", 2)
    await page.resume(Counter.Order()).settled()


async def three(host: DurableHost) -> None:
    await ann(host)
    await counted(host, "anna")
    ben = await counted(host, "ben")
    await ben.resume(Counter.Done()).settled()
    await ben.cancel("bought")


async def nothing(_: DurableHost) -> None:
    await trio.lowlevel.checkpoint()


def damaged(path: Path, seq: int) -> None:
    file = sqlite3.connect(path)
    file.execute(
        "UPDATE frames SET data = CAST(data || x'00' AS BLOB) WHERE page = 1 AND seq = ?", (seq,)
    )
    file.commit()
    file.close()


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


# --- rewind -------------------------------------------------------------------------------------


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | BaseException], None]:
    """What is answered when it asks."""

    def answer(with_: str | BaseException) -> None:
        def given(_: str) -> str:
            if isinstance(with_, BaseException):
                raise with_
            return with_

        monkeypatch.setattr("builtins.input", given)

    return answer


@pytest.mark.parametrize("answer", ["n", "", "maybe", EOFError()])
def test_nothing_is_forgotten_unless_that_is_wanted(
    spindle: Tool, path: Path, answers: Any, answer: Any
) -> None:
    served(path, ann)
    before = spindle("log", "show", "ann").out
    answers(answer)
    ran = spindle("log", "rewind", "ann", "--to", "3")
    assert ran.status == 1
    assert ran.out.startswith("page ann would forget 2 inputs:\n    4  ")
    assert "Shop.order returned 'order of 7'" in ran.out
    assert "What these calls have done stays done, and may be done again: Shop.order\n" in ran.out
    assert ran.out.endswith("nothing was changed\n")
    assert spindle("log", "show", "ann").out == before


def test_ctrl_c_at_the_question_changes_nothing(spindle: Tool, path: Path, answers: Any) -> None:
    served(path, ann)
    before = spindle("log", "show", "ann").out
    answers(KeyboardInterrupt())
    assert spindle("log", "rewind", "ann", "--to", "3").status == 130
    assert spindle("log", "show", "ann").out == before


def test_a_page_goes_on_from_where_it_was_rewound_to(
    spindle: Tool, path: Path, answers: Any
) -> None:
    served(path, ann)
    answers("y")
    ran = spindle("log", "rewind", "ann", "--to", "1")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.endswith(
        "page ann ends with input 1 now, and goes on from there when it is taken up\n"
    )

    async def again(host: DurableHost) -> None:
        page = await host.take_up("ann")
        assert page.pending()[0][1] == Counter.Ask(1)
        await page.resume(Counter.Add(5)).settled()
        assert page.pending()[0][1] == Counter.Ask(16)

    served(path, again)
    assert spindle("check").status == 0


def test_a_page_that_is_over_or_parked_is_taken_up_again(spindle: Tool, path: Path) -> None:
    served(path, three)

    async def parked() -> None:
        async with open_sqlite_store(path) as store:
            lease = await store.acquire("ann", owner="me", ttl=1)
            await store.release(lease, status=PageStatus.PARKED)

    trio.run(parked)
    assert "parked" in spindle("log", "list").out
    assert spindle("log", "rewind", "ann", "--to", "3", "--yes").status == 0
    assert spindle("log", "rewind", "ben", "--to", "1", "--yes").status == 0

    async def due() -> None:
        async with open_sqlite_store(path) as store:
            assert sorted(await store.due(2e9 * 2)) == ["ann", "ben"]

    trio.run(due)


def test_a_damaged_log_is_rewound_to_what_is_intact(spindle: Tool, path: Path) -> None:
    served(path, ann)
    damaged(path, 4)
    ran = spindle("log", "rewind", "ann", "--to", "3", "--yes")
    assert ran.status == 0
    assert "and 2 that cannot be read: the log of page 'ann' is damaged at frame 4" in ran.out
    assert spindle("check").status == 0


def test_what_cannot_be_rewound(spindle: Tool, path: Path) -> None:
    served(path, ann)
    before = spindle("log", "show", "ann").out
    ran = spindle("log", "rewind", "ann", "--to", "6", "--yes")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "spindle: page 'ann' can be rewound to an input from 0 to 5, not to 6: 0 is its "
        "beginning, 5 its end\n"
    )
    assert spindle("log", "rewind", "ann", "--to", "-1", "--yes").status == 2
    same = spindle("log", "rewind", "ann", "--to", "5", "--yes")
    assert same.status == 0
    assert same.out == "page ann ends with input 5: there is nothing to forget\n"
    ran = spindle("log", "rewind", "anm", "--to", "1", "--yes")
    assert ran.err == "spindle: the store has no page 'anm': did you mean ann?\n"
    with pytest.raises(SystemExit):
        spindle("log", "rewind", "ann", "--to", "x")
    assert spindle("log", "show", "ann").out == before


def test_a_page_is_not_rewound_behind_its_snapshot(spindle: Tool, path: Path) -> None:
    shutil.copy(GOLDEN, path)
    ran = spindle("log", "show", "marks")
    covered = int(re.findall(r"frames up to (\d+) are behind a snapshot", ran.out)[0])
    head = int(re.findall(r"live, (\d+) inputs", ran.out)[0])
    assert f"   {head}  20" in ran.out
    assert f"   {covered}  20" not in ran.out
    assert json.loads(spindle("log", "show", "marks", "--json").out)["snapshot"] == covered
    ran = spindle("log", "rewind", "marks", "--to", f"{covered - 1}", "--yes")
    assert ran.err == (
        f"spindle: page 'marks' can be rewound to an input from {covered} to {head}, not to "
        f"{covered - 1}: what was before {covered} is a snapshot, {head} its end\n"
    )
    assert spindle("log", "rewind", "marks", "--to", f"{covered}", "--yes").status == 0
    assert spindle("check", "--page", "marks").status == 0


def test_nothing_is_rewound_while_a_server_has_the_store(spindle: Tool, path: Path) -> None:
    async def serve(host: DurableHost) -> None:
        await counted(host, "ann", 1)
        ran = await trio.to_thread.run_sync(spindle, "log", "rewind", "ann", "--to", "1", "--yes")
        assert ran.status == 2
        assert "is open in this process already" in ran.err

    served(path, serve)


async def test_nothing_is_rewound_while_somebody_holds_the_page() -> None:
    store = MemoryStore()
    await store.create("ann", b"", [b"0", b"1"], owner="a server", ttl=60)
    with pytest.raises(Refusal, match=r"'a server' holds page 'ann' until .* nothing was"):
        await forget(store, "ann", 0, lambda: True, print)
    assert (await store.look("ann")).record.head == 1


class Busy(MemoryStore):
    """Before somebody acquires a page, somebody else goes on with it."""

    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        lease = await super().acquire(page, owner="a server", ttl=ttl)
        await self.append(lease, lease.head, [b"more"])
        await self.release(lease)
        return await super().acquire(page, owner=owner, ttl=ttl)


async def test_nothing_is_rewound_that_was_not_shown() -> None:
    store = Busy()
    await store.release(await store.create("ann", b"", [b"0", b"1"], owner="a server", ttl=60))
    with pytest.raises(Refusal, match="has gone on meanwhile: nothing was changed"):
        await forget(store, "ann", 0, lambda: True, print)
    assert (await store.look("ann")).record.head == 2


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
