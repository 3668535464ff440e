"""Counter teaches that what a page remembers may be a local variable.

The coroutine shows the count, waits, adds one and begins again. `Delivery.QUEUE` lets no press get
lost, however fast: one that finds the coroutine busy waits for its next question.
"""

from typing import ClassVar

from examples.sevenguis.parts import frame
from spindle import Delivery, Event, Spindle, Yield
from spindle.view import Markup, View, click, on

__all__ = ["Counter", "CounterView", "counter"]


class Counter(Spindle):
    class CountPressed(Event):
        delivery: ClassVar = Delivery.QUEUE

    class Showing(Yield[CountPressed]):
        count: int


async def counter() -> None:
    count = 0
    while True:
        _ = await Counter.Showing(count)
        count += 1


class CounterView(View):
    count: int = 0

    @on(Counter.Showing)
    def showing(self, ask: Counter.Showing) -> None:
        self.count = ask.count

    def render(self) -> Markup:
        return frame(
            "Counter",
            Markup('<p class="row"><output>{}</output><button {}>Count</button></p>').format(
                self.count, click(Counter.CountPressed())
            ),
        )
