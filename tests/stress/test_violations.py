"""That it finds what it looks for: a fault of each kind is planted, and found."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain, repeat
from textwrap import dedent

import pytest

from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.ledger import Ledger, Letter
from spindle._core.kernel.waits import TakeWait
from spindle._core.operations.scope import Cleanup
from spindle._core.settlement import Settlement
from spindle._runtime.page import PageMachine
from spindle.stress import run, site_visit, site_visits
from spindle.web.http.front import Front
from spindle.web.http.response import nothing
from spindle.web.live.birth import Birthplace
from spindle.web.socket.session import Session
from spindle.web.socket.shown import Shown
from tests.stress.command import Command, Said

pytestmark = pytest.mark.mutant


def violated(said: Said) -> str:
    assert said.status == 1, said.out
    assert said.figure("violations").split()[-1] != "0"
    return said.out


# --- in the process -----------------------------------------------------------------------------


def test_a_wait_that_is_left(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TakeWait, "withdraw", lambda wait, kernel: None)
    assert "waits to take left" in violated(command.own())


def test_a_cleanup_that_does_not_run(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Cleanup.__init__
    monkeypatch.setattr(
        Cleanup, "__init__", lambda scope, seconds, *, shield: usual(scope, seconds, shield=False)
    )
    assert "cleanups not run left" in violated(command.own())


def test_a_page_that_says_it_has_not_ended(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PageMachine, "ended", False)
    found = violated(command.own())
    # Which ways of ending a page are drawn depends on the real clock.
    assert re.search("page as tasks, ended by .*: the page has not ended", found)


def test_a_ledger_that_does_not_balance(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(ledger: Ledger, letter: Letter, reason: str) -> None:
        ledger.handled += 1
        letter.settlement = Settlement.REFUSED

    monkeypatch.setattr(Ledger, "refuse", refuse)
    assert "events were refused, the ledger says 0" in violated(command.own())


def test_an_event_that_is_never_settled(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "refuse", lambda ledger, letter, reason: None)
    found = violated(command.own())
    assert "events were never settled" in found
    assert "events pending left" in found


def test_memory_that_grows(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: Iterator[int] = chain([10_000_000], repeat(30_000_000))
    monkeypatch.setattr(run, "resident_after_collection", lambda: next(sizes))
    assert "memory has grown from 10.0 MB to 30.0 MB" in violated(command.own(pages=80))


def test_tasks_that_are_left(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LINGER", 0.1)
    assert "tasks left after a wave of pages" in violated(command.visit("leaking", pages=80))


def test_tasks_that_are_left_in_the_only_wave(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "LINGER", 0.1)
    monkeypatch.setattr(run, "WAVE", 1000.0)
    assert "tasks left after a wave of pages" in violated(command.visit("leaking", pages=9))


@pytest.mark.slow
def test_tasks_that_are_left_for_longer_than_a_hang(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow: what is taken for a hang has to be longer than a busy machine takes for a page."""
    monkeypatch.setattr(run, "LINGER", 2.5)
    found = violated(command.visit("leaking", "--hang", "1", pages=9))
    assert "tasks left after a wave of pages" in found
    assert "no page has ended" not in found


@pytest.mark.parametrize("name", ["beginning_once", "sleeping_late"])
def test_a_task_that_is_started_once_is_not_left(
    command: Command, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "LINGER", 0.1)
    said = command.visit(name, pages=60)
    assert said.status == 0, said.out


def test_an_error_inside_spindle(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Kernel, "launch")
    found = violated(command.visit("well"))
    assert "raised by a page as tasks" in found
    assert "AttributeError: 'Kernel' object has no attribute 'launch'" in found


def test_an_error_inside_spindle_that_a_spindle_ends_with(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("spindle._core.operations.clock.RandomFloat")
    found = violated(command.own())
    assert "logged by spindle.page: Traceback" in found


def test_what_the_user_says_is_left(command: Command) -> None:
    assert ": a unit is reserved" in violated(command.visit("leaving_something"))


def test_what_is_raised_when_the_run_is_over(command: Command) -> None:
    assert "a unit is not back on the shelf" in violated(command.visit("not_put_back"))


def test_an_exception_that_nobody_can_catch(command: Command) -> None:
    assert "OSError: cannot be freed" in violated(command.visit("unraisable"))


def test_a_coroutine_that_is_not_awaited(command: Command) -> None:
    assert "RuntimeWarning: coroutine 'sleep' was never awaited" in violated(
        command.visit("unawaited")
    )


# --- the page's own failures --------------------------------------------------------------------


def test_failures_of_the_page_are_shown_and_are_no_violations(command: Command) -> None:
    said = command.visit("failing")
    assert said.status == 0, said.out
    assert said.figure("failures of the page").endswith("; no violations without --strict")
    assert said.out.count("LookupError: no such word") == 1
    assert "LookupError at visited.py:" in said.out


def test_a_failure_that_ends_its_page_is_counted_once(command: Command) -> None:
    said = command.visit("escalating")
    assert said.status == 0, said.out
    assert said.out.count("LookupError: no such word") == 1
    ended = int(said.figure("pages").split()[1])
    assert 0 < int(said.figure("failures of the page").split()[4].strip(";")) <= ended


@pytest.mark.parametrize("name", ["failing", "not_started", "overrunning", "failing_site"])
def test_unless_it_is_asked_to_be_strict(command: Command, name: str) -> None:
    assert command.visit(name, pages=8).status == 0
    said = command.visit(name, "--strict", pages=8)
    assert said.status == 1
    assert "; violations, as --strict says" in said.figure("failures of the page")


def test_what_fails_on_purpose_does_not_count(command: Command) -> None:
    said = command.visit("failing_on_purpose", "--strict")
    assert said.status == 0, said.out


# --- over sockets -------------------------------------------------------------------------------


def test_a_connection_that_fails(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Shown, "update")
    found = violated(command.sockets())
    assert "logged by spindle.web" in found
    assert "AttributeError: 'Shown' object has no attribute 'update'" in found


def test_a_text_that_drifts(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spindle.web.tab.checksum", lambda html: 1)
    assert "the text of a page is another one than the server's" in violated(command.sockets())


def test_an_event_that_is_settled_twice(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Session._reply

    def reply(session: Session, *settled: object) -> None:
        usual(session, *settled)  # type: ignore[arg-type]
        usual(session, *settled)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "_reply", reply)
    assert "an event was settled twice" in violated(command.sockets())


def test_a_page_that_outlives_its_reload(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    async def leave(birthplace: Birthplace, token: str) -> None: ...

    monkeypatch.setattr(Birthplace, "leave", leave)
    monkeypatch.setattr(site_visits, "WAYS", (site_visits.RELOAD,))
    assert "a page was loaded anew before the old one had ended" in violated(command.sockets())


def test_a_socket_that_the_server_closes(command: Command) -> None:
    assert "the server closed a socket with 4429" in violated(command.visit("hasty_site"))


def test_a_frame_that_is_no_message(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spindle.web.socket.session.encode", lambda message: "{}")
    monkeypatch.setattr(site_visit, "WAIT", 0.0)
    assert "the server sent what is no message" in violated(command.sockets())


def test_a_socket_that_is_refused(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Front, "refuse_socket", lambda front, request: nothing(403))
    assert "a connection broke: ConnectionRejected" in violated(command.sockets())


# --- what hangs ---------------------------------------------------------------------------------


def test_a_run_that_hangs_is_cancelled_and_shows_its_pages(command: Command) -> None:
    said = command.visit("waiting", "--hang", "0.2")
    assert "no page has ended for 0.2 s" in violated(said)
    assert "page as tasks, ended by" in said.error
    assert "Desk.Talk: waiting for yield" in said.error


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "grace", "shown"),
    [("hanging", 1.0, "Desk.Talk: "), ("busy", 0.3, "the event loop stands still, here:")],
)
def test_a_run_that_cannot_be_cancelled_is_ended(name: str, grace: float, shown: str) -> None:
    """Slow: it gets a second to end by itself. Buys: a command that comes back whatever hangs."""
    code = f"""
        import sys
        from spindle.stress import watchdog
        from spindle.stress.command import main
        watchdog.GRACE = {grace}
        sys.exit(main(["tests.stress.visited:{name}", "--pages", "20", "--hang", "0.3"]))
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert shown in done.stderr
    assert "no page has ended for 0.3 s" in done.stdout
