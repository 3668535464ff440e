"""Flight Booker teaches that what depends on what is plain code in front of a question.

The loop works out what is wrong and what may be done, then it asks. The view decides nothing: it
shows the question.
"""

from datetime import date, datetime
from typing import Literal

from examples.sevenguis.events import Latest, Queued
from examples.sevenguis.parts import flag, frame, pick_field, text_field
from spindle import Notify, Spindle, Yield
from spindle.view import Markup, View, click, fields, on, typed

__all__ = ["Booker", "BookerView", "booker"]

ONE_WAY, RETURN = KINDS = ("one-way flight", "return flight")


class Booker(Spindle):
    class Changed(Latest):
        kind: Literal["one-way flight", "return flight"]
        start: str
        back: str

    class BookPressed(Queued): ...

    class Asking(Yield[Changed | BookPressed]):
        kind: str = ONE_WAY
        start: str = "27.03.2014"
        back: str = "27.03.2014"
        wrong: tuple[bool, bool] = (False, False)
        bookable: bool = True

    class Booked(Notify):
        flight: str


async def booker() -> None:
    kind, start, back = ONE_WAY, "27.03.2014", "27.03.2014"
    while True:
        first, last = day(start), day(back if kind == RETURN else start)
        bookable = first is not None and last is not None and first <= last
        answer = await Booker.Asking(kind, start, back, (not first, not last), bookable)
        if isinstance(answer, Booker.Changed):
            kind, start, back = answer.kind, answer.start, answer.back
        elif bookable:
            until = f" until {back}" if kind == RETURN else ""
            await Booker.Booked(f"{kind} on {start}{until}")


def day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%d.%m.%Y").date()
    except ValueError:
        return None


class BookerView(View):
    ask: Booker.Asking = Booker.Asking()

    @on(Booker.Asking)
    def asking(self, ask: Booker.Asking) -> None:
        self.ask = ask

    @on(Booker.Booked)
    def booked(self, message: Booker.Booked) -> None:
        self.flash("info", f"You have booked a {message.flight}.")

    def render(self) -> Markup:
        ask, of, (wrong, back) = self.ask, fields(Booker.Changed), self.ask.wrong
        off = ask.kind == ONE_WAY
        body = Markup("<form {}>{}{}{}<button {} {}>Book</button></form>").format(
            typed(Booker.Changed),
            pick_field("Flight", self.field(of.kind), [(kind, kind) for kind in KINDS], ask.kind),
            text_field("Departure", self.field(of.start), value=ask.start, wrong=wrong),
            text_field("Return", self.field(of.back), value=ask.back, wrong=back, disabled=off),
            click(Booker.BookPressed()),
            flag("disabled", not ask.bookable),
        )
        return frame("Flight Booker", body)
