"""Cells, stepped by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest

from examples.sevenguis.cells import Cells, CellsView, Sheet, cells
from spindle import Source, Yielded
from spindle.testing import Transcript
from spindle.view import Patch, diff, render_root


def shown(view: CellsView, ask: Cells.Editing) -> str:
    view.receive(Source(Cells, None, 1), Yielded(ask))
    return render_root(view)


def sheet(**formulas: str) -> Sheet:
    made = Sheet()
    for cell, formula in formulas.items():
        made.put(cell, formula)
    return made


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("12", "12"),
        ("a text", "a text"),
        ("", ""),
        ("=1+2*3", "7"),
        ("=(1+2)*3", "9"),
        ("=-2-1", "-3"),
        ("=1/4", "0.25"),
        ("=0.1+0.2", "0.3"),
        ("=A0*2", "8"),
        ("=a0*2", "8"),
        ("=Z99+1", "1"),
        ("=1/0", "#ERROR"),
        ("=B0+1", "#ERROR"),
        ("=A100", "#ERROR"),
        ("=2**9", "#ERROR"),
        ("=(1", "#ERROR"),
        ("=", "#ERROR"),
        ("=\0", "#ERROR"),
        ("=1e308*10", "inf"),
        ("=X", "#ERROR"),
        ("='1'", "#ERROR"),
        ("=open('x')", "#ERROR"),
        ("=A0.real", "#ERROR"),
        ("=" + "(" * 99, "#ERROR"),
        ("=" + "-" * 98 + "1", "1"),
    ],
)
def test_a_formula_and_its_value(formula: str, value: str) -> None:
    assert sheet(A0="4", B0="text", C0=formula).values["C0"] == value


def test_a_change_reaches_all_that_read_it_in_order() -> None:
    made = sheet(A0="1", D0="=B0+C0", B0="=A0+1", C0="=B0*10")
    assert made.values["D0"] == "22"
    made.put("A0", "2")
    assert made.values == {"A0": "2", "B0": "3", "C0": "30", "D0": "33"}


def test_only_what_reads_a_changed_value_is_evaluated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = sheet(A0="1", B0="=A0*0", C0="=B0+1", D0="=A0+1", E0="7", F0="=E0")
    evaluated: list[str] = []
    evaluate = Sheet._evaluated

    def noting(self: Sheet, cell: str) -> str:
        evaluated.append(cell)
        return evaluate(self, cell)

    monkeypatch.setattr(Sheet, "_evaluated", noting)
    made.put("A0", "2")
    assert sorted(evaluated) == ["A0", "B0", "D0"], "B0 is 0 as before, so C0 is not"


def test_that_read_each_other_in_a_circle_say_so_and_recover() -> None:
    made = sheet(A0="=C0+1", B0="=A0", D0="=B0", E0="5")
    assert made.values == {"A0": "1", "B0": "1", "D0": "1", "E0": "5"}
    made.put("C0", "=B0")
    circle = dict.fromkeys(("A0", "B0", "C0", "D0"), "#CIRCLE")
    assert made.values == {**circle, "E0": "5"}
    made.put("F0", "=D0+E0")
    assert made.values["F0"] == "#CIRCLE", "it reads what is in one"
    made.put("E0", "6")
    assert made.values == {**circle, "E0": "6", "F0": "#CIRCLE"}
    made.put("C0", "2")
    assert made.values == {"A0": "3", "B0": "3", "C0": "2", "D0": "3", "E0": "6", "F0": "9"}


def test_one_that_reads_itself_is_a_circle_and_a_text_is_none() -> None:
    assert sheet(A0="=A0+1").values == {"A0": "#CIRCLE"}
    assert sheet(A0="see A0").values == {"A0": "see A0"}


def test_a_chain_through_all_of_the_sheet() -> None:
    names = [f"{column}{row}" for row in range(100) for column in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    made = Sheet()
    made.reads = {after: {before} for before, after in pairwise(names)}
    made.formulas = {after: f"={before}+1" for before, after in pairwise(names)}
    made.put("A0", "1")
    assert made.values["Z99"] == "2600"


def test_editing_goes_from_cell_to_cell() -> None:
    run = Transcript(cells)
    run.expect(Cells.Editing()).answer(Cells.Entered("A0", "4", "A1"))
    shows = (("A0", "4"),)
    run.expect(Cells.Editing("A1", "", shows)).answer(Cells.Entered("A1", "=A0+1", "A1"))
    shows = (("A0", "4"), ("A1", "5"))
    run.expect(Cells.Editing("A1", "=A0+1", shows)).answer(Cells.Entered("A1", "=A0+1", "B9"))
    run.expect(Cells.Editing("B9", "", shows))


def test_little_is_sent_where_little_changes() -> None:
    made, view = sheet(A0="1", A1="=A0+1", Z99="=A1"), CellsView()
    before = shown(view, Cells.Editing("A0", "1", tuple(made.values.items())))
    made.put("A0", "2")
    after = shown(view, Cells.Editing("A1", "=A0+1", tuple(made.values.items())))
    change = diff(before, after)
    assert isinstance(change, Patch)
    assert len(before) > 150_000
    assert sum(len(op) for op in change.ops if isinstance(op, str)) < 2_000


def test_N8_it_shows_hostile_text_as_text() -> None:
    hostile = '"><script>alert(1)</script>'
    html = shown(CellsView(), Cells.Editing("A0", hostile, (("A0", ""), ("B0", hostile))))
    assert "<script" not in html
