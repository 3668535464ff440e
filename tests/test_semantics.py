"""The tables of semantics and conformance name tests that exist, and each row has one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from spindle._core.kernel.meanings.table import NOT_CANCEL_POINTS
from spindle.testing.laboratory.invariants.table import ENDING, STANDING

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
TEXT = "\n".join(
    (DOCS / name).read_text(encoding="utf-8") for name in ("semantics.md", "conformance.md")
)
PROMISES = (DOCS / "cancellation.md").read_text(encoding="utf-8")
CHECKS = (DOCS / "laboratory.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", TEXT + PROMISES)))
ROWS = re.findall(r"^\| ([A-Z]\d+) \|", TEXT, re.MULTILINE)


@cache
def names_in(file: str) -> frozenset[str]:
    if not (TESTS / file).exists():
        return frozenset()
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )


def test_every_test_that_is_named_exists() -> None:
    missing = [f"{file}::{name}" for file, name in NAMED if name not in names_in(file)]
    assert not missing, "the pages name tests that do not exist:\n" + "\n".join(missing)
    assert len(NAMED) > 200


def test_every_rule_names_a_test() -> None:
    without = []
    header: list[str] = []
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            header = []
        elif not header:
            header = cells
        elif header[-1] == "test" and "::" not in cells[-1] and set(cells[-1]) != {"-"}:
            without.append(line)
    assert not without, "rows without a test:\n" + "\n".join(without)


def test_every_promise_of_cancellation_names_a_test() -> None:
    rows = re.findall(r"^\| (I\d+) \| .+ \| (.+) \|$", PROMISES, re.MULTILINE)
    assert [name for name, _ in rows] == [f"I{number}" for number in range(1, 21)]
    assert all("::test_" in tests for _, tests in rows)


def test_the_checks_of_the_laboratory_are_those_that_the_pages_name() -> None:
    checks = {*STANDING, *ENDING}
    assert checks <= set(re.findall(r"^\| `([a-z-]+)` \|", CHECKS, re.MULTILINE))
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", PROMISES)) - {"like-this"}
    others = {"no-task-is-left", "no-deadlock", "all-can-be-cancelled"}
    assert named <= checks | others
    assert checks - named == {"view-told-all"}


def test_every_row_has_a_test_that_carries_its_number() -> None:
    carried: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        for name in names_in(path.relative_to(TESTS).as_posix()):
            numbers = re.match(r"test_((?:[A-Z]+\d+_)+)", name)
            carried |= set(numbers[1].split("_")) if numbers else set()
    assert not [row for row in ROWS if row not in carried]


def test_the_rows_are_those_of_the_runtime() -> None:
    runs = {"Y": 10, "N": 3, "F": 7, "L": 5, "A": 8, "E": 7, "K": 7, "W": 6, "H": 1, "D": 5}
    expected = {f"{letter}{number + 1}" for letter, last in runs.items() for number in range(last)}
    expected |= {"L7", "E9", "E10", "C4", "C5"}
    expected -= {"W3"}  # in the browser
    assert set(ROWS) == expected
    assert len(ROWS) == len(expected)


@pytest.mark.parametrize("what", ["cancel_reason()", "`scope()`", "entering a scope", "leaving it"])
def test_the_operations_that_are_no_cancel_points_are_those_the_page_names(what: str) -> None:
    kinds = {kind.__name__ for kind in NOT_CANCEL_POINTS}
    assert kinds == {"EnterScope", "ExitScope", "JoinFibers", "CancelReason"}
    [row] = [line for line in TEXT.splitlines() if line.startswith("| Not cancel points:")]
    assert what in row
