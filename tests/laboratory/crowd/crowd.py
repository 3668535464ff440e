"""One run of that page with one thing done to it at one step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import trio
import trio.testing

from spindle._core.kernel.record import ENDING, NEW, Record
from tests.laboratory.crowd.meddling import MEDDLING
from tests.laboratory.crowd.play import PLAY
from tests.laboratory.injection import AtStep, When
from tests.laboratory.programs.performance import Performance

__all__ = ["Crowd"]


class Crowd(Performance):
    """A run, and what is left of it afterwards."""

    def __init__(self, meddling: str, at: int, when: When, seed: int, *, hosted: bool) -> None:
        super().__init__(PLAY, "hosted" if hosted else "task", seed)
        self.instrument = AtStep(at, when, self._meddle)
        self.instruments = [self.instrument]
        self.name = f"{meddling} {when} step {at}, {self.driver}, seed {seed}"
        self.meddling = meddling
        self.ended: list[Record] = []
        """Every coroutine, in the order in which their outcomes stood."""
        self.tasks_left = 0
        self.host = trio.CancelScope()
        self.page: Any = None
        if not hosted:
            self.world.make_scope = trio.CancelScope

    def _meddle(self) -> None:
        # Where spindles are hosted their code runs in here; trio would log an error and go on.
        try:
            MEDDLING[self.meddling](self)
        except Exception as error:
            self.world.faults.append(f"meddling raised {error!r}")

    def play(self) -> Crowd:
        with _watching(self):
            super().play()
        return self

    def forget(self) -> None:
        self.page = None
        self.host = trio.CancelScope()
        self.ended.clear()
        super().forget()

    async def _page(self) -> None:
        before = await _tasks()
        with self.host:
            await super()._page()
        self.instrument.armed = False
        self.tasks_left = await _tasks() - before

    async def _scenario(self, stage: Any) -> None:
        self.page = stage.page
        self.instrument.armed = True
        await super()._scenario(stage)
        if self.turns.inputs or self.kernel.ready:
            return
        for record in self.kernel.live.values():
            if record.state is NEW and record.alarm is None:
                self.world.faults.append(f"{record.name} has never started")


async def _tasks() -> int:
    with trio.CancelScope(shield=True):
        await trio.testing.wait_all_tasks_blocked()
    return trio.lowlevel.current_statistics().tasks_living


@contextmanager
def _watching(run: Crowd) -> Iterator[None]:
    """Note what happens to coroutines where no message and no log would show it."""
    end, cancel = Record.end, Record.cancel  # type: ignore[attr-defined]

    def ends(record: Record, outcome: Any) -> None:
        run.ended.append(record)
        if record.owner is not None and record.owner.state is ENDING and record.cancel is None:
            run.world.faults.append(f"{record.name} went on, its owner did not")
        end(record, outcome)

    def is_cancelled(record: Record, why: Any) -> None:
        if why is not None and getattr(record, "cancel", None) is not None:
            run.world.faults.append(f"{record.name} is cancelled a second time")
        cancel.__set__(record, why)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Record, "end", ends)
        patch.setattr(Record, "cancel", property(cancel.__get__, is_cancelled))
        yield
