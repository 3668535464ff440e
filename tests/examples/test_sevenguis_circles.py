"""The Circle Drawer, stepped by hand."""

from __future__ import annotations

from examples.sevenguis.circles import Circle, Circles, CirclesView, circles
from spindle import Event
from spindle.testing import HandPage
from spindle.view import render_root

A, B = Circle(50, 50), Circle(80, 50)


class Drawing:
    """A page with the drawer, and what its view was last asked to show."""

    def __init__(self) -> None:
        self.page = HandPage(Circles)
        self.page.start(Circles, circles)
        self.view = CirclesView()

    def do(self, *events: Event) -> Circles.Showing:
        for event in events:
            self.page.resume(event)
        for source, message in self.page.sent():
            self.view.receive(source, message)
        return self.view.at

    def drawing(self, *events: Event) -> tuple[Circle, ...]:
        return self.do(*events).drawing


PLACE_BOTH = (Circles.Placed(50, 50), Circles.Placed(80, 50))
UNDO, REDO = Circles.Stepped(-1), Circles.Stepped(1)


def test_are_placed_where_there_is_none() -> None:
    drawer = Drawing()
    assert drawer.do(*PLACE_BOTH) == Circles.Showing((A, B), -1, "", (True, False))
    assert drawer.do(Circles.Placed(52, 50)).dialog == "menu", "there is one"


def test_the_nearest_one_around_the_pointer_is_marked() -> None:
    drawer = Drawing()
    drawer.do(*PLACE_BOTH)
    assert drawer.do(Circles.Moved(64, 50)).near == 0
    assert drawer.do(Circles.Moved(66, 50)).near == 1, "inside both"
    assert drawer.do(Circles.Moved(100, 50)).near == -1, "the radius is outside"
    assert 'class="near"' not in render_root(drawer.view)
    drawer.do(Circles.Moved(64, 50))
    assert 'class="near" cx="50' in render_root(drawer.view)


def test_a_new_diameter_is_one_step_however_often_the_slider_moves() -> None:
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


def test_undo_and_redo_end_where_the_history_does() -> None:
    drawer = Drawing()
    drawer.do(*PLACE_BOTH)
    assert drawer.do(UNDO, UNDO).steps == (False, True)
    assert drawer.drawing(UNDO) == ()
    assert drawer.do(REDO, REDO).steps == (True, False)
    assert drawer.drawing(REDO) == (A, B)


def test_the_history_and_the_drawing_are_bounded() -> None:
    drawer = Drawing()
    for number in range(600):
        drawer.do(Circles.Placed(number * 50, 0))
    assert len(drawer.drawing()) == 500
    assert len(drawer.drawing(*[UNDO] * 600)) == 500 - 99


def test_something_new_takes_the_place_of_what_was_undone() -> None:
    drawer = Drawing()
    drawer.do(*PLACE_BOTH, UNDO)
    assert drawer.do(Circles.Placed(300, 200)).steps == (True, False)
    assert drawer.drawing(REDO) == (A, Circle(300, 200))
    assert drawer.drawing(UNDO) == (A,)


def test_a_menu_or_dialog_left_without_a_change_is_no_step() -> None:
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
