"""Somebody at a terminal, or a pipe, answers."""

from __future__ import annotations

import os

import trio

from examples.wizard.signup import Account, Accounts, SignUp, sign_up
from spindle import Cancelled, Completed, Errored, Suspended, open_coroutine

__all__ = ["Lines", "converse"]


class Lines:
    """The lines of a file, read beside the rest of the program."""

    def __init__(self, file: int) -> None:
        """Read from the descriptor `file`."""
        self._file = file
        self._unread = b""

    async def next(self) -> str:
        """Wait for a line. Giving up the wait loses the next one: only a program that ends does.

        Raises:
            EOFError: there are no more.
        """
        while b"\n" not in self._unread:
            # Not sys.stdin: a read that is abandoned would hold its lock when the program exits.
            more = await trio.to_thread.run_sync(os.read, self._file, 4096, abandon_on_cancel=True)
            if not more:
                break
            self._unread += more
        if not self._unread:
            raise EOFError
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")


async def converse(lines: Lines, accounts: Accounts) -> Account | None:
    """Sign somebody up.

    Raises:
        EOFError: whoever answers went away in the middle; the name is free again.
        Exception: what the sign-up raised.
    """

    async def answer(prompt: str, problem: str = "") -> str:
        print(f"{problem} {prompt}".lstrip(), end=" ", flush=True)
        return await lines.next()

    async with open_coroutine(sign_up, provide={Accounts: accounts}) as runner:
        state = await runner.run()
        while isinstance(state, Suspended):
            match state.ask:
                case SignUp.AskName(_, problem) as ask:
                    said = await answer("Your name?", problem)
                    state = await runner.resume(ask, SignUp.NameGiven(said))
                case SignUp.AskEmail(name, _, problem) as ask:
                    said = await answer(f"Your address, {name}?", problem)
                    state = await runner.resume(ask, SignUp.EmailGiven(said))
                case SignUp.Confirm(name, email) as ask:
                    said = await answer(f"Sign up {name} <{email}>? [y/n]")
                    yes = said.strip().lower().startswith("y")
                    state = await runner.resume(ask, SignUp.Decided(yes))
                case ask:
                    raise AssertionError(f"nobody can answer {ask}")
    match state:
        case Completed(account):
            return account
        case Errored(error):
            raise error
        case Cancelled():
            return None
