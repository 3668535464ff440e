"""Serve the train desk: `python -m examples.assistant`; PORT= chooses the port."""

from __future__ import annotations

from examples.assistant.app import train_desk
from examples.assistant.script import ScriptedModel
from examples.assistant.timetable import TRAINS, Timetable


def main() -> None:
    """Serve until Ctrl-C."""
    train_desk(ScriptedModel(TRAINS, pace=0.12), Timetable()).run()


if __name__ == "__main__":
    main()
