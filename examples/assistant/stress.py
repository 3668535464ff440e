"""The train desk under load: `python -m spindle.stress examples.assistant.stress:busy_desk`."""

from __future__ import annotations

import random
from collections.abc import Generator
from contextlib import contextmanager

from examples.assistant.app import train_desk
from examples.assistant.contract import Chat
from examples.assistant.script import ScriptedModel
from examples.assistant.timetable import TRAINS, Timetable
from spindle.stress import SiteLoad

__all__ = ["busy_desk"]


@contextmanager
def busy_desk() -> Generator[SiteLoad]:
    """Make the site for the length of a run, with trains that do not fill up.

    Raises:
        AssertionError: when all visitors have gone, a seat is held for one of them.
    """
    trains = Timetable(seats=1_000_000)
    site = train_desk(ScriptedModel(TRAINS, pace=0.001), trains)
    yield SiteLoad(site, values={Chat.Asked: _ask, Chat.Chosen: _choose})
    assert not trains.held, f"{len(trains.held)} seats are held for nobody"


def _ask(draw: random.Random) -> Chat.Asked:
    return Chat.Asked(f"To {draw.choice(TRAINS).to}, please")


def _choose(draw: random.Random) -> Chat.Chosen:
    return Chat.Chosen(draw.choice(TRAINS).number)
