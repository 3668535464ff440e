"""The command: what it says and returns when all is well, and when it is not understood.

Slow: a run takes the time it is given, by the real clock.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stress.command import VISITED, Command

pytestmark = pytest.mark.slow


def test_a_moment_of_it_finds_nothing(command: Command) -> None:
    said = command.run("--seconds", "2", "--seed", "7")
    assert (said.status, said.figure("violations").split()[-1]) == (0, "0"), said.out
    for opened in ("as tasks", "hosted", "on a host", "over sockets"):
        assert f"({opened})" in said.out
    assert "seed 7" in said.figure("run")


def test_so_many_pages_and_no_more_than_are_open_then(command: Command) -> None:
    said = command.own("--at-once", "5", pages=60)
    assert said.status == 0, said.out
    ended = int(said.figure("pages").split()[1].replace(",", ""))
    assert 60 <= ended < 60 + 5 * 16
    assert "over sockets" not in said.out


@pytest.mark.parametrize("name", ["well", "failing_site"])
def test_no_visitor_keeps_a_run_from_its_end(command: Command, name: str) -> None:
    said = command.run(f"{VISITED}:{name}", "--seconds", "0.3", "--patience", "5")
    assert said.status == 0, said.out
    assert float(said.figure("pages").split()[3]) < 3


def test_the_figures_are_written_as_json(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    assert command.own("--json", str(path)).status == 0
    figures = json.loads(path.read_text())
    assert figures["clean"] is True
    assert sum(figures["pages"].values()) >= 40
    assert set(figures["cancel_to_gone_ms"]["as tasks"]) == {"count", "p50", "p99", "longest"}
    assert "count" in figures["socket_round_trip_ms"]
    assert figures["memory"]["end"] <= figures["memory"]["allowed"]
    assert figures["violations"] == {}


def test_a_page_of_the_users_is_visited(command: Command) -> None:
    said = command.visit("well", "--strict", pages=100)
    assert said.status == 0, said.out
    assert said.figure("run").endswith("tests.stress.visited:well, seed 0")
    assert int(said.figure("conversations").split()[1]) > 0


def test_a_site_of_the_users_is_visited(command: Command) -> None:
    said = command.visit("app", "--path", "/desk/1", "--path", "/desk/2", "--strict", pages=40)
    assert said.status == 0, said.out
    assert "over sockets" in said.out
    assert "as tasks" not in said.out
    assert "p50" in said.figure("socket round trip")


def test_a_load_of_a_site_is_visited_where_it_says_or_where_it_is_told(command: Command) -> None:
    assert command.visit("failing_site", pages=4).figure("failures of the page").split()[4] != "0;"
    said = command.visit("failing_site", "--path", "/desk/7", pages=4)
    assert said.status == 0, said.out


def test_visitors_for_whom_there_is_no_room_are_told(command: Command) -> None:
    said = command.visit("crowded_site", "--at-once", "3", pages=10)
    assert said.status == 0, said.out
    assert "GET /desk/1 was answered 503, without a page" in said.figure("warned")


@pytest.mark.parametrize(
    "name", ["ending_the_page", "started_late", "made_by_hand", "opened_and_closed"]
)
def test_it_may_be_made_in_other_ways(command: Command, name: str) -> None:
    said = command.visit(name, "--strict")
    assert said.status == 0, said.out


def test_help_shows_how_it_is_used(command: Command) -> None:
    said = command.run("--help")
    assert said.status == 0
    assert "python -m spindle.stress shop.app:make --path /buy/tea" in said.out
    assert "Status: 0 if all was well, 1 if anything was wrong" in said.out


@pytest.mark.parametrize(
    ("arguments", "because"),
    [
        (["--seconds", "0"], "0 is not above 0"),
        (["--seconds", "abc"], "argument --seconds: 'abc' is no number"),
        (["--seconds", "nan"], "argument --seconds: 'nan' is no number"),
        (["--hang", "inf"], "argument --hang: inf is without end: give a number of seconds"),
        (["--pages", "1.5"], "argument --pages: '1.5' is no whole number"),
        (["--seconds", "1", "--pages", "1"], "not allowed with argument"),
        (["--at-once", "0"], "0 is below 1"),
        (["--path", "/"], "name it, as package.module:name"),
        (["--json", "/no/such/folder/x.json"], "is no file in a folder that is there"),
        (["shop.app"], "'shop.app' names no page. Name it as package.module:name"),
        (["no.such:thing"], "there is no module 'no.such'"),
        ([f"{VISITED}:nobody"], f"module '{VISITED}' has no 'nobody'"),
        ([f"{VISITED}:Desk.Nothing"], f"module '{VISITED}' has no 'Desk.Nothing'"),
        (["trio:run"], "trio:run wants arguments: async_fn. Name an App"),
        (["examples.checkout.app:tea_shop"], "wants arguments: shop. Name an App, a SiteLoad"),
        ([f"{VISITED}:nothing"], "gives None. Name an App, a SiteLoad, a PageLoad"),
        ([f"{VISITED}:well", "--path", "/"], "is a PageLoad, which has no addresses"),
        ([f"{VISITED}:well", "--no-sockets"], "--no-sockets is for Spindle's own page"),
        ([f"{VISITED}:unmakeable"], "Strict.Odd.Given.word: the pattern '^(?=x)x' is not a simple"),
        ([f"{VISITED}:unmakeable"], "values={Strict.Odd.Given: lambda draw: Given(...)}"),
        ([f"{VISITED}:made_wrongly"], "it has to make a Strict.Odd.Given"),
        ([f"{VISITED}:wrong_paths"], "give a tuple of addresses, as in ('/buy/tea',)"),
        ([f"{VISITED}:wrong_values"], "a function for Strict.Odd.Given, no event of the page"),
        ([f"{VISITED}:only"], "every page of tests.stress.visited:only has parameters"),
        ([f"{VISITED}:app"], "GET /broken was answered 500, without a page that lives"),
        ([f"{VISITED}:app", "--path", "/nowhere"], "the app has no page at /nowhere"),
        ([f"{VISITED}:app", "--path", "/desk/x"], "GET /desk/x was answered 404"),
    ],
)
def test_what_is_not_understood_says_what_to_write(
    command: Command, arguments: list[str], because: str
) -> None:
    said = command.run(*arguments)
    assert said.status == 2
    assert because in " ".join(said.error.split())
    assert said.out == ""


def test_a_module_that_cannot_be_imported_is_shown(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ill_shop.py").write_text("import no_such_database\n")
    monkeypatch.syspath_prepend(tmp_path)
    said = command.run("ill_shop:app")
    assert said.status == 2
    assert "ModuleNotFoundError: No module named 'no_such_database'" in said.error


def test_who_interrupts_it_gets_the_report_so_far(command: Command) -> None:
    said = command.visit("interrupted")
    assert said.status == 130
    assert "Interrupted. So far:" in said.error
    assert said.figure("violations").split()[-1] == "0"


def test_it_is_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "spindle.stress", "--no-sockets", "--pages", "20"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "violations             0\n" in done.stdout


def test_nothing_else_of_spindle_loads_it() -> None:
    code = (
        "import sys, spindle, spindle.testing, spindle.web, spindle.view; "
        "print([name for name in sys.modules if name.startswith('spindle.stress')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
