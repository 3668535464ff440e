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

    class MenuAsked(Place): ...

    class AdjustPressed(Queued): ...

    class Resized(Latest):
        diameter: float

    class Closed(Queued): ...

    class Stepped(Queued):
        by: Literal[-1, 1]

    class Showing(Yield[Moved | Placed | MenuAsked | AdjustPressed | Resized | Closed | Stepped]):
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
            case Circles.Placed(x, y) if nearest(old, x, y) < 0:
                new = (*old, Circle(x, y))
            case Circles.MenuAsked(x, y) if (near := nearest(old, x, y)) >= 0:
                new = await adjusted(old, near)
            case Circles.Stepped(by):
                at, near = min(max(at + by, 0), len(history) - 1), -1
            case _:
                pass
        if new != old:
            at, history = at + 1, [*history[: at + 1], new]


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


def nearest(drawing: tuple[Circle, ...], x: float, y: float) -> int:
    away = [dist((x, y), (circle.x, circle.y)) for circle in drawing]
    inside = (n for n, circle in enumerate(drawing) if away[n] < circle.diameter / 2)
    return min(inside, key=away.__getitem__, default=-1)


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
        asked = pointed(Circles.MenuAsked, by="contextmenu")
        drawn = Markup().join(shape(each, n == at.near) for n, each in enumerate(at.drawing))
        place = text_field("Across", self.field(of.x)) + text_field("Down", self.field(of.y))
        body = Markup(
            '<p class="row">{}</p><svg viewBox="0 0 400 300" role="group" aria-label="Drawing">'
            '<g {}><g {}><g {}><rect width="400" height="300"></rect>{}</g></g></g></svg>{}'
            '<form class="row" {}>{}<button>Add circle</button></form>'
        ).format(steps, moved, asked, placed, drawn, self._dialog(), submit(Circles.Placed), place)
        return frame("Circle Drawer", body)

    def _dialog(self) -> Markup:
        if not self.at.dialog:
            return Markup()
        circle, focus = self.at.drawing[self.at.near], Markup("autofocus")
        content = button("Adjust diameter…", click(Circles.AdjustPressed()), focus)
        if self.at.dialog == "slider":
            label = f"Diameter of the circle at {circle.x:.0f}, {circle.y:.0f}"
            of, resized = self.field(fields(Circles.Resized).diameter), typed(Circles.Resized)
            content = slider(label, of, circle.diameter, 200, resized, focus)
        return dialog("Circle", content, Circles.Closed())


def shape(circle: Circle, near: bool) -> Markup:
    asks = pressed("Enter", Circles.MenuAsked(circle.x, circle.y))
    return Markup(
        '<circle {} {} cx="{c.x}" cy="{c.y}" r="{}" tabindex="0" role="button" '
        'aria-label="Circle at {c.x:.0f}, {c.y:.0f}"></circle>'
    ).format(asks, flag('class="near"', near), circle.diameter / 2, c=circle)
