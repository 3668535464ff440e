"""The list, stepped by hand, its file, and that docs/todo.md shows it as it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from examples.todo.board import Board, NotSaved, Todo, TodoStore, board
from examples.todo.storage import open_todos
from spindle.testing import Fake, Transcript
from tests.examples.program import ROOT

MILK, BREAD = Todo(1, "Milk"), Todo(2, "Bread", done=True)


def stored() -> Fake:
    return Fake(TodoStore).when(TodoStore.load).returns((MILK, BREAD))


def test_things_are_added_ticked_and_deleted() -> None:
    store = stored().when(TodoStore.save).returns(None)
    run = Transcript(board, provide={TodoStore: store})
    run.expect(Board.Showing((MILK, BREAD), "all", 1)).answer(Board.Added(" Tea "))
    tea = Todo(3, "Tea")
    run.expect(Board.Showing((MILK, BREAD, tea), "all", 2)).answer(Board.Ticked(1, done=True))
    milk = Todo(1, "Milk", done=True)
    run.expect(Board.Showing((milk, BREAD, tea), "all", 1)).answer(Board.Deleted(2))
    run.expect(Board.Showing((milk, tea), "all", 1))
    assert store.calls[-1] == ("save", ((milk, tea),))


def test_those_of_a_kind_are_shown_and_nothing_is_saved() -> None:
    store = stored()
    run = Transcript(board, provide={TodoStore: store})
    run.expect(Board.Showing((MILK, BREAD), "all", 1)).answer(Board.Filtered("done"))
    run.expect(Board.Showing((BREAD,), "done", 1)).answer(Board.Filtered("open"))
    run.expect(Board.Showing((MILK,), "open", 1))
    assert [name for name, _ in store.calls] == ["load"]


def test_what_is_not_saved_is_not_changed() -> None:
    store = stored().when(TodoStore.save).raises(NotSaved("the disk is full"))
    run = Transcript(board, provide={TodoStore: store})
    run.expect(Board.Showing((MILK, BREAD), "all", 1)).answer(Board.Deleted(1))
    run.expect_notified(Board.Failed("the disk is full"))
    run.expect(Board.Showing((MILK, BREAD), "all", 1))


async def test_the_file_keeps_the_list(tmp_path: Path) -> None:
    path = tmp_path / "todos.db"
    with open_todos(path) as todos:
        assert await todos.load() == ()
        await todos.save((MILK, BREAD))
    with open_todos(path) as todos:
        assert await todos.load() == (MILK, BREAD)
        with sqlite3.connect(path) as other:
            other.execute("DROP TABLE todo")
        other.close()
        with pytest.raises(NotSaved, match="no such table"):
            await todos.save((MILK,))


@pytest.mark.parametrize("name", ["board", "view", "storage", "app", "__main__"])
def test_the_documentation_shows_each_file_as_it_is(name: str) -> None:
    text = (ROOT / f"examples/todo/{name}.py").read_text(encoding="utf-8")
    assert f"```python\n{text}```" in (ROOT / "docs/todo.md").read_text(encoding="utf-8")
