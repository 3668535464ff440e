"""Run the figures, print a table, write `benchmarks/results/latest.json`."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.figures import NAMES
from benchmarks.measure import measure
from benchmarks.production import as_in_production
from benchmarks.table import OVER, as_json, mark, table

LATEST = Path(__file__).parent / "results" / "latest.json"


def load(names: list[str]) -> list[Figure]:
    """The figures of those names; of one whose feature is missing a line is printed instead."""
    figures: list[Figure] = []
    for name in names:
        try:
            module = import_module(f"benchmarks.figures.{name}")
        except ImportError as error:
            if error.name != "spindle":
                raise
            print(f"not there yet: {name} ({error.msg.partition(' (')[0]})")
        else:
            figures.append(module.figure)
    return figures


def chosen() -> list[str]:
    """The names given on the command line."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    listed = ", ".join(NAMES)
    parser.add_argument("name", nargs="*", help=f"a figure to run alone, of {listed}")
    names: list[str] = parser.parse_args().name
    for name in names:
        if name not in NAMES:
            parser.error(f"there is no figure {name!r}, only {listed}")
    return names


def main() -> int:
    """Measure, print, write. The status is 1 if a bound does not hold or a case failed."""
    names = chosen()
    as_in_production()
    cases = [case for figure in load(names or list(NAMES)) for case in figure.cases]
    results, failed = measure(cases)
    if results:
        print(
            f"Python {platform.python_version()}; smallest of all rounds, ratio of the smallest\n"
        )
        print(table(results))
    for case in failed:
        print(f"failed: {case}")
    if not names:
        LATEST.write_text(json.dumps([as_json(each) for each in results], indent=2) + "\n")
    return int(bool(failed) or any(mark(each) == OVER for each in results))


if __name__ == "__main__":
    sys.exit(main())
