"""The command line: what is asked for, the run, the report, the status."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from math import isinf, isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Final

import trio

from spindle._core.errors import UsageError
from spindle.stress.alarms import Alarms
from spindle.stress.blame import parts_of, shown
from spindle.stress.builtin.loads import kiosk_pages, kiosk_site
from spindle.stress.length import Length
from spindle.stress.making.errors import Unmakeable
from spindle.stress.page_load import PageLoad
from spindle.stress.process import resident
from spindle.stress.progress import Progress
from spindle.stress.report import Report
from spindle.stress.run import Run, Settings
from spindle.stress.target import find_target, open_target

if TYPE_CHECKING:
    from spindle.stress.site_load import SiteLoad

__all__ = ["main"]

PROGRAM: Final = "python -m spindle.stress"
ABOUT: Final = """\
Open pages, talk to them and end them, many at a time and in every way there is, on the real clock
and over real sockets. Nothing may be left of any page, nor the memory grow."""
EPILOG: Final = """\
The page is Spindle's own, or yours: name an App, a SiteLoad or PageLoad of spindle.stress, or a
function without arguments that makes one; it may be async, or a context manager. Answers are made
from the types of your events.

  %(prog)s
  %(prog)s --pages 100000 --json figures.json
  %(prog)s shop.app:make --path /buy/tea --seconds 600 --strict

Status: 0 if all was well, 1 if anything was wrong, 2 if this was not understood, 130 after Ctrl-C.
What a run shows, and what not: docs/stress.md"""
SECONDS: Final = 60.0
CLEAN, VIOLATED, MISUSED, INTERRUPTED = 0, 1, 2, 130


class Options(argparse.Namespace):
    """What was asked for."""

    page: str | None
    path: list[str]
    seconds: float | None
    pages: int | None
    at_once: int
    seed: int
    patience: float
    hang: float
    sockets: bool
    strict: bool
    json: Path | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line.

    Args:
        arguments: those of the process if none are given.

    Returns:
        The status: 0 if all was well, 1 if anything was wrong, 2 if the page is not there or cannot
        be played, 130 if the run was interrupted and all was well so far.

    Raises:
        SystemExit: with 2, the arguments are not understood; with 0, they ask for help.
    """
    options = _understood(arguments)
    report = Report(
        options.page or "Spindle's own page",
        options.seed,
        strict=options.strict or not options.page,
    )
    progress = Progress()
    try:
        found = None if options.page is None else find_target(options.page)
        with Alarms(report) as alarms:
            trio.run(_run, options, found, report, progress, alarms)
    except BaseException as error:  # noqa: ASYNC103 - nothing awaits here
        progress.done()
        return _reported_after(error, report, options)  # noqa: ASYNC104
    progress.done()
    return _reported(report, options)


async def _run(
    options: Options, found: object, report: Report, progress: Progress, alarms: Alarms
) -> None:
    seconds = SECONDS if options.seconds is None and options.pages is None else options.seconds
    settings = Settings(
        Length(seconds, options.pages),
        at_once=options.at_once,
        seed=options.seed,
        patience=options.patience,
        hang=options.hang,
    )
    async with _loads(options, found) as loads:
        for load in loads:
            alarms.expect(*(load.expected if isinstance(load, PageLoad) else ()))
        give_up = partial(_reported, report, options)
        await Run(loads, settings, report, progress, give_up).go()


@asynccontextmanager
async def _loads(
    options: Options, found: object
) -> AsyncGenerator[Sequence[PageLoad | SiteLoad], None]:
    if options.page is None:
        yield [kiosk_pages(), kiosk_site()] if options.sockets else [kiosk_pages()]
    else:
        async with open_target(found, options.page, options.path) as load:
            yield [load]


def _reported(report: Report, options: Options, all_well: int = CLEAN) -> int:
    report.memory_end = report.memory_end or resident()
    report.memory_warm = report.memory_warm or report.memory_end
    print(report)
    if options.json is not None:
        try:
            report.write(options.json)
        except OSError as error:
            print(f"{PROGRAM}: --json {options.json}: {error.strerror}", file=sys.stderr)
            return VIOLATED if not report.clean else MISUSED
    return all_well if report.clean else VIOLATED


def _reported_after(error: BaseException, report: Report, options: Options) -> int:
    if _is_interrupt(error):
        print("Interrupted. So far:", file=sys.stderr)
        return _reported(report, options, INTERRUPTED)
    wrong = _misuse(error)
    if wrong or not report.waves:
        print(wrong or shown(error), file=sys.stderr)
        return MISUSED
    when = "when the run was over" if report.over else "the run broke off"
    report.violated(f"{when}: {shown(error)}")
    return _reported(report, options)


# --- what went wrong ----------------------------------------------------------------------------


def _is_interrupt(error: BaseException) -> bool:
    return any(isinstance(each, KeyboardInterrupt) for each in parts_of(error))


def _misuse(error: BaseException) -> str:
    """What the user has to change; empty if it is nothing of the kind."""
    parts = list(parts_of(error))
    if all(isinstance(each, UsageError | Unmakeable) for each in parts):
        return "\n".join(f"{PROGRAM}: {each}" for each in parts)
    return ""


# --- the arguments ------------------------------------------------------------------------------


def _understood(arguments: Sequence[str] | None) -> Options:
    parser = _parser()
    options = parser.parse_args(arguments, Options())
    if options.page is None and options.path:
        parser.error("--path is an address of your own app: name it, as package.module:name")
    if options.page is not None and not options.sockets:
        parser.error("--no-sockets is for Spindle's own page: an App is always opened over sockets")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=ABOUT,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("page", nargs="?", metavar="package.module:name", help="your page (Spindle's own)")
    add("--path", action="append", default=[], help="an address of your app; may be given again")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=_positive, help=f"how long ({SECONDS:g})")
    length.add_argument("--pages", type=_count, help="or how many pages")
    add("--at-once", type=_count, default=16, help="visitors at a time, of each kind (16)")
    add("--seed", type=int, default=0, help="of what the visitors do (0)")
    add(
        "--patience",
        type=_positive,
        default=0.005,
        metavar="SECONDS",
        help="a visitor listens for so long, on average, before acting unasked (0.005)",
    )
    add(
        "--hang",
        type=_positive,
        default=60.0,
        metavar="SECONDS",
        help="the run has failed when no page has ended for so long (60)",
    )
    add(
        "--sockets",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="open Spindle's own page over sockets, too, or in the process only",
    )
    add("--strict", action="store_true", help="failures of your page's own code are violations")
    add("--json", type=_file, metavar="FILE", help="write the figures there, too")
    return parser


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = nan
    if isnan(number):
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    if number <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    if isinf(number):
        raise argparse.ArgumentTypeError(f"{text} is without end: give a number of seconds")
    return number


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return number


def _file(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no file in a folder that is there")
    return path
