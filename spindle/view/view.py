"""A view: takes what spindles say, updates its assigns, renders them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from spindle._core.names import name_of
from spindle._core.states import (
    Cancelled,
    Completed,
    Errored,
    Notified,
    Sent,
    Withdrawn,
    Yielded,
)
from spindle.view.assigns import assigns_of, no_such_assign
from spindle.view.errors import ViewError
from spindle.view.flash import NOT_SENT, WENT_WRONG, Flash
from spindle.view.handlers import Kind, Subject
from spindle.view.paths import place_of
from spindle.view.refusal import Field, Refused, field_at
from spindle.view.state import ViewState
from spindle.view.table import Handler, handler_table

if TYPE_CHECKING:
    from spindle._core.messages import Event
    from spindle._core.source import Source
    from spindle.view.html import HTML

__all__ = ["View"]


class View:
    """What a visitor sees: assigns, handlers that update them, and `render`.

    Annotated class attributes are the assigns, with their defaults; a page makes a view without
    arguments, one per visitor. Handlers are methods decorated with `on`, `on_complete` and their
    like. A view has no business logic and awaits nothing, so it is tested without a page: hand
    messages to `receive`, look at the assigns or at `render_root(view)`.

        class Hello(View):
            name: str = ""

            @on(Greeting.Named)
            def named(self, message: Greeting.Named) -> None:
                self.name = message.name

            def render(self) -> Markup:
                return Markup("<p>Hello {}</p>").format(self.name)

    `Markup(...)` marks a text as HTML, and its `format` escapes what is filled in. Never make
    Markup of a text that something has been filled into before, such as an f-string: that would
    take a visitor's text for HTML.

    Raises:
        ViewError: where the class is defined, if an assign or a handler is declared wrongly.
    """

    __assigns__: ClassVar[frozenset[str]] = frozenset({"title"})
    __handlers__: ClassVar[Mapping[Subject, Handler]] = {}

    __spindle__: ViewState

    title: str = ""
    """The document's title."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__assigns__ = assigns_of(cls, View)
        cls.__handlers__ = handler_table(cls, View)
        _check_call(cls, "__init__")
        _check_call(cls, "render")

    def __new__(cls) -> Self:
        """Give the view its own state, whatever `__init__` a subclass has."""
        view = super().__new__(cls)
        view.__spindle__ = ViewState()
        return view

    if not TYPE_CHECKING:  # with it in sight, checkers would take any assignment for right

        def __setattr__(self, name: str, value: object) -> None:
            if name not in self.__assigns__ and not name.startswith("_"):
                raise no_such_assign(type(self), name, self.__assigns__)
            object.__setattr__(self, name, value)

    def render(self) -> HTML:
        """Return the page as HTML; every subclass has its own.

        Called after each message or batch of messages, so it only reads the assigns. Text without
        `__html__` is escaped.
        """
        raise ViewError(f"{name_of(type(self))} has no render(): add `def render(self) -> Markup`")

    def receive(self, source: Source, message: Sent) -> None:
        """Hand one message of the page to its handler.

        A handler's exception is passed on, with the assigns as the handler left them: the caller
        logs it and flashes `WENT_WRONG`; the next message may be received as usual.

        Args:
            source: The spindle it comes from.
            message: A pair of these is what the page's outbox holds.

        Raises:
            ViewError: a message, or an outcome other than None, has no handler, which `check_view`
                would have told.
        """
        match message:
            case Yielded(ask):
                self._deliver(Subject(Kind.MESSAGE, type(ask)), ask, source)
            case Notified(notify):
                self._deliver(Subject(Kind.MESSAGE, type(notify)), notify, source)
            case Completed(value):
                self._deliver(Subject(Kind.COMPLETED, source.block), value, source)
            case Withdrawn(ask):
                self._call(Subject(Kind.WITHDRAWN, type(ask)), ask, source)
            case Cancelled():
                self._call(Subject(Kind.CANCELLED, source.block), message, source)
            case Errored(error):
                if not self._call(Subject(Kind.ERRORED, source.block), error, source):
                    self.flash("error", WENT_WRONG)

    def refuse(self, refused: Refused) -> None:
        """Keep the faults of an event, for `field` and `problem`, until one is accepted.

        Calls the `@on_refused` handler; without one, flashes a hint at the marked fields. A
        handler's exception is passed on, as by `receive`.
        """
        self.__spindle__.refused[refused.event] = refused
        if not self._call(Subject(Kind.REFUSED, refused.event), refused):
            self.flash("error", NOT_SENT)

    def accepted(self, event: type[Event]) -> None:
        """Forget the faults of an event, now that one of its class has been accepted."""
        self.__spindle__.refused.pop(event, None)

    def field(self, field: object) -> Field:
        """Return the name, id and problem of the control for a field: for label and input.

        Args:
            field: A path made by `fields`.

        Raises:
            ViewError: `field` is something else.
        """
        return field_at(place_of(field), self.problem(field))

    def problem(self, field: object) -> str:
        """Return what is wrong with what the visitor entered in a field, or an empty text.

        Args:
            field: A path made by `fields`; `fields(Event)` itself is the event as a whole.

        Raises:
            ViewError: `field` is something else.
        """
        place = place_of(field)
        refused = self.__spindle__.refused.get(place.event)
        return "" if refused is None else refused.errors.get(place.name, "")

    def flash(self, kind: Literal["info", "error"], text: str) -> None:
        """Show the visitor a message until it is dismissed or the next event.

        Screen readers announce it: "info" when they get to it, "error" at once. The same message
        shown again is announced again; of more than 20 the oldest give way.

        Raises:
            ViewError: `kind` is neither.
        """
        self.__spindle__.flashes.add(kind, text)

    @property
    def flashes(self) -> tuple[Flash, ...]:
        """The flash messages, the oldest first."""
        return self.__spindle__.flashes.current

    def dismiss(self, flash_id: int) -> None:
        """Drop a flash message; one that is gone already is ignored."""
        self.__spindle__.flashes.dismiss(flash_id)

    def visitor_acted(self) -> None:
        """Drop the flash messages that have been rendered: the visitor did the next thing."""
        self.__spindle__.flashes.drop_shown()

    def _deliver(self, subject: Subject, argument: object, source: Source) -> None:
        if not self._call(subject, argument, source) and argument is not None:
            raise ViewError(
                f"{name_of(type(self))} has no handler for {argument!r}: add {subject}. "
                f"check_view tells of it when the page opens"
            )

    def _call(self, subject: Subject, argument: object, source: Source | None = None) -> bool:
        handler = self.__handlers__.get(subject)
        if handler is None:
            return False
        method = getattr(self, handler.name)
        if handler.takes_source:
            method(argument, source)
        else:
            method(argument)
        return True


def _check_call(view: type[View], name: str) -> None:
    """Refuse a method that cannot be called without arguments."""
    function = vars(view).get(name)
    if not inspect.isfunction(function):
        return
    if inspect.iscoroutinefunction(function):
        raise ViewError(f"{name_of(view)}.{name} is async: write `def {name}(self)`")
    try:
        inspect.signature(function).bind(None)
    except TypeError as error:
        raise ViewError(
            f"{name_of(view)}.{name} is called without arguments, but has a {error}. "
            f"What a view shows comes with messages"
        ) from None
