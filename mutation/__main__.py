"""Sow the faults with mutmut, then judge: `python -m mutation`. What is mutated: pyproject.toml."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from mutation.results import forget_survivors, results
from mutation.reviewed import reviewed
from mutation.verdict import enough, report

MUTANTS = Path("mutants")
LOG = MUTANTS / "output.log"


def main() -> int:
    """Run, print what survived and the figures; 1 if too many did."""
    parser = argparse.ArgumentParser("python -m mutation", description=__doc__)
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="how many at a time")
    parser.add_argument(
        "--again", action="store_true", help="only what survived last time, and functions changed"
    )
    parser.add_argument("--judge", action="store_true", help="only judge what was run last")
    parser.add_argument(
        "--tenths", type=int, default=10, choices=range(1, 11), help="how many of them to sow"
    )
    parser.add_argument("--seed", type=int, default=0, help="which, if not all")
    chosen = parser.parse_args()
    if not chosen.judge:
        if chosen.again:
            forget_survivors()
        else:
            shutil.rmtree(MUTANTS, ignore_errors=True)
        _sow(chosen.processes, _sample(chosen.tenths, chosen.seed))
    whole = chosen.tenths == 10
    mutants = [each for each in results() if whole or each.status != "not checked"]
    print(report(mutants, reviewed(), whole=whole))
    return 0 if enough(mutants) else 1


def _sample(tenths: int, seed: int) -> list[str]:
    """Patterns for about so many tenths of the mutants: those whose numbers end in some digits."""
    if tenths == 10:
        return []
    digits = sorted(random.Random(seed).sample("0123456789", tenths))
    print(f"a sample of {tenths} tenths, seed {seed}: numbers that end in {', '.join(digits)}")
    return [f"*[{''.join(digits)}]"]


def _sow(processes: int, patterns: list[str]) -> None:
    """Let mutmut run; its progress is for a terminal, and else shown if it fails."""
    MUTANTS.mkdir(exist_ok=True)
    mutmut = Path(sys.executable).parent / "mutmut"
    command = [str(mutmut), "run", "--max-children", str(processes), *patterns]
    if sys.stdout.isatty():
        subprocess.run(command, check=True)
        return
    with LOG.open("w") as log:
        done = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.exit(LOG.read_text()[-10_000:])


if __name__ == "__main__":
    sys.exit(main())
