"""The sign-up: as a conversation, in the terminal, as a program, and as a page."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio
import trio.testing

from examples.wizard.page import sign_up_page
from examples.wizard.signup import Account, Accounts, Book, SignUp, sign_up
from examples.wizard.terminal import Lines, converse
from spindle.testing import Transcript
from spindle.view import WENT_WRONG
from spindle.web import Limits, open_site
from spindle.web.memory import Visitor, visit
from spindle.web.site import Site

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "examples.wizard"]
ADA = Account("Ada", "ada@example.org")


@contextmanager
def typed(text: str) -> Iterator[Lines]:
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    try:
        yield Lines(reading)
    finally:
        os.close(reading)


def test_a_sign_up() -> None:
    book = Book()
    run = Transcript(sign_up, provide={Accounts: book})
    run.expect(SignUp.AskName()).answer(SignUp.NameGiven("Ada"))
    run.expect(SignUp.AskEmail("Ada")).answer(SignUp.EmailGiven("ada@example.org"))
    run.expect(SignUp.Confirm("Ada", "ada@example.org")).answer(SignUp.Decided(yes=True))
    assert run.result == ADA
    assert book.accounts == [ADA]


def test_it_asks_again_until_it_can_use_the_answer() -> None:
    run = Transcript(sign_up, provide={Accounts: Book()})
    run.expect(SignUp.AskName()).answer(SignUp.NameGiven(" "))
    again = SignUp.AskName("", "A name has at least one letter.")
    run.expect(again).answer(SignUp.NameGiven("admin"))
    run.expect(SignUp.AskName("admin", "admin is taken.")).answer(SignUp.NameGiven("Ada"))
    run.expect(SignUp.AskEmail("Ada")).answer(SignUp.EmailGiven("somewhere"))
    asked = SignUp.AskEmail("Ada", "somewhere", "An address has an @ in it.")
    run.expect(asked).answer(SignUp.EmailGiven("ada@example.org"))
    run.expect(SignUp.Confirm("Ada", "ada@example.org")).answer(SignUp.Decided(yes=False))
    assert run.result is None


@pytest.mark.parametrize("typing", ["Ada\nada@example.org\nn\n", "Ada\nada@example.org\n", "Ada"])
async def test_who_does_not_sign_up_keeps_no_name(typing: str) -> None:
    book = Book()
    with typed(typing) as lines:
        try:
            assert await converse(lines, book) is None
        except EOFError:
            assert not typing.endswith("n\n")
    assert book.names == {"admin", "root"}
    assert book.accounts == []


async def test_lines_come_in_any_pieces() -> None:
    reading, writing = os.pipe()
    lines = Lines(reading)
    pieces = ["Grü".encode()[:-1], "Grü".encode()[-1:] + b"n\r\nsecond\nla", b"st"]

    async def types() -> None:
        for piece in pieces:
            os.write(writing, piece)
            await trio.sleep(0.02)
        os.close(writing)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(types)
        assert await lines.next() == "Grün"
        assert await lines.next() == "second"
        assert await lines.next() == "last"
        with pytest.raises(EOFError):
            await lines.next()
    os.close(reading)


async def test_what_it_raises_is_raised() -> None:
    class Broken(Book):
        async def create(self, account: Account) -> None:
            raise ConnectionError("no route to the accounts")

    book = Broken()
    with typed("Ada\na@b\ny\n") as lines, pytest.raises(ConnectionError, match="no route"):
        await converse(lines, book)


@pytest.mark.parametrize(
    ("answers", "status", "said"),
    [
        (
            "Ada\nada@example.org\nyes\n",
            0,
            "Your name? Your address, Ada? Sign up Ada <ada@example.org>? [y/n] Welcome, Ada.\n",
        ),
        (
            "Ada\na@b\nn\n",
            1,
            "Your name? Your address, Ada? Sign up Ada <a@b>? [y/n] Nothing was signed up.\n",
        ),
        ("root\n", 1, "Your name? root is taken. Your name? \nNothing was signed up.\n"),
        ("", 1, "Your name? \nNothing was signed up.\n"),
    ],
)
def test_the_program_answered_by_a_pipe(answers: str, status: int, said: str) -> None:
    done = subprocess.run(
        PROGRAM, cwd=ROOT, input=answers, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, said, "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_the_program_without_a_traceback() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(PROGRAM, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as program:
        assert program.stdout is not None
        assert program.stdout.read(11) == b"Your name? "
        program.send_signal(signal.SIGINT)
        said, complained = program.communicate(timeout=30)
    assert (program.returncode, complained) == (130, b"")
    assert said == b"\nInterrupted: nothing was signed up.\n"


def test_an_unknown_argument_is_answered_with_the_usage() -> None:
    done = subprocess.run(
        [*PROGRAM, "--pge"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "usage: python -m examples.wizard [--page]\n"


# --- as a page ------------------------------------------------------------------------------------


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
async def site(book: Book) -> AsyncIterator[Site]:
    app = sign_up_page(book)
    app.limits = Limits(first_render=10)  # a busy machine shall not show the loading view
    async with open_site(app) as site:
        yield site


async def at_confirm(site: Site, name: str = "Ada") -> Visitor:
    visitor = await visit(site, "/")
    assert "Who are you?" in visitor.html
    await visitor.connect()
    _ = await visitor.settled(await visitor.submit(SignUp.NameGiven, {"name": name}))
    await visitor.shows(f"Hello, {name}")
    _ = await visitor.settled(await visitor.submit(SignUp.EmailGiven, {"email": "ada@example.org"}))
    await visitor.shows("Is this right?")
    return visitor


async def test_W3_a_sign_up_as_a_page(site: Site, book: Book) -> None:
    visitor = await at_confirm(site)
    _ = await visitor.click(SignUp.Decided(yes=True))
    await visitor.shows("Welcome, Ada.")
    assert "You can be reached at ada@example.org." in visitor.html
    assert book.accounts == [ADA]


async def test_W3_who_says_no_on_the_page_keeps_no_name(site: Site, book: Book) -> None:
    visitor = await at_confirm(site)
    assert "Ada" in book.names
    _ = await visitor.click(SignUp.Decided(yes=False))
    await visitor.shows("Nothing was signed up.")
    assert book.names == {"admin", "root"}


async def test_W3_what_is_wrong_with_an_answer_stands_beside_its_field(site: Site) -> None:
    visitor = await visit(site, "/")
    await visitor.connect()
    _ = await visitor.submit(SignUp.NameGiven, {"name": "admin"})
    await visitor.shows("admin is taken.")
    assert 'aria-invalid="true"' in visitor.html
    assert 'value="admin"' in visitor.html, "what was typed can be mended"
    _ = await visitor.submit(SignUp.NameGiven, {"name": "<b>Ada</b>"})
    await visitor.shows("Hello, &lt;b&gt;Ada&lt;/b&gt;")
    assert "aria-invalid" not in visitor.html


async def test_W3_five_reloads_leave_one_runner(site: Site, book: Book) -> None:
    visitor = await at_confirm(site)
    for _ in range(5):
        visitor = await visitor.reload()
        assert "Ada" not in book.names, "the name was free before the question came again"
        await visitor.connect()
        _ = await visitor.settled(await visitor.submit(SignUp.NameGiven, {"name": "Ada"}))
        await visitor.shows("Hello, Ada")
        assert (site.live_pages, book.names) == (1, {"admin", "root", "Ada"})


async def test_W3_closing_the_tab_gives_the_name_back(site: Site, book: Book) -> None:
    visitor = await at_confirm(site)
    other = await visit(site, "/")
    await other.connect()
    _ = await other.submit(SignUp.NameGiven, {"name": "Ada"})
    await other.shows("Ada is taken.")
    await visitor.close()
    await trio.testing.wait_all_tasks_blocked()
    assert (site.live_pages, book.names) == (1, {"admin", "root"})
    _ = await other.submit(SignUp.NameGiven, {"name": "Ada"})
    await other.shows("Hello, Ada")


async def test_W3_what_fails_is_told_without_saying_why(
    site: Site, book: Book, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(account: Account) -> None:
        raise ConnectionError("no route to the accounts")

    monkeypatch.setattr(book, "create", fail)
    visitor = await at_confirm(site)
    _ = await visitor.click(SignUp.Decided(yes=True))
    await visitor.shows("Something went wrong. Nothing was signed up.")
    assert WENT_WRONG not in visitor.html
    assert "no route" not in visitor.html
    assert "ConnectionError: no route" in caplog.text
    assert book.names == {"admin", "root"}
