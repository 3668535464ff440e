"""The one address, and what runs behind it."""

# pyright: reportUnusedCallResult=false

from __future__ import annotations

from pathlib import Path

from examples.todo.board import Board, Todos, TodoStore, board
from examples.todo.view import TodoView
from spindle import PageMachine
from spindle.web import App, Request

__all__ = ["todo_site"]


def todo_site(store: TodoStore) -> App:
    """Make the site of a list."""
    app = App(provide={TodoStore: store})

    @app.page("/", Todos, TodoView, title="To do", stylesheet=Path(__file__).with_name("todo.css"))
    async def show(page: PageMachine, request: Request) -> None:
        page.start(Board, board)

    return app
