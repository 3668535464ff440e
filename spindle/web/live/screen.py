"""What a visitor sees of a page: its view, guarded against the view's own faults."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from spindle._core.names import error_shown
from spindle._core.states import Errored, Sent, Withdrawn, Yielded
from spindle.view.flash import WENT_WRONG
from spindle.view.refusal import Refused
from spindle.view.render import render_failed, render_root
from spindle.web.log import log_error, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spindle._core.messages import Ask, Event
    from spindle._core.source import Source
    from spindle.view.pending import Pending
    from spindle.view.view import View

__all__ = ["NOT_TAKEN", "OVER", "TOO_MUCH", "Screen"]

NOT_TAKEN: Final = "This is not possible any more."
OVER: Final = f"{NOT_TAKEN} Reload the page to start again."
TOO_MUCH: Final = "Too much is under way: this was not done. Please try again in a moment."

# Of how many withdrawn yields it is known that they were: a late answer comes soon or never.
_REMEMBERED: Final = 64


class Screen:
    """Hands a page's messages to its view and renders it.

    A handler or a rendering that raises is logged with its traceback, a rendering that goes on
    failing alike once; the visitor sees a message that gives nothing away, on top of the last
    rendering that worked.

    Args:
        view: the page's own.
        name: of the page, for the log.
        prefix: where the app is mounted, percent-encoded.
    """

    def __init__(self, view: View, name: str, prefix: str = "") -> None:
        self._view = view
        self._name = name
        self._prefix = prefix
        self._announced: dict[Source, Ask] = {}
        self._refused: set[type[Event]] = set()
        self._withdrawn: deque[Source] = deque(maxlen=_REMEMBERED)
        self._fault = ""
        self.changed = False
        """Whether a rendering may differ from the last one."""

    @property
    def broken(self) -> bool:
        """Whether the last rendering failed."""
        return bool(self._fault)

    @property
    def title(self) -> str:
        """The title that the view gives the document; empty if it gives none."""
        return str(self._view.title).encode(errors="replace").decode()

    def receive(self, source: Source, message: Sent) -> None:
        """Hand the view one message of the page."""
        if isinstance(message, Yielded):
            self._announced[source] = message.ask
        elif isinstance(message, Withdrawn):
            self._withdrawn.append(source)
        self._guarded(lambda: self._view.receive(source, message))
        self.changed = True

    def receive_again(self, said: Sequence[tuple[Source, Sent]]) -> None:
        """Hand the view what it was told before, in another process or another tab.

        What flashed then does not flash again, but for a failure that was the last thing to happen.
        """
        for source, message in said:
            self.receive(source, message)
            if message is not said[-1][1] or not isinstance(message, Errored):
                for each in self._view.flashes:
                    self._view.dismiss(each.id)

    def has_withdrawn(self, source: Source) -> bool:
        """Whether a yield is asked no more, though nobody answered it."""
        return source in self._withdrawn

    def acted(self) -> None:
        """Note that the visitor did something: messages they have seen go."""
        before = self._view.flashes
        self._view.visitor_acted()
        self.changed |= self._view.flashes != before

    def accepted(self, event: type[Event]) -> None:
        """Note that an event was understood: what was said of its fields goes."""
        if event in self._refused:
            self._refused.discard(event)
            self._guarded(lambda: self._view.accepted(event))
            self.changed = True

    def refuse(self, event: type[Event], faults: Mapping[str, str]) -> None:
        """Show what is wrong with the fields of a form."""
        self._refused.add(event)
        self._guarded(lambda: self._view.refuse(Refused(event, faults)))
        self.changed = True

    def dismiss(self, flash: int) -> None:
        """Drop a message the visitor has closed."""
        self._view.dismiss(flash)
        self.changed = True

    def say(self, text: str) -> None:
        """Tell the visitor something."""
        self._view.flash("info", text)
        self.changed = True

    def say_wrong(self) -> None:
        """Tell the visitor that something failed, and no more."""
        self._view.flash("error", WENT_WRONG)
        self.changed = True

    def render(self, pending: Pending) -> str:
        """Render the page; after a fault, the messages over the last rendering that worked.

        A yield that waits but has not reached the view yet is left out: else what asked the
        question before it would carry its id.
        """
        known = [(source, ask) for source, ask in pending if self._announced.get(source) is ask]
        self._announced = dict(known)
        self.changed = False
        try:
            text = render_root(self._view, known, self._prefix)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: ASYNC103 - nothing awaits here
            self._log(error)
            self._view.flash("error", WENT_WRONG)
            return render_failed(self._view)  # noqa: ASYNC104
        self._fault = ""
        return text

    def _log(self, error: BaseException) -> None:
        """Say in the log that a rendering failed, unless the one before has failed like it."""
        fault = f"{error_shown(error)} at {place_of(error)}"
        if fault != self._fault:
            log_error(error, "%s: its view could not be rendered", self._name)
        self._fault = fault

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: ASYNC103 - nothing awaits here
            # Whatever it is, SystemExit included: it ends nothing but this handler.
            log_error(error, "%s: a handler of its view failed", self._name)
            self.say_wrong()
