"""How the list looks."""

from __future__ import annotations

from typing import get_args

from examples.todo.board import Board, Filter, Todo
from spindle.view import Markup, View, click, fields, on, submit

__all__ = ["TodoView"]


class TodoView(View):
    """A form, a list, and which part of it is shown."""

    at: Board.Showing = Board.Showing(())

    @on(Board.Showing)
    def showing(self, ask: Board.Showing) -> None:
        """Show the list as it is."""
        self.at = ask

    @on(Board.Failed)
    def failed(self, message: Board.Failed) -> None:
        """Say why the list is as it was."""
        self.flash("error", f"Not saved: {message.why}.")

    def render(self) -> Markup:
        """Render the page."""
        return Markup(
            '<main><h1 tabindex="-1">To do</h1><form {add} novalidate>'
            "<label {text.label}>What next?</label>"
            '<div><input {text.control} autocomplete="off"> <button>Add</button></div>'
            "{text.message}</form><ul>{todos}</ul><footer>"
            '<p role="status">{left} left</p><p role="group" aria-label="Show">{filters}</p>'
            "</footer></main>"
        ).format(
            add=submit(Board.Added, reset=True),
            text=self.field(fields(Board.Added).text),
            todos=Markup().join(map(_line, self.at.todos)),
            left=self.at.left,
            filters=Markup().join(_filter(each, self.at.filter) for each in get_args(Filter)),
        )


def _line(todo: Todo) -> Markup:
    return Markup(
        '<li id="todo-{todo.id}"><label><input type="checkbox" {tick}{checked}> {todo.text}</label>'
        ' <button {delete} aria-label="Delete {todo.text}">&times;</button></li>'
    ).format(
        todo=todo,
        tick=click(Board.Ticked(todo.id, not todo.done)),
        checked=Markup(" checked") if todo.done else "",
        delete=click(Board.Deleted(todo.id)),
    )


def _filter(filter: Filter, now: Filter) -> Markup:
    return Markup('<button {} aria-pressed="{}">{}</button>').format(
        click(Board.Filtered(filter)), "true" if filter == now else "false", filter
    )
