"""Strategies for messages, and for whatever else msgspec knows a type of."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints, overload

from hypothesis import strategies as st

from spindle._core.contracts.contract import Declared, describe
from spindle._core.errors import UsageError
from spindle._core.messages import Event, Message
from spindle._core.names import name_of, shown
from spindle.testing.properties.answering import DrawnEvents, can_be_offered
from spindle.testing.properties.building import Builder
from spindle.testing.properties.overrides import Overrides, Replacements

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["drawn_events", "events", "messages", "returned_by", "values"]

E = TypeVar("E", bound=Event)
M = TypeVar("M", bound=Message)
T = TypeVar("T")


@overload
def events(declared: type[E], /, *, overrides: Overrides | None = None) -> SearchStrategy[E]: ...
@overload
def events(
    declared: Declared, /, *, overrides: Overrides | None = None
) -> SearchStrategy[Event]: ...
def events(
    declared: Declared | type[Event], /, *, overrides: Overrides | None = None
) -> SearchStrategy[Event]:
    """Make a strategy for the events of a contract or a block, or for those of one class.

    Each of them passes the strict decoding that an event from a browser goes through. Limits of
    `msgspec.Meta` are kept, and met at their edges more often than by chance.

    Args:
        declared: a contract, a block, or a class of events.
        overrides: strategies of your own, by class (`{Address: addresses}`) or for one field, by
            its path (`{"Checkout.ShippingGiven.shipping.street": streets}`); `[]` stands for an
            item.

    Raises:
        UsageError: there is no strategy for a field, names its path; there are no events; or one of
            `overrides` has no place.
        ContractError: `declared` is none of these.
    """
    if isinstance(declared, type) and issubclass(declared, Event):
        return messages(declared, overrides=overrides)
    given = Replacements(overrides)
    made = _each_event(declared, given)
    given.check_all_used()
    if not made:
        raise UsageError(f"{name_of(declared)} declares no events")
    return st.one_of(list(made.values()))


def drawn_events(declared: Declared, overrides: Overrides | None) -> dict[type[Event], DrawnEvents]:
    """Make what draws the events of each class in a conversation."""
    given = Replacements(overrides)
    made = _each_event(declared, given)
    given.check_all_used()
    return {
        each: DrawnEvents(strategy, can_be_offered(each, given, name_of(each)))
        for each, strategy in made.items()
    }


def _each_event(
    declared: Declared, given: Replacements
) -> dict[type[Event], SearchStrategy[Event]]:
    return {each: Builder(given).of(each, name_of(each)) for each in describe(declared).events}


def messages(kind: type[M], /, *, overrides: Overrides | None = None) -> SearchStrategy[M]:
    """Make a strategy for the messages of one class, an event, a yield or a notify.

    Args:
        kind: the class.
        overrides: as for `events`.

    Raises:
        UsageError: there is no strategy for a field, names its path; `kind` is no class of
            messages; or one of `overrides` has no place.
    """
    if not (isinstance(kind, type) and issubclass(kind, Message)):
        raise UsageError(f"messages() takes a class of messages, not {shown(kind)}: see values()")
    return _built(kind, name_of(kind), overrides)


def values(form: type[T], /, *, overrides: Overrides | None = None) -> SearchStrategy[T]:
    """Make a strategy for the values of a type that msgspec knows.

    Args:
        form: a struct, a dataclass, `list[Product]`, `Annotated[int, msgspec.Meta(ge=1)]` ...
        overrides: as for `events`; paths begin with the name of the type.

    Raises:
        UsageError: there is no strategy for a part of it, names its path; or one of `overrides` has
            no place.
    """
    return _built(form, name_of(form), overrides)


def returned_by(
    method: Callable[..., Coroutine[Any, Any, T]], /, *, overrides: Overrides | None = None
) -> SearchStrategy[T]:
    """Make a strategy for what a port's method may return, by its annotation.

    As in `returned_by(Catalog.search)`, to be drawn for `Fake(Catalog)`.

    Args:
        method: the method, of the port's class.
        overrides: as for `events`; paths begin with the name of the method.

    Raises:
        UsageError: it is not annotated with what it returns, or that is not found when the module
            runs; or as for `values`.
    """
    name = name_of(method)
    try:
        hints = get_type_hints(method, include_extras=True)
    except NameError as error:
        raise UsageError(
            f"what {name} returns is not known: the name {error.name} is not found. Import it "
            f"outside of `if TYPE_CHECKING`"
        ) from None
    if "return" not in hints:
        raise UsageError(f"{name} is not annotated with what it returns")
    return _built(hints["return"], name, overrides)


def _built(form: Any, place: str, overrides: Overrides | None) -> SearchStrategy[Any]:
    given = Replacements(overrides)
    strategy = Builder(given).of(form, place)
    given.check_all_used()
    return strategy
