"""The command line: what is asked for, and the status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from spindle._core.errors import UsageError
from spindle._tools.refusal import Refusal
from spindle.durable.errors import PageLogCorrupt, StoreError
from spindle.durable.sqlite.looking import looked_into
from spindle.durable.store import PageStatus

__all__ = ["main"]

PROGRAM: Final = "spindle"
ABOUT: Final = "Look into a store of pages, and see whether today's code goes on with them."
UNDONE: Final = 2
INTERRUPTED: Final = 130

CHECK: Final = """\
Tell the code of today the logs of all pages that are not over, as a server would when it takes them
up. No call is made, nothing is written, and a server that runs is not disturbed. The modules with
your contracts and spindles are imported, from the current directory first."""
CHECK_END: Final = """\
Status: 0 if all pages go on, 1 if some do not, 2 if that could not be found out."""
SHOW: Final = """\
Print what came into a page, numbered, and what it did because of that. Of a damaged log, what is
before the damage; the status is 1 then."""
REWIND: Final = """\
Let a page forget what came in behind an input, for good. It goes on from there when it is taken up
again. What its calls have done stays done. The server has to be stopped, for a store belongs to one
process at a time."""


class Options(argparse.Namespace):
    """What was asked for."""

    store: Path
    do: Callable[[Options], int]
    page: str
    pages: list[str]
    app: str | None
    sample: int | None
    json: bool
    status: str | None
    to: int
    yes: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line.

    Args:
        arguments: those of the process if none are given.

    Returns:
        The status: 0 if all is well, 1 if a page does not go on or is damaged, or a question was
        answered with no; 2 if what was asked could not be done, 130 after Ctrl-C.

    Raises:
        SystemExit: with 2, the arguments are not understood; with 0, they ask for help.
    """
    options = _parser().parse_args(arguments, Options())
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)  # where `python -m` looks, too
    try:
        status = options.do(options)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNDONE
    except (Refusal, StoreError, PageLogCorrupt, UsageError, OSError) as error:
        print(f"{PROGRAM}: {_told(error)}", file=sys.stderr)
        return UNDONE
    except KeyboardInterrupt:
        return INTERRUPTED


def _told(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no file {error.filename}"
    return str(error)


# --- the commands -------------------------------------------------------------------------------


def _check(options: Options) -> int:
    from spindle._tools.check import check
    from spindle._tools.given import given_by

    provide = None if options.app is None else given_by(options.app)
    with looked_into(options.store) as file:
        found = check(file, provide, options.pages, options.sample, print)
    print(found)
    return found.status


def _show(options: Options) -> int:
    from spindle._tools.log_show import show

    with looked_into(options.store) as file:
        return show(file, options.page, options.json, print)


def _list(options: Options) -> int:
    from spindle._tools.log_list import list_pages

    status = None if options.status is None else PageStatus(options.status)
    with looked_into(options.store) as file:
        return list_pages(file, status, options.json, print)


def _rewind(options: Options) -> int:
    from spindle._tools.log_rewind import rewind

    with looked_into(options.store):
        pass  # it is one: opened for writing, it would be made one
    confirmed = _agrees if not options.yes else lambda: True
    return rewind(options.store, options.page, options.to, confirmed, print)


def _agrees() -> bool:
    try:
        return input("Forget this for good? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


# --- the arguments ------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=ABOUT)
    commands = parser.add_subparsers(required=True, metavar="command")
    check = _command(
        commands.add_parser, "check", _check, "does today's code go on with the pages?", CHECK
    )
    check.epilog = CHECK_END
    check.add_argument(
        "--app",
        metavar="MODULE:APP",
        help="the App, or the mapping of a host's provide=, that has what spindles `use`; ports "
        "need none",
    )
    check.add_argument("--sample", type=_count, metavar="N", help="so many pages only")
    check.add_argument(
        "--page", action="append", default=[], dest="pages", metavar="NAME", help="only this one"
    )
    log = commands.add_parser("log", help="what is kept of pages").add_subparsers(
        required=True, metavar="command"
    )
    show = _command(log.add_parser, "show", _show, "print a page's story", SHOW)
    show.add_argument("page")
    show.add_argument("--json", action="store_true", help="for programs")
    rewind = _command(
        log.add_parser, "rewind", _rewind, "let a page forget its last inputs", REWIND
    )
    rewind.add_argument("page")
    rewind.add_argument("--to", type=_number, required=True, metavar="N", help="the last to stay")
    rewind.add_argument("--yes", action="store_true", help="do not ask")
    listed = _command(log.add_parser, "list", _list, "list the pages", "List pages by name.")
    listed.add_argument("--status", choices=[each.value for each in PageStatus])
    listed.add_argument("--json", action="store_true", help="for programs: an object a line")
    return parser


def _command(
    add: Callable[..., argparse.ArgumentParser],
    name: str,
    do: Callable[[Options], int],
    about: str,
    description: str,
) -> argparse.ArgumentParser:
    parser = add(name, help=about, description=description)
    parser.add_argument("--store", type=Path, required=True, metavar="FILE", help="its file")
    parser.set_defaults(do=do)
    return parser


def _count(text: str) -> int:
    number = _number(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return number


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
