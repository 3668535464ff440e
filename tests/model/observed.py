"""A real page, and of it what the model speaks of, in the model's words."""

from __future__ import annotations

import re
from typing import Any

from spindle import Cancelled, Completed, Errored, Source
from spindle._core.journal import Entry, MessageSent
from tests.laboratory.programs import script as sc
from tests.laboratory.programs.interpreter import cell_of
from tests.laboratory.programs.performance import Performance
from tests.laboratory.programs.world import World
from tests.model.inputs import Model
from tests.model.page import shown
from tests.model.programs import KEYS
from tests.stage import HandStage, Stage, plain

__all__ = ["ByHand", "observe", "predicted"]

Seen = dict[str, Any]

WORDS = (
    (r"^(.* (?:met|caught|swallowed)) (?!a cancellation)(\w+)\(.*$", r"\1 \2"),
    (r"^(.* source \d+ won), of .*$", r"\1"),
    (r"Cancelled\(reason=(['\"])(.*)\1, origin=<Origin\.\w+: '([\w ]+)'>.*\)", r"\2 (\3)"),
    (r"(was cancelled:|gave) .* \(scope left\)", r"\1 its scope is left (scope left)"),
    (r"(?:Plaza|Player)\..+ has ended \(owner ended\)", "its owner has ended (owner ended)"),
)
"""Errors are told by their class, and what is said at length is not said twice."""


class Witness(World):
    """Writes down, in one order, what was told and what spindle code saw."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[str] = []

    def note(self, line: str) -> None:
        super().note(line)
        self.history.append(_short(line))

    def record(self, at: float, entry: Entry) -> None:
        super().record(at, entry)
        if isinstance(entry, MessageSent):
            self.history.append(_short(f"{at:g} {plain(entry.source, entry.message)}"))


class Observed(Performance):
    """A performance with a witness."""

    world: Witness

    def __init__(self, script: sc.Script, driver: str, seed: int = 0) -> None:
        super().__init__(script, driver, seed)
        self.world = Witness()
        self.log = self.world.log

    async def _input(self, stage: Stage, each: sc.Input, *, first: bool) -> None:
        if isinstance(each, sc.Advance) and self.driver != "hand":
            import trio

            # Not settled: what comes next comes at the instant of the last deadline on the way.
            await trio.sleep(each.seconds)
            return
        await super()._input(stage, each, first=first)


class ByHand:
    """A page stepped by hand, to which inputs are given one by one."""

    def __init__(self) -> None:
        from spindle.testing import HandPage
        from tests.laboratory.programs.plaza import Plaza

        self.played = Observed(sc.Script(()), "hand")
        page = HandPage(Plaza, journal=self.played.world)
        self.stage = HandStage(self.played.world, Plaza, page)
        self.played.kernel = self.stage.kernel
        self.played.turns = self.stage.kernel.driver

    def apply(self, each: sc.Input, *, first: bool = True) -> None:
        coroutine = self.played._input(self.stage, each, first=first)
        try:
            coroutine.send(None)
        except StopIteration:
            return
        raise AssertionError("by hand an input has waited for something")

    def leave(self) -> None:
        self.stage.leave()


def observe(played: Observed) -> Seen:
    """What has come of everything so far."""
    world, kernel = played.world, played.kernel
    cells = {cell: state.value for cell, state in (kernel.cells or {}).items() if state.puts}
    return {
        "history": world.history[:],
        "settled": [each.settlement and each.settlement.value for each in played.receipts],
        "handles": [_plain(handle.outcome) for handle in world.handles + played.started],
        "refused": [re.sub(r"start: (\w+)\(.*", r"\1", note) for note in played.notes],
        "channels": [[repr(item) for item in channel.items or ()] for channel in world.channels],
        "cells": [f"{shown(key)}: {cells.get(cell_of(key))}" for key in KEYS],
        "asked": [f"{_who(source)} #{source.yield_id}" for source, _ in kernel.pending()],
        "live": [_who(record.source) for record in kernel.live.values()],
    }


def predicted(model: Model) -> Seen:
    """The same of the model."""
    page = model.page
    return {
        "history": page.history,
        "settled": [letter.settled for letter in model.letters],
        "handles": [_shown(each.outcome) for each in page.handles + model.started],
        "refused": model.refused,
        "channels": [channel.items for channel in page.channels],
        "cells": [f"{shown(key)}: {page.cells.get(key, [None])[-1]}" for key in KEYS],
        "asked": [
            f"{shown(holder.key)} #{wait.yield_id}"
            for holder in page.holders()
            for _, wait in page.pending(holder.key)
        ],
        "live": [shown(holder.key) for holder in page.holders()],
    }


def _short(line: str) -> str:
    for long, short in WORDS:
        line = re.sub(long, short, line)
    return line


def _who(source: Source) -> str:
    return shown((source.block.__name__, source.instance))


def _shown(outcome: object) -> str:
    return "none yet" if outcome is None else str(outcome)


def _plain(outcome: object) -> str:
    match outcome:
        case Completed(value):
            return f"returned {value!r}"
        case Errored(error):
            return f"failed: {type(error).__name__}"
        case Cancelled(reason, origin):
            return _short(f"was cancelled: {reason} ({origin.value})")
        case _:
            return "none yet"
