"""Circle Drawer teaches that a dialog is a function that is awaited.

`adjusted` asks until its dialog is closed and returns the drawing as it is then. That is one step
in the history, however often the slider was moved.
"""

from math import dist
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from examples.sevenguis.events import Latest, Queued
from examples.sevenguis.parts import button, dialog, flag, frame, slider, text_field
from spindle import Spindle, Yield
from spindle.view import Markup, View, click, fields, on, pointed, pressed, submit, typed

__all__ = ["Circle", "Circles", "CirclesView", "circles"]


class Circle(Struct, frozen=True):
    x: float
    y: float
    diameter: float = 40


class Place(Queued):
    x: float
    y: float


class Circles(Spindle):
    class Moved(Latest):
        x: float
        y: float

    class Placed(Place): ...

    class Asked(Place): ...

    class AdjustPressed(Queued): ...

    class Resized(Latest):
        diameter: float

    class Closed(Queued): ...

    class Stepped(Queued):
        by: Literal[-1, 1]

    class Showing(Yield[Moved | Placed | Asked | AdjustPressed | Resized | Closed | Stepped]):
        drawing: tuple[Circle, ...] = ()
        near: int = -1
        dialog: Literal["", "menu", "slider"] = ""
        steps: tuple[bool, bool] = (False, False)


async def circles() -> None:
    history: list[tuple[Circle, ...]] = [()]
    at, near = 0, -1
    while True:
        old = new = history[at]
        match await Circles.Showing(old, near, "", (at > 0, at + 1 < len(history))):
            case Circles.Moved(x, y):
                near = nearest(old, x, y)
            case Circles.Placed(x, y) | Circles.Asked(x, y) if (near := nearest(old, x, y)) >= 0:
                new = await adjusted(old, near)
            case Circles.Placed(x, y) if len(old) < 500:
                new = (*old, Circle(x, y))
            case Circles.Stepped(by):
                at, near = min(max(at + by, 0), len(history) - 1), -1
            case _:
                pass
        if new != old:
            at, history = min(at + 1, 99), [*history[: at + 1], new][-100:]


async def adjusted(drawing: tuple[Circle, ...], near: int) -> tuple[Circle, ...]:
    showing = Circles.Showing(drawing, near, "menu")
    while not isinstance(answer := await showing, Circles.Closed | Circles.Placed):
        if isinstance(answer, Circles.AdjustPressed):
            showing = replace(showing, dialog="slider")
        elif isinstance(answer, Circles.Resized):
            circle = replace(drawing[near], diameter=answer.diameter)
            drawing = (*drawing[:near], circle, *drawing[near + 1 :])
            showing = replace(showing, drawing=drawing)
    return drawing


def nearest(drawing: tuple[Circle, ...], *at: float) -> int:
    inside = [(d, n) for n, c in enumerate(drawing) if (d := dist(at, (c.x, c.y))) < c.diameter / 2]
    return min(inside, default=(0, -1))[1]


class CirclesView(View):
    at: Circles.Showing = Circles.Showing()

    @on(Circles.Showing)
    def showing(self, ask: Circles.Showing) -> None:
        self.at = ask

    def render(self) -> Markup:
        at, of = self.at, fields(Circles.Placed)
        steps = button("Undo", click(Circles.Stepped(-1)), disabled=not at.steps[0])
        steps += button("Redo", click(Circles.Stepped(1)), disabled=not at.steps[1])
        moved, placed = pointed(Circles.Moved, by="pointermove"), pointed(Circles.Placed)
        asked = pointed(Circles.Asked, by="contextmenu")
        drawn = Markup().join(shape(each, n == at.near) for n, each in enumerate(at.drawing))
        x, y = self.field(of.x), self.field(of.y)
        place = text_field("x (0-400)", x) + text_field("y (0-300)", y)
        shown = self._dialog() if at.dialog else ""
        body = Markup(
            '<p class="row">{}</p><svg viewBox="0 0 400 300" role="group" aria-label="Drawing">'
            '<g {}><g {}><g {}><rect width="400" height="300"></rect>{}</g></g></g>{}</svg>'
            '<form class="row" {}>{}<button>Add circle</button></form>'
        ).format(steps, moved, asked, placed, drawn, shown, submit(Circles.Placed), place)
        return frame("Circle Drawer", body)

    def _dialog(self) -> Markup:
        c, closed = self.at.drawing[self.at.near], Circles.Closed()
        if self.at.dialog == "menu":
            content = button("Adjust diameter…", click(Circles.AdjustPressed()), focus=True)
            return dialog(c.x, c.y, content, closed)
        of = self.field(fields(Circles.Resized).diameter)
        label = f"Diameter of the circle at {c.x:.0f}, {c.y:.0f}"
        content = slider(label, of, c.diameter, 200, typed(Circles.Resized), focus=True)
        return dialog(0, 0 if c.y > 150 else 300, content, closed)


def shape(circle: Circle, near: bool) -> Markup:
    asks = pressed("Enter", Circles.Asked(circle.x, circle.y))
    return Markup(
        '<circle {} {} cx="{c.x}" cy="{c.y}" r="{}" tabindex="0" role="button" '
        'aria-label="Circle at {c.x:.0f}, {c.y:.0f}"></circle>'
    ).format(asks, flag('class="near"', near), circle.diameter / 2, c=circle)
