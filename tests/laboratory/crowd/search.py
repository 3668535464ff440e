"""Every step of that page's run, each with everything that can be done to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from typing import get_args

from spindle._core.kernel.record import SpindleRecord
from spindle._core.states import Yielded
from tests.laboratory.crowd.crowd import Crowd
from tests.laboratory.injection import When
from tests.laboratory.programs.checks import faults
from tests.laboratory.search import Violation

__all__ = ["search", "violations"]


def search(
    meddling: Iterable[str], *, hosted: bool, seeds: Iterable[int] = (0,), stride: int = 1
) -> Iterator[Crowd]:
    """Play a run for each step of each injection, before and after it.

    Raises:
        Violation: something did not hold.
    """
    for name in meddling:
        for when in get_args(When):
            for seed in seeds:
                for at in count(1 + seed % stride, stride):
                    run = Crowd(name, at, when, seed, hosted=hosted).play()
                    found = violations(run)
                    if found:
                        log = "\n".join(run.log)
                        run.forget()
                        raise Violation("\n  ".join([f"{run.name}:", *found]) + f"\n\n{log}")
                    yield run
                    if not run.instrument.acted:
                        break


def violations(run: Crowd) -> list[str]:
    """Everything that is wrong with a run; empty if nothing is."""
    if run.broke:
        return [run.broke]
    return [*faults(run), *_owners_end_last(run), *_numbers_are_not_used_again(run), *_tasks(run)]


def _tasks(run: Crowd) -> Iterator[str]:
    if run.tasks_left:
        yield f"tasks left: {run.tasks_left}"


def _owners_end_last(run: Crowd) -> Iterator[str]:
    place = {record: number for number, record in enumerate(run.ended)}
    for record, times in Counter(run.ended).items():
        if times > 1:
            yield f"{record.name} ended {times} times"
        if record.owner is not None and place.get(record.owner, 1 << 30) < place[record]:
            yield f"{record.owner.name} ended before {record.name}"
        if not isinstance(record, SpindleRecord) and record.owner not in place:
            yield f"{record.name} ended, and never its owner"


def _numbers_are_not_used_again(run: Crowd) -> Iterator[str]:
    asked = [
        (entry.source.block, entry.source.instance, entry.source.yield_id)
        for _, entry in run.world.entries
        if isinstance(getattr(entry, "message", None), Yielded)
    ]
    again = [key for key, times in Counter(asked).items() if times > 1]
    if again:
        yield f"asked twice under one number: {again}"
