"""Serve the list: `python -m examples.todo`; PORT= and TODOS= choose the port and the file."""

from __future__ import annotations

import os
from pathlib import Path

from examples.todo.app import todo_site
from examples.todo.storage import open_todos

if __name__ == "__main__":
    with open_todos(Path(os.environ.get("TODOS") or "todos.db")) as store:
        todo_site(store).run()
