"""Serve the train desk: `python -m examples.assistant`; PORT= chooses the port.

With PAGES=, a file, conversations outlive the server.
"""

from __future__ import annotations

import os
from pathlib import Path

from examples.assistant.app import train_desk
from examples.assistant.script import ScriptedModel
from examples.assistant.timetable import TRAINS, Timetable


def main() -> None:
    """Serve until Ctrl-C."""
    pages = os.environ.get("PAGES")
    model, trains = ScriptedModel(TRAINS, pace=0.12), Timetable()
    train_desk(model, trains, Path(pages) if pages else None).run()


if __name__ == "__main__":
    main()
