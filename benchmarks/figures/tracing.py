"""The round trip of `sender_round_trip`, followed by nobody, and by somebody.

The floor of the others is the page that nobody follows: they show what being followed costs. What
the possibility costs that page shows in `sender_round_trip`.
"""

from __future__ import annotations

import trio
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import NoOpTracerProvider

from benchmarks.conversation import Echo, echo
from benchmarks.figure import Figure, Target
from benchmarks.measure import on_trio, stopwatch
from spindle import Tracer, open_page
from spindle.opentelemetry import SpanTracer

__all__ = ["figure"]

figure = Figure("tracing", "us", n=5000)


def _page(n: int, tracer: Tracer | None) -> float:
    said = Echo.Said("x")

    async def main() -> float:
        async with open_page(Echo, hosted=True, tracer=tracer) as page:
            page.start(Echo, echo)
            await page.outbox.receive()
            elapsed = stopwatch(n)
            for _ in range(n):
                page.resume(said)
                try:
                    page.outbox.receive_nowait()
                except trio.WouldBlock:  # the page rests until other tasks had their turn
                    await page.outbox.receive()
            return elapsed()

    return on_trio(main)


@figure.case("no tracer", symbol="untraced")
def untraced(n: int) -> float:
    return _page(n, None)


@figure.case("a tracer that does nothing", floor=untraced, target=Target(1.6, 2))
def nothing(n: int) -> float:
    return _page(n, Tracer())


@figure.case("OpenTelemetry, no SDK", floor=untraced, target=Target(2.2, 3))
def api(n: int) -> float:
    return _page(n, SpanTracer(NoOpTracerProvider()))


@figure.case("OpenTelemetry, spans that are dropped", n=1000, floor=untraced)
def sdk(n: int) -> float:
    return _page(n, SpanTracer(TracerProvider()))
