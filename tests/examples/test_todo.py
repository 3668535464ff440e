"""The list, stepped by hand, its file, and that docs/todo.md shows it as it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from examples.todo.board import Board, NotSaved, Todo, TodoStore, board
from examples.todo.storage import open_todos
from spindle.testing import Fake, Transcript
from tests.examples.program import ROOT

MILK, BREAD = Todo(1, "Milk"), Todo(2, "Bread", done=True)


TEA = Todo(3, "Tea")


def test_things_are_added_ticked_and_deleted() -> None:
    store = Fake(TodoStore)
    for then in (MILK, BREAD), (MILK, BREAD, TEA), (BREAD, TEA), (TEA,):
        store.when(TodoStore.load).returns(then)
    for method in TodoStore.add, TodoStore.tick, TodoStore.delete:
        store.when(method).returns(None)
    run = Transcript(board, provide={TodoStore: store})
    run.expect(Board.Showing((MILK, BREAD), "all", 1)).answer(Board.Added(" Tea "))
    run.expect(Board.Showing((MILK, BREAD, TEA), "all", 2)).answer(Board.Ticked(1, done=True))
    run.expect(Board.Showing((BREAD, TEA), "all", 1)).answer(Board.Deleted(2))
    run.expect(Board.Showing((TEA,), "all", 1))
    changes = [call for call in store.calls if call[0] != "load"]
    assert changes == [("add", ("Tea",)), ("tick", (1, True)), ("delete", (2,))]


def test_those_of_a_kind_are_shown_and_nothing_is_saved() -> None:
    store = Fake(TodoStore).when(TodoStore.load).returns((MILK, BREAD))
    run = Transcript(board, provide={TodoStore: store})
    run.expect(Board.Showing((MILK, BREAD), "all", 1)).answer(Board.Filtered("done"))
    run.expect(Board.Showing((BREAD,), "done", 1)).answer(Board.Filtered("open"))
    run.expect(Board.Showing((MILK,), "open", 1))
    assert [name for name, _ in store.calls] == ["load"]


def test_what_is_not_saved_is_not_changed() -> None:
    store = Fake(TodoStore).when(TodoStore.load).returns((MILK, BREAD))
    store.when(TodoStore.delete).raises(NotSaved("the disk is full"))
    run = Transcript(board, provide={TodoStore: store})
    run.expect(Board.Showing((MILK, BREAD), "all", 1)).answer(Board.Deleted(1))
    run.expect_notified(Board.Failed("the disk is full"))
    run.expect(Board.Showing((MILK, BREAD), "all", 1))


async def test_the_file_keeps_the_list(tmp_path: Path) -> None:
    path = tmp_path / "todos.db"
    with open_todos(path) as todos:
        assert await todos.load() == ()
        for text in "Milk", "Bread", "Tea":
            await todos.add(text)
        await todos.tick(2, done=True)
        await todos.delete(3)
    with open_todos(path) as todos, open_todos(path) as of_another_tab:
        assert await todos.load() == (MILK, BREAD)
        await todos.add("Rice")
        await of_another_tab.delete(1)
        assert [each.text for each in await todos.load()] == ["Bread", "Rice"]
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("DROP TABLE todo")
        other.close()
        with pytest.raises(NotSaved, match="no such table"):
            await todos.add("Salt")


@pytest.mark.parametrize("name", ["board", "view", "storage", "app", "__main__"])
def test_the_documentation_shows_each_file_as_it_is(name: str) -> None:
    text = (ROOT / f"examples/todo/{name}.py").read_text(encoding="utf-8")
    assert f"```python\n{text}```" in (ROOT / "docs/todo.md").read_text(encoding="utf-8")
