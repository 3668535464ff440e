"""The list of reviewed survivors speaks of the code there is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mutation.reviewed
from mutation.reviewed import reviewed

KERNEL = Path(__file__).parents[2] / "spindle" / "_core" / "kernel"


def source_of(file: str, function: str) -> list[str]:
    """The lines of a function, without indentation."""
    source = (KERNEL / file).read_text(encoding="utf-8")
    found: ast.AST = ast.parse(source)
    for name in function.split("."):
        found = next(
            node
            for node in ast.iter_child_nodes(found)
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
        )
    return [line.strip() for line in (ast.get_source_segment(source, found) or "").splitlines()]


def test_what_a_reviewed_survivor_takes_out_is_there() -> None:
    for change in reviewed():
        there = source_of(change.file, change.function)
        missing = [line for line in change.old.splitlines() if line not in there]
        assert not missing, f"not in the source any more: {change}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("reason = 'nobody cares'\nchanges = [['a', 'b']]", "begins with none of"),
        ("reason = 'speed: x'\nchanges = [['a', 'b'], ['a', 'b']]", "twice in"),
    ],
)
def test_an_entry_without_a_kind_or_twice_is_refused(
    text: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survivors = tmp_path / "survivors.toml"
    survivors.write_text(f"[[survivor]]\nfile = 'mail.py'\nfunction = 'take'\n{text}\n")
    monkeypatch.setattr(mutation.reviewed, "SURVIVORS", survivors)
    with pytest.raises(ValueError, match=complaint):
        reviewed()
