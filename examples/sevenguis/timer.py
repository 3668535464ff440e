"""Timer teaches that time is one more thing to wait for.

While it runs, the question is asked for a tenth of a second at most; moving the slider answers it
at once. `now` and `timeout` go by the page's clock, which a test moves by hand.
"""

from contextlib import suppress
from math import inf
from typing import Annotated

from msgspec import Meta

from examples.sevenguis.events import Latest, Queued
from examples.sevenguis.parts import button, frame, slider
from spindle import Spindle, TooSlow, Yield, now, timeout
from spindle.view import Markup, View, click, fields, on, typed

__all__ = ["Timer", "TimerView", "timer"]


class Timer(Spindle):
    class Moved(Latest):
        duration: Annotated[float, Meta(ge=0, le=30)]

    class ResetPressed(Queued): ...

    class Showing(Yield[Moved | ResetPressed]):
        elapsed: float = 0
        duration: float = 15


async def timer(elapsed: float = 0, duration: float = 15) -> None:
    while True:
        began, running, answer = await now(), elapsed < duration, None
        with suppress(TooSlow):
            async with timeout(0.1 if running else inf):
                answer = await Timer.Showing(elapsed, duration)
        if running:
            elapsed = min(elapsed + await now() - began, duration)
        if isinstance(answer, Timer.Moved):
            duration = answer.duration
        elif answer is not None:
            elapsed = 0


class TimerView(View):
    at: Timer.Showing = Timer.Showing()

    @on(Timer.Showing)
    def showing(self, ask: Timer.Showing) -> None:
        self.at = ask

    def render(self) -> Markup:
        elapsed, duration = self.at.elapsed, self.at.duration
        gauge = Markup(
            '<div class="field"><label for="gauge">Elapsed time: {0:.1f} s</label>'
            '<progress id="gauge" value="{0:.2f}" max="{1}"></progress></div>'
        ).format(elapsed, duration or 0.1)
        moved = self.field(fields(Timer.Moved).duration)
        label = f"Duration: {duration:g} s"
        controls = slider(label, moved, duration, 30, typed(Timer.Moved))
        return frame("Timer", gauge + controls + button("Reset", click(Timer.ResetPressed())))
