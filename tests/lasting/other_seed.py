"""Moments of pages that are taken up in a process whose strings hash in another way.

Run as a program it is that process: it reads moments, takes each up, and tells what went wrong.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import trio
from trio.testing import MockClock

from tests.lasting.prefixes import Moment, taken_up

__all__ = ["taken_up_elsewhere"]

ROOT = Path(__file__).parents[2]
WORD = "spindle"


def taken_up_elsewhere(moments: list[Moment], seed: int) -> list[str]:
    """Take all up in one process.

    Args:
        moments: how pages stood, and what was kept of them.
        seed: of its hashes.

    Returns:
        What went wrong.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name],
        input=pickle.dumps(moments),
        stdout=subprocess.PIPE,
        env=environment,
        cwd=ROOT,
        check=True,
    )
    number, hashed, wrong = pickle.loads(done.stdout)
    assert number == len(moments)
    assert hashed != hash(WORD), "both hash in the same way: it shows nothing"
    found: list[str] = wrong
    return found


def _main() -> None:
    moments: list[Moment] = pickle.load(sys.stdin.buffer)
    wrong: list[str] = []
    for moment in moments:
        try:
            trio.run(taken_up, moment, clock=MockClock(autojump_threshold=0))
        except BaseException as error:
            wrong.append(f"{type(error).__name__}: {error}")
    pickle.dump((len(moments), hash(WORD), wrong), sys.stdout.buffer)


if __name__ == "__main__":
    _main()
