"""Temperature Converter teaches that decoding is the validation.

The fields of the event are numbers. A text that is none never reaches the coroutine, so that the
other field stays as it is; what is wrong stands below the field.
"""

from typing import Annotated, ClassVar, TypeAlias

from msgspec import Meta

from examples.sevenguis.parts import frame, text_field
from spindle import Delivery, Event, Spindle, Yield
from spindle.view import Markup, Refused, View, fields, on, on_refused, typed

__all__ = ["Temperature", "TemperatureView", "temperature"]

PLAIN = {"message": "Enter a number, a million at most."}
Degrees: TypeAlias = Annotated[float, Meta(ge=-1e6, le=1e6, extra=PLAIN)] | None


class Temperature(Spindle):
    class Typed(Event):
        delivery: ClassVar = Delivery.LATEST  # only the newest text counts
        celsius: Degrees = None
        fahrenheit: Degrees = None

    class Showing(Yield[Typed]):
        celsius: float | None = None
        fahrenheit: float | None = None


async def temperature() -> None:
    showing = Temperature.Showing()
    while True:
        given = await showing
        if given.celsius is not None:
            showing = Temperature.Showing(given.celsius, given.celsius * 9 / 5 + 32)
        elif given.fahrenheit is not None:
            showing = Temperature.Showing((given.fahrenheit - 32) * 5 / 9, given.fahrenheit)


class TemperatureView(View):
    shown: Temperature.Showing = Temperature.Showing()

    @on(Temperature.Showing)
    def showing(self, ask: Temperature.Showing) -> None:
        self.shown = ask

    @on_refused(Temperature.Typed)
    def refused(self, refused: Refused) -> None:
        """Say no more than what stands below the field."""

    def render(self) -> Markup:
        event, shown = fields(Temperature.Typed), self.shown
        pairs = ((event.celsius, shown.celsius), (event.fahrenheit, shown.fahrenheit))
        content = (self._field(*pair) for pair in pairs)
        return frame("Temperature Converter", Markup().join(content))

    def _field(self, field: object, degrees: float | None) -> Markup:
        value = "" if degrees is None else f"{round(degrees, 2) + 0:.10g}"
        label = f"{field}".title()
        return text_field(label, self.field(field), typed(Temperature.Typed), value=value)
