"""The sign-up in the terminal: as a conversation, in this process, and as a program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio

from examples.wizard.signup import (
    Account,
    Accounts,
    AskEmail,
    AskName,
    Book,
    Confirm,
    sign_up,
)
from examples.wizard.terminal import Lines, converse
from spindle.testing import Transcript

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
    run.expect(AskName()).answer("Ada")
    run.expect(AskEmail("Ada")).answer("ada@example.org")
    run.expect(Confirm("Ada", "ada@example.org")).answer(True)
    assert run.result == ADA
    assert book.accounts == [ADA]


def test_it_asks_again_until_it_can_use_the_answer() -> None:
    run = Transcript(sign_up, provide={Accounts: Book()})
    run.expect(AskName()).answer(" ")
    run.expect(AskName("A name has at least one letter.")).answer("admin")
    run.expect(AskName("admin is taken.")).answer("Ada")
    run.expect(AskEmail("Ada")).answer("somewhere")
    run.expect(AskEmail("Ada", "An address has an @ in it.")).answer("ada@example.org")
    run.expect(Confirm("Ada", "ada@example.org")).answer(False)
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
