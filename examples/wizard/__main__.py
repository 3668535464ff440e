"""Sign up in the terminal: `python -m examples.wizard`; with `--page` in a browser."""

from __future__ import annotations

import sys

import trio

from examples.wizard.page import sign_up_page
from examples.wizard.signup import Book
from examples.wizard.terminal import Lines, converse

USAGE = "usage: python -m examples.wizard [--page]"


def main(arguments: list[str]) -> int:
    """Ask in the terminal, or serve until Ctrl-C. The status is 0 if all went well."""
    match arguments:
        case []:
            return ask()
        case ["--page"]:
            sign_up_page(Book()).run()
            return 0
        case _:
            print(USAGE, file=sys.stderr)
            return 2


def ask() -> int:
    """Ask at the terminal; the status is 0 if an account was made."""
    try:
        account = trio.run(converse, Lines(sys.stdin.fileno()), Book())
    except EOFError:
        print()
        account = None
    except KeyboardInterrupt:
        print("\nInterrupted: nothing was signed up.")
        return 130
    if account is None:
        print("Nothing was signed up.")
        return 1
    print(f"Welcome, {account.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
