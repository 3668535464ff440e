"""The seven tasks, stepped by hand: no event loop, no browser; time is the test's own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from examples.sevenguis.booker import Booker, BookerView, booker
from examples.sevenguis.cells import Cells, CellsView, Sheet, cells
from examples.sevenguis.circles import Circle, Circles, CirclesView, circles
from examples.sevenguis.counter import Counter, counter
from examples.sevenguis.crud import Crud, CrudView, crud
from examples.sevenguis.site import PAGES, seven_guis
from examples.sevenguis.temperature import Temperature, TemperatureView, temperature
from examples.sevenguis.timer import Timer, TimerView, timer
from spindle import Source, Spindle, Yielded
from spindle.testing import HandPage, Transcript
from spindle.view import Patch, View, diff, render_root
from spindle.web import Limits, open_site
from spindle.web.memory import visit

FOLDER = Path(__file__).parents[2] / "examples" / "sevenguis"
LIMITS = {name: 100 if name in ("circles", "cells") else 60 for name in PAGES}


def lines_of(path: Path) -> int:
    """Count the lines that are neither blank nor a comment nor part of a docstring."""
    text = path.read_text(encoding="utf-8")
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body[0]:
                case ast.Expr(ast.Constant(str())) as docstring:
                    assert docstring.end_lineno is not None
                    left_out |= {*range(docstring.lineno, docstring.end_lineno + 1)}
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in left_out
        for number, line in enumerate(text.splitlines(), 1)
    )


def shown(view: View, block: type[Spindle], ask: object) -> str:
    view.receive(Source(block, None, 1), Yielded(ask))  # type: ignore[arg-type]
    return render_root(view)


@pytest.mark.parametrize(("name", "limit"), LIMITS.items())
def test_none_is_longer_than_it_may_be_views_included(name: str, limit: int) -> None:
    assert 20 < lines_of(FOLDER / f"{name}.py") <= limit


@pytest.mark.parametrize("name", PAGES)
def test_each_begins_with_what_it_teaches(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    assert f"{PAGES[name][0]} teaches " in (ast.get_docstring(tree) or "")


async def test_one_site_serves_all_seven() -> None:
    app = seven_guis()
    app.limits = Limits(first_render=10)
    async with open_site(app) as site:
        index = await visit(site, "/")
        for path, (name, _) in PAGES.items():
            assert f'<a href="/{path}">{name}</a>' in index.html
            page = await visit(site, f"/{path}")
            assert page.title == name
            assert f">{name}</h1>" in page.html


# --- Counter --------------------------------------------------------------------------------------


def test_counter_counts_every_press() -> None:
    page = HandPage(Counter)
    page.start(Counter, counter)
    for _ in range(3):
        page.resume(Counter.CountPressed())
    assert page.said() == [f"Counter asks Showing(count={n}) #{n + 1}" for n in range(4)]


# --- Temperature Converter ------------------------------------------------------------------------


def test_temperature_is_converted_both_ways() -> None:
    run = Transcript(temperature)
    run.expect(Temperature.Showing()).answer(Temperature.Typed(celsius=100))
    run.expect(Temperature.Showing(100, 212)).answer(Temperature.Typed(fahrenheit=-40))
    run.expect(Temperature.Showing(-40, -40)).answer(Temperature.Typed())
    run.expect(Temperature.Showing(-40, -40))


def test_temperature_is_shown_rounded() -> None:
    html = shown(TemperatureView(), Temperature, Temperature.Showing(-0.001, 31.9982))
    assert 'value="0"' in html
    assert 'value="32"' in html


# --- Flight Booker --------------------------------------------------------------------------------

ONE_WAY, RETURN, DAY = "one-way flight", "return flight", "27.03.2014"


def test_booker_books_a_one_way_flight_at_once() -> None:
    run = Transcript(booker)
    run.expect(Booker.Asking()).answer(Booker.BookPressed())
    run.expect_notified(Booker.Booked(f"one-way flight on {DAY}"))
    run.expect(Booker.Asking())


@pytest.mark.parametrize(
    ("kind", "start", "back", "wrong", "bookable"),
    [
        (RETURN, DAY, DAY, (False, False), True),
        (RETURN, DAY, "28.03.2014", (False, False), True),
        (RETURN, DAY, "26.03.2014", (False, False), False),
        (RETURN, DAY, "27.3.20x4", (False, True), False),
        (RETURN, "", DAY, (True, False), False),
        (ONE_WAY, DAY, "26.03.2014", (False, False), True),
        (ONE_WAY, DAY, "nonsense", (False, False), True),
        (ONE_WAY, "31.02.2014", DAY, (True, True), False),
    ],
)
def test_booker_says_what_is_wrong_and_books_nothing_then(
    kind: str, start: str, back: str, wrong: tuple[bool, bool], bookable: bool
) -> None:
    run = Transcript(booker)
    run.expect(Booker.Asking()).answer(Booker.Changed(kind, start, back))  # type: ignore[arg-type]
    asked = Booker.Asking(kind, start, back, wrong, bookable)
    run.expect(asked).answer(Booker.BookPressed())
    if bookable:
        until = f" until {back}" if kind == RETURN else ""
        run.expect_notified(Booker.Booked(f"{kind} on {start}{until}"))
    run.expect(asked)
    html = shown(BookerView(), Booker, asked)
    assert html.count('aria-invalid="true"') == sum(wrong[: 1 if kind == ONE_WAY else 2])
    assert ("disabled>Book" in html) is not bookable
    assert ('type="hidden" name="back"' in html) is (kind == ONE_WAY)


# --- Timer ----------------------------------------------------------------------------------------


def timing() -> tuple[HandPage, TimerView]:
    page = HandPage(Timer)
    page.start(Timer, timer)
    return page, TimerView()


def elapsed(page: HandPage, view: TimerView) -> tuple[float, float]:
    for source, message in page.sent():
        view.receive(source, message)
    return round(view.at.elapsed, 6), view.at.duration


def test_timer_runs_until_its_duration_is_over() -> None:
    page, view = timing()
    assert elapsed(page, view) == (0, 15)
    page.advance(4.25)
    assert elapsed(page, view) == (4.2, 15)
    page.advance(20)
    assert elapsed(page, view) == (15, 15)
    page.advance(100)
    assert page.said() == [], "nothing is asked anew while it stands still"


def test_timer_obeys_its_slider_at_once_and_loses_no_time() -> None:
    page, view = timing()
    page.advance(4.25)
    page.resume(Timer.Moved(10))
    assert elapsed(page, view) == (4.25, 10)
    page.resume(Timer.Moved(3))
    assert elapsed(page, view) == (4.25, 3)
    page.advance(5)
    assert elapsed(page, view) == (4.25, 3)
    page.resume(Timer.Moved(5))
    page.advance(0.5)
    assert elapsed(page, view) == (4.75, 5), "it runs again"
    page.advance(5)
    assert elapsed(page, view) == (5, 5)


def test_timer_is_reset_while_it_runs_and_when_it_stands() -> None:
    page, view = timing()
    page.advance(4)
    page.resume(Timer.ResetPressed())
    assert elapsed(page, view) == (0, 15)
    page.advance(30)
    assert elapsed(page, view) == (15, 15)
    page.resume(Timer.ResetPressed())
    page.advance(1)
    assert elapsed(page, view) == (1, 15)


# --- CRUD -----------------------------------------------------------------------------------------

HANS, MAX, ROMAN = (1, ("Hans", "Emil")), (2, ("Max", "Mustermann")), (3, ("Roman", "Tisch"))


def test_crud_creates_updates_and_deletes() -> None:
    run = Transcript(crud)
    run.expect(Crud.Showing((HANS, MAX, ROMAN), 0)).answer(Crud.Pressed("create", "Ada", "King"))
    ada = (4, ("Ada", "King"))
    run.expect(Crud.Showing((HANS, MAX, ROMAN, ada), 0)).answer(Crud.Picked(2))
    picked = Crud.Showing((HANS, MAX, ROMAN, ada), 2)
    run.expect(picked).answer(Crud.Pressed("update", "Maxima", "M", 2))
    maxima = (2, ("Maxima", "M"))
    run.expect(Crud.Showing((HANS, maxima, ROMAN, ada), 2)).answer(
        Crud.Pressed("delete", "", "", 2)
    )
    run.expect(Crud.Showing((HANS, ROMAN, ada), 0))


def test_crud_filters_by_the_beginning_of_the_surname() -> None:
    run = Transcript(crud)
    run.expect(Crud.Showing((HANS, MAX, ROMAN), 0)).answer(Crud.Picked(2))
    run.expect(Crud.Showing((HANS, MAX, ROMAN), 2)).answer(Crud.Filtered("TI"))
    run.expect(Crud.Showing((ROMAN,), 0)).answer(Crud.Filtered("hans"))
    run.expect(Crud.Showing((), 0)).answer(Crud.Filtered(""))
    run.expect(Crud.Showing((HANS, MAX, ROMAN), 2))


@pytest.mark.parametrize("action", ["update", "delete"])
def test_crud_does_nothing_to_nobody(action: str) -> None:
    run = Transcript(crud)
    everybody = Crud.Showing((HANS, MAX, ROMAN), 0)
    run.expect(everybody).answer(Crud.Pressed(action, "A", "B"))  # type: ignore[arg-type]
    run.expect(everybody).answer(Crud.Pressed(action, "A", "B", 77))  # type: ignore[arg-type]
    run.expect(everybody)


def test_crud_takes_update_and_delete_from_nobody_on_the_page() -> None:
    nobody = shown(CrudView(), Crud, Crud.Showing((HANS, MAX), 0))
    somebody = shown(CrudView(), Crud, Crud.Showing((HANS, MAX), 2))
    assert nobody.count("disabled") == 2
    assert somebody.count("disabled") == 0
    assert 'value="Mustermann"' in somebody


# --- Circle Drawer --------------------------------------------------------------------------------

A, B = Circle(50, 50), Circle(80, 50)


class Drawing:
    """A page with the drawer, and what its view was last asked to show."""

    def __init__(self) -> None:
        self.page = HandPage(Circles)
        self.page.start(Circles, circles)
        self.view = CirclesView()

    def do(self, *events: object) -> Circles.Showing:
        for event in events:
            self.page.resume(event)  # type: ignore[arg-type]
        for source, message in self.page.sent():
            self.view.receive(source, message)
        return self.view.at

    def drawing(self, *events: object) -> tuple[Circle, ...]:
        return self.do(*events).drawing


PLACE_BOTH = (Circles.Placed(50, 50), Circles.Placed(80, 50))
UNDO, REDO = Circles.Stepped(-1), Circles.Stepped(1)


def test_circles_are_placed_where_there_is_none() -> None:
    drawer = Drawing()
    assert drawer.do(*PLACE_BOTH) == Circles.Showing((A, B), -1, "", (True, False))
    assert drawer.do(Circles.Placed(52, 50)).dialog == "menu", "there is one"


def test_circles_the_nearest_one_around_the_pointer_is_marked() -> None:
    drawer = Drawing()
    drawer.do(*PLACE_BOTH)
    assert drawer.do(Circles.Moved(64, 50)).near == 0
    assert drawer.do(Circles.Moved(66, 50)).near == 1, "inside both"
    assert drawer.do(Circles.Moved(100, 50)).near == -1, "the radius is outside"
    assert 'class="near"' not in render_root(drawer.view)
    drawer.do(Circles.Moved(64, 50))
    assert 'class="near" cx="50' in render_root(drawer.view)


def test_circles_a_new_diameter_is_one_step_however_often_the_slider_moves() -> None:
    drawer = Drawing()
    assert drawer.do(*PLACE_BOTH, Circles.Asked(82, 50)).dialog == "menu"
    assert drawer.do(Circles.AdjustPressed()).dialog == "slider"
    for diameter in (50, 60, 70):
        changed = drawer.drawing(Circles.Resized(diameter))
        assert changed == (A, Circle(80, 50, diameter)), "at once"
    drawer.do(Circles.Closed())
    assert drawer.drawing(UNDO) == (A, B)
    assert drawer.drawing(UNDO) == (A,)
    assert drawer.drawing(REDO, REDO) == (A, Circle(80, 50, 70))


def test_circles_undo_and_redo_end_where_the_history_does() -> None:
    drawer = Drawing()
    drawer.do(*PLACE_BOTH)
    assert drawer.do(UNDO, UNDO).steps == (False, True)
    assert drawer.drawing(UNDO) == ()
    assert drawer.do(REDO, REDO).steps == (True, False)
    assert drawer.drawing(REDO) == (A, B)


def test_circles_something_new_takes_the_place_of_what_was_undone() -> None:
    drawer = Drawing()
    drawer.do(*PLACE_BOTH, UNDO)
    assert drawer.do(Circles.Placed(300, 200)).steps == (True, False)
    assert drawer.drawing(REDO) == (A, Circle(300, 200))
    assert drawer.drawing(UNDO) == (A,)


def test_circles_a_menu_or_dialog_left_without_a_change_is_no_step() -> None:
    drawer = Drawing()
    drawer.do(*PLACE_BOTH)
    for leaving in (
        (Circles.Closed(),),
        (Circles.AdjustPressed(), Circles.Closed()),
        (Circles.AdjustPressed(), Circles.Placed(300, 200)),
        (Circles.Moved(300, 200), Circles.Stepped(-1), Circles.Closed()),
    ):
        showing = drawer.do(Circles.Asked(50, 50), *leaving)
        assert showing == Circles.Showing((A, B), 0, "", (True, False))
    assert drawer.drawing(UNDO) == (A,)
    assert drawer.do(Circles.Asked(300, 200)).dialog == "", "nothing is there"


# --- Cells ----------------------------------------------------------------------------------------


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
def test_cells_a_formula_and_its_value(formula: str, value: str) -> None:
    assert sheet(A0="4", B0="text", C0=formula).values["C0"] == value


def test_cells_a_change_reaches_all_that_read_it_in_order() -> None:
    made = sheet(A0="1", D0="=B0+C0", B0="=A0+1", C0="=B0*10")
    assert made.values["D0"] == "22"
    made.put("A0", "2")
    assert made.values == {"A0": "2", "B0": "3", "C0": "30", "D0": "33"}


def test_cells_only_what_reads_a_changed_value_is_evaluated(
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


def test_cells_that_read_each_other_in_a_circle_say_so_and_recover() -> None:
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


def test_cells_one_that_reads_itself_is_a_circle_and_a_text_is_none() -> None:
    assert sheet(A0="=A0+1").values == {"A0": "#CIRCLE"}
    assert sheet(A0="see A0").values == {"A0": "see A0"}


def test_cells_a_chain_through_all_of_the_sheet() -> None:
    names = [f"{column}{row}" for row in range(100) for column in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    made = Sheet()
    made.reads = {after: {before} for before, after in zip(names, names[1:], strict=False)}
    made.formulas = {after: f"={before}+1" for before, after in zip(names, names[1:], strict=False)}
    made.put("A0", "1")
    assert made.values["Z99"] == "2600"


def test_cells_editing_goes_from_cell_to_cell() -> None:
    run = Transcript(cells)
    run.expect(Cells.Editing()).answer(Cells.Entered("A0", "4", "A1"))
    shows = (("A0", "4"),)
    run.expect(Cells.Editing("A1", "", shows)).answer(Cells.Entered("A1", "=A0+1", "A1"))
    shows = (("A0", "4"), ("A1", "5"))
    run.expect(Cells.Editing("A1", "=A0+1", shows)).answer(Cells.Entered("A1", "=A0+1", "B9"))
    run.expect(Cells.Editing("B9", "", shows))


def test_cells_little_is_sent_where_little_changes() -> None:
    made, view = sheet(A0="1", A1="=A0+1", Z99="=A1"), CellsView()
    before = shown(view, Cells, Cells.Editing("A0", "1", tuple(made.values.items())))
    made.put("A0", "2")
    after = shown(view, Cells, Cells.Editing("A1", "=A0+1", tuple(made.values.items())))
    change = diff(before, after)
    assert isinstance(change, Patch)
    assert len(before) > 150_000
    assert sum(len(op) for op in change.ops if isinstance(op, str)) < 2_000


def test_N8_cells_show_hostile_text_as_text() -> None:
    hostile = '"><script>alert(1)</script>'
    html = shown(CellsView(), Cells, Cells.Editing("A0", hostile, (("A0", ""), ("B0", hostile))))
    assert "<script" not in html
