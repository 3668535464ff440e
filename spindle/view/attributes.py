"""Attributes by which elements send events: typed text, never names in strings.

They are put inside a tag, one of them per element:
`Markup("<button {}>Buy</button>").format(click(Search.BuyPressed(sku)))`.

While a view renders, an event that answers a yield carries that yield's id, so that an answer to
an old question is refused as stale. Outside a rendering, as in a test of one function, it carries
none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, get_args

import msgspec
from typing_extensions import TypeVar

from spindle._core.messages import Event, Yield
from spindle._core.names import name_of
from spindle.view.errors import ViewError
from spindle.view.html import Attributes, attributes
from spindle.view.pending import address

__all__ = ["click", "pointed", "pressed", "submit", "typed"]

E = TypeVar("E", bound=Event)

PointedBy: TypeAlias = Literal["click", "contextmenu", "pointermove"]
_PLACE: Final = {"x", "y"}


def submit(
    event: type[E],
    /,
    to: Yield[E] | None = None,
    *,
    instance: str | None = None,
    reset: bool = False,
) -> Attributes:
    """Return attributes for a `<form>` whose fields make the event when it is submitted.

    A form of an answer keeps what is typed until its yield was answered, by it or by any other
    event; then it is another form, and empty. One of an event of `Delivery.QUEUE` stays the same
    and keeps it whatever happens, unless `reset` empties it.

    Args:
        event: The class of the event; name the controls by `fields(event)`.
        to: The yield that the form answers: the very object that its handler got. Without it, the
            oldest pending one that accepts the event.
        instance: The instance of the spindle, if the block runs under several and `to` is not
            given.
        reset: Empty the form when it is sent: its controls become what the page says, and the
            visitor may go on typing. What is refused is given back.

    Raises:
        ViewError: `event` is an instance, belongs to no block, or does not answer `to`.
    """
    pairs = [*_described("submit", _as_class("submit", event), to, instance), ("method", "post")]
    return attributes([*pairs, ("data-sp-reset", "")] if reset else pairs)


def typed(
    event: type[E], /, to: Yield[E] | None = None, *, instance: str | None = None
) -> Attributes:
    """Return attributes for an input that sends the event whenever the visitor has typed.

    The control's name, from `fields(event)`, says which field its text becomes. Declare such an
    event `Delivery.LATEST`: only the newest text matters.

    Args:
        event: The class of the event.
        to: The yield that it answers, as for `submit`.
        instance: The instance of the spindle, as for `submit`.

    Raises:
        ViewError: `event` is an instance, belongs to no block, or does not answer `to`.
    """
    return attributes(_described("typed", _as_class("typed", event), to, instance))


def click(event: E, /, to: Yield[E] | None = None, *, instance: str | None = None) -> Attributes:
    """Return attributes for a `<button>` that sends the event when it is pressed.

    On a checkbox or radio button, too: what that shows is what the page says, once the event was
    settled, and not what was ticked.

    The event travels through the page, where a visitor can change it: give it identifiers, never
    facts the server knows.

    Args:
        event: What is sent.
        to: The yield that it answers, as for `submit`.
        instance: The instance of the spindle, as for `submit`.

    Raises:
        ViewError: `event` is a class, belongs to no block, or does not answer `to`.
    """
    return attributes(_carrying("click", event, to, instance))


def pressed(
    key: str, event: E, /, to: Yield[E] | None = None, *, instance: str | None = None
) -> Attributes:
    """Return attributes for an element that sends the event when a key is pressed in it.

    Args:
        key: The key as browsers name it in `KeyboardEvent.key`: "Escape", "Enter", "ArrowDown",
            "a".
        event: What is sent.
        to: The yield that it answers, as for `submit`.
        instance: The instance of the spindle, as for `submit`.

    Raises:
        ViewError: `key` is empty; `event` is a class, belongs to no block, or does not answer `to`.
    """
    if not key:
        raise ViewError('pressed() without a key: name one, as in pressed("Escape", event)')
    return attributes([*_carrying("pressed", event, to, instance), ("data-sp-key", key)])


def pointed(
    event: type[E],
    /,
    to: Yield[E] | None = None,
    *,
    instance: str | None = None,
    by: PointedBy = "click",
) -> Attributes:
    """Return attributes for an element that sends the event with the place that is pointed at.

    The event's fields `x` and `y`, best of type `float`, get the place: on an `<svg>`, and on what
    is drawn in it, in its own units, so that the drawing may have any size on the screen; on any
    other element in CSS pixels from its upper left corner. To take several kinds, put one element
    into another: the innermost that takes a click gets it, be it by `pointed` or `click`.

    A pointer reaches nobody who has none: offer another way, such as a form of the same event.

    Args:
        event: The class of the event; what it has beside `x` and `y` needs defaults.
        to: The yield that it answers, as for `submit`.
        instance: The instance of the spindle, as for `submit`.
        by: What sends it, as browsers name it: "click"; "contextmenu", by the other button, in
            place of the browser's menu; or "pointermove", the newest place every 50 ms, for an
            event of `Delivery.LATEST`.

    Raises:
        ViewError: `by` is something else; `event` is an instance, belongs to no block, has other
            fields, or does not answer `to`.
    """
    pairs = _described("pointed", _with_place(event), to, instance)
    if by not in get_args(PointedBy):
        raise ViewError(f"pointed(by={by!r}): expected one of {', '.join(get_args(PointedBy))}")
    return attributes([*pairs, ("data-sp-by", by)])


def _carrying(
    verb: str, event: Event, to: Yield[E] | None, instance: str | None
) -> Iterator[tuple[str, str]]:
    yield from _described(verb, _class_of(verb, event), to, instance)
    yield "data-sp-value", msgspec.json.encode(event).decode()


def _described(
    verb: str, event: type[Event], to: Yield[E] | None, instance: str | None
) -> Iterator[tuple[str, str]]:
    if to is not None and event not in to.__answers__:
        raise ViewError(
            f"{verb}({name_of(event)}, to={name_of(type(to))}(...)): "
            f"{name_of(type(to))} is answered by "
            f"{' or '.join(sorted(name_of(each) for each in to.__answers__)) or 'nothing'}"
        )
    yield f"data-sp-{verb}", _wire_name(verb, event)
    where = address(event, to, instance)
    if where.yield_id is not None:
        yield "data-sp-to", str(where.yield_id)
    if where.instance is not None:
        yield "data-sp-instance", where.instance


def _wire_name(verb: str, event: type[Event]) -> str:
    if event.__block__ is None:
        raise ViewError(
            f"{verb}({name_of(event)}): this event belongs to no block, so no spindle can get "
            f"it. Declare it inside the Spindle class that it is for"
        )
    return event.__wire__


def _as_class(verb: str, event: object) -> type[Event]:
    if isinstance(event, type) and issubclass(event, Event):
        return event
    if isinstance(event, Event):
        name = name_of(type(event))
        raise ViewError(
            f"{verb}({name}(...)): the visitor fills in the fields, so give the class, "
            f"{verb}({name}); to send a finished event there is click({name}(...))"
        )
    raise ViewError(f"{verb}({event!r}): expected the class of an event of the contract")


def _with_place(event: object) -> type[Event]:
    made = _as_class("pointed", event)
    known = msgspec.structs.fields(made)
    missing = _PLACE - {field.encode_name for field in known}
    others = [field.name for field in known if field.required and field.encode_name not in _PLACE]
    if missing or others:
        raise ViewError(
            f"pointed({name_of(made)}): the pointer gives x and y and nothing else. "
            + (f"Declare `{min(missing)}: float`" if missing else f"Give {others[0]} a default")
        )
    return made


def _class_of(verb: str, event: object) -> type[Event]:
    if isinstance(event, Event):
        return type(event)
    if isinstance(event, type) and issubclass(event, Event):
        given = ", ".join(field.name for field in msgspec.structs.fields(event) if field.required)
        raise ViewError(
            f"{verb}({name_of(event)}): give the event itself, {verb}({name_of(event)}({given}))"
        )
    raise ViewError(f"{verb}({event!r}): expected an event of the contract")
