"""Pages as OpenTelemetry shows them: a span for each page, spindle, yield and call of a port.

Needs the extra `trio-spindle[opentelemetry]`, the API alone: without an SDK configured, spans are
not recorded.

A span is current where its code runs: that of a spindle in the spindle's own context, that of a
call in the context in which the port runs. So spans of the program's own have the right parent,
and nothing is ever attached in one task and detached in another: a spindle's context dies with it,
and a call's is left where it was entered.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

try:
    from opentelemetry import context, trace
    from opentelemetry.trace import Link, SpanKind, Status, StatusCode
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "spindle.opentelemetry needs the API of OpenTelemetry: "
        "pip install 'trio-spindle[opentelemetry]'",
        name=missing.name,
    ) from missing

from spindle._core.names import error_shown, name_of, prints_plainly, shortened
from spindle._core.states import Cancelled, Completed, Errored
from spindle._core.tracer import Tracer

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from contextlib import AbstractContextManager

    from opentelemetry.trace import Span, TracerProvider

    from spindle._core.states import Outcome
    from spindle._core.tracer import TracedCall, TracedPage, TracedSpindle, TracedYield

__all__ = ["SpanTracer"]

_SCOPE: Final = "spindle"
_LONGEST_REASON: Final = 200


class SpanTracer(Tracer):
    """Follows pages with spans: hand it to `open_page(..., tracer=...)` or `App(tracer=...)`.

    - `page Store`: under the span that is current where the page is opened, to the end of the page;
    - `spindle Store.Checkout`: under the page's, linked to that where it was started; one run;
    - `yield Checkout.AskShipping`: under the spindle's, until it is answered or withdrawn;
    - `call Orders.place`: under the one current in the spindle's code, as long as the call.

    How each ended is its attribute `spindle.outcome`; of what was cancelled,
    `spindle.cancel.reason` and `spindle.cancel.origin` say why. A failure is the span's status, and
    recorded as its exception. What a visitor answers is in no span, only its class.
    """

    def __init__(self, provider: TracerProvider | None = None) -> None:
        """Make spans with the tracer of `provider`, by default of the global one."""
        self._tracer = trace.get_tracer(_SCOPE, tracer_provider=provider)
        self._pages: dict[TracedPage, Span] = {}
        self._spindles: dict[TracedSpindle, Span] = {}
        self._yields: dict[TracedYield, Span] = {}

    def page_opened(self, page: TracedPage) -> None:
        """Begin its span."""
        self._pages[page] = self._tracer.start_span(
            f"page {page.contract}",
            attributes={"spindle.page": page.name, "spindle.contract": page.contract},
        )

    def page_ended(self, page: TracedPage, cancelled: Cancelled) -> None:
        """End its span."""
        span = self._pages.pop(page)
        span.set_attributes(_reasons(cancelled))
        span.end()

    def spindle_started(self, spindle: TracedSpindle) -> None:
        """Begin its span, and make it the current one of the spindle's code."""
        around = spindle.context.copy().run(context.get_current)
        starter = trace.get_current_span(around).get_span_context()
        parent = trace.set_span_in_context(self._pages[spindle.page], around)
        span = self._tracer.start_span(
            f"spindle {spindle.name}",
            parent,
            attributes={
                "spindle.page": spindle.page.name,
                "spindle.name": spindle.name,
                "spindle.function": spindle.function,
                "spindle.restart": spindle.restart,
            },
            links=[Link(starter)] if starter.is_valid else None,
        )
        self._spindles[spindle] = span
        # Never detached: the context is the spindle's own, and ends with it.
        spindle.context.run(_make_current, span)

    def spindle_ended(self, spindle: TracedSpindle, outcome: Outcome[object]) -> None:
        """End its span."""
        span = self._spindles.pop(spindle)
        match outcome:
            case Completed():
                span.set_attribute("spindle.outcome", "completed")
            case Cancelled():
                span.set_attribute("spindle.outcome", "cancelled")
                span.set_attributes(_reasons(outcome))
            case Errored(error):
                _failed(span, error)
        span.end()

    def yield_announced(self, asked: TracedYield) -> None:
        """Begin its span."""
        parent = trace.set_span_in_context(self._spindles[asked.spindle], context.Context())
        self._yields[asked] = self._tracer.start_span(
            f"yield {name_of(type(asked.ask))}",
            parent,
            attributes={
                "spindle.page": asked.spindle.page.name,
                "spindle.name": asked.spindle.name,
                "spindle.yield_id": asked.yield_id,
            },
        )

    def yield_answered(self, asked: TracedYield, answer: object) -> None:
        """End its span, with the class of the answer."""
        span = self._yields.pop(asked)
        span.set_attribute("spindle.outcome", "answered")
        span.set_attribute("spindle.event", name_of(type(answer)))
        span.end()

    def yield_withdrawn(self, asked: TracedYield) -> None:
        """End its span."""
        span = self._yields.pop(asked)
        span.set_attribute("spindle.outcome", "withdrawn")
        span.end()

    def call(self, call: TracedCall) -> AbstractContextManager[None]:
        """Return its span, which is current while the port's code runs."""
        return self._around(call)

    @contextmanager
    def _around(self, call: TracedCall) -> Generator[None]:
        span = self._tracer.start_span(
            f"call {call.name}",
            kind=SpanKind.CLIENT,
            attributes={
                "spindle.page": call.spindle.page.name,
                "spindle.name": call.spindle.name,
                "spindle.call": call.name,
                "spindle.repeat": call.repeat,
            },
        )
        token = context.attach(trace.set_span_in_context(span))
        try:
            yield
        except Exception as error:
            _failed(span, error)
            raise
        except BaseException:
            span.set_attribute("spindle.outcome", "cancelled")
            if call.cancelled is not None:
                span.set_attributes(_reasons(call.cancelled))
            raise
        else:
            span.set_attribute("spindle.outcome", "completed")
        finally:
            context.detach(token)
            span.end()


def _make_current(span: Span) -> None:
    context.attach(trace.set_span_in_context(span))


def _failed(span: Span, error: Exception) -> None:
    span.set_attribute("spindle.outcome", "failed")
    span.set_status(Status(StatusCode.ERROR, error_shown(error)))
    if prints_plainly(error):  # or the text of a hostile one would be asked for
        span.record_exception(error)


def _reasons(cancelled: Cancelled) -> Mapping[str, str]:
    reasons = {
        "spindle.cancel.reason": shortened(cancelled.reason, _LONGEST_REASON),
        "spindle.cancel.origin": cancelled.origin.value,
    }
    if cancelled.by is not None:
        reasons["spindle.cancel.by"] = name_of(cancelled.by.block)
    return reasons
