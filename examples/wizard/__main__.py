"""Sign up in the terminal: `python -m examples.wizard`."""

from __future__ import annotations

import sys

import trio

from examples.wizard.signup import Book
from examples.wizard.terminal import Lines, converse


def main() -> int:
    """Ask; the status is 0 if an account was made."""
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
    sys.exit(main())
