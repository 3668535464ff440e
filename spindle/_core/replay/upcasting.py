"""Messages that have changed since a log kept them: how the newer form is made of the older."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import EnumType
from functools import lru_cache
from inspect import iscoroutinefunction
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, Union, cast, get_args, get_origin
from weakref import WeakKeyDictionary

import msgspec

from spindle._core.errors import UsageError
from spindle._core.names import error_shown, name_of, shown
from spindle._core.replay.declared import fields_of
from spindle._core.replay.formats import UNWRITABLE

if TYPE_CHECKING:
    from spindle._core.replay.formats import Format

__all__ = ["UNDER_UPCASTS", "has_changed", "upcast", "upcasts"]

UNDER_UPCASTS: Final = "under `@upcasts`"
"""Stands in an error that tells of functions which were tried."""

Upcaster = Callable[[dict[str, object]], Mapping[str, object]]
U = TypeVar("U", bound=Upcaster)

_UPCASTERS: WeakKeyDictionary[type, list[Upcaster]] = WeakKeyDictionary()
_REFUSED = (*UNWRITABLE, LookupError, AttributeError, ArithmeticError)
"""What an upcaster raises that is given what it is not for."""


def upcasts(kind: type, /) -> Callable[[U], U]:
    """Tell how values of a class are read that a log has kept in an older form.

        @upcasts(Signup.NameGiven)
        def name_was_one_field(old: dict[str, object]) -> dict[str, object]:
            first, _, last = str(old["name"]).partition(" ")
            return {"first": first, "last": last}

    Asked only for values that do not fit the class as it is declared now, or have a field that it
    does not know, wherever these stand: in events, answers, results of calls, arguments, also
    within others. Several functions of a class stand in the order in which the class has changed,
    each making the next form of the one before: a value is taken through the fewest of them, from
    the last on, that lead to what fits, with as few unknown fields as can be. A field whose meaning
    changes gets a new name, or nothing would tell that an older value is one.

    Args:
        kind: a message, struct or dataclass, as it is now.

    Returns:
        A decorator of a plain function: it is given the fields by their names, as a log has them,
        and returns those of the next form. What it raises means that the value is no older form:
        so `old["name"]`, not `old.get("name")`.

    Raises:
        UsageError: `kind` is not a class, or an enum; or what is decorated is an `async def`.
    """
    if not isinstance(kind, type):
        raise UsageError(f"upcasts() takes the class that has changed, not {shown(kind)}")
    if isinstance(kind, EnumType):
        raise UsageError(
            f"upcasts() takes a class with fields, and {name_of(kind)} is an enum: let its "
            f"`_missing_` take the older value, or declare it for the class that has such a field"
        )

    def declare(upcaster: U) -> U:
        if iscoroutinefunction(upcaster):
            raise UsageError(
                f"upcasts() takes a plain function, and {name_of(upcaster)} is an `async def`: a "
                f"log is read without waiting for anything. Write `def {name_of(upcaster)}(...)`"
            )
        _UPCASTERS.setdefault(kind, []).append(upcaster)
        return upcaster

    return declare


def has_changed(kind: object) -> bool:
    """Whether it is known how a class is read that stands in this type, or in what is in it."""
    return bool(_UPCASTERS) and any(
        each in _UPCASTERS for used in _classes_in(kind) for each in _reached(used)
    )


def upcast(written: msgspec.Raw, kind: object, form: Format, error: Exception | None = None) -> Any:
    """Read a value in an older form, if it is of one.

    Args:
        written: the value.
        kind: its type.
        form: how it is written.
        error: why it does not fit its type, if it does not.

    Raises:
        msgspec.ValidationError: it does not fit, and has no older form that is known; or what was
            to make the newer form has returned none.
    """
    if error is not None and not _UPCASTERS:
        raise error
    lifting = _Lifting(form)
    lifted = lifting.lift(form.decode(written, Any), kind)
    try:
        return form.decode(form.encode(lifted), kind)
    except Exception as still:  # the application's own classes may raise anything
        tried = "; ".join(dict.fromkeys(lifting.refused))
        under = f"; {UNDER_UPCASTS}: {tried}" if tried else ""
        raise msgspec.ValidationError(f"{_why(still)}{under}") from error


class _Lifting:
    """One value on its way to its newer form."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self.refused: list[str] = []
        """Which functions were tried in vain."""

    def lift(self, value: Any, kind: Any) -> Any:
        """The value, with what is in it in the forms that fit."""
        kind = getattr(kind, "__supertype__", kind)  # of a NewType
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self.lift(value, arguments[0])
        if origin in {Union, UnionType}:
            lifted = ((self.lift(value, each), each) for each in arguments)
            fits = self._fits
            return next((it for it, each in lifted if fits(it, each) and fits(it, kind)), value)
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            if isinstance(kind, type) or _has_fields(origin):
                return self._lift_fields(fields, kind)
            of: Any = arguments[-1] if arguments else Any
            return {key: self.lift(each, of) for key, each in fields.items()}
        if isinstance(value, list) and arguments and not _has_fields(origin):
            values = cast("Sequence[Any]", value)
            kinds = _kinds_of(values, origin, arguments)
            return [self.lift(*pair) for pair in zip(values, kinds, strict=False)]
        return cast("object", value)

    def _lift_fields(self, value: dict[str, Any], kind: Any) -> dict[str, Any]:
        refused = len(self.refused)
        lifted = self._within(value, kind)
        upcasters = _UPCASTERS.get(get_origin(kind) or kind)
        if not upcasters:
            return lifted
        found = lifted if self._fits(lifted, kind) else None
        for start in reversed(range(len(upcasters))):
            if found is not None and not _unknown(found, kind):
                break
            newer = self._through(value, upcasters[start:], kind)
            if newer is not None and (
                found is None or _unknown(newer, kind) < _unknown(found, kind)
            ):
                found = newer
        if found is not None or _is_of_another(value, kind):
            del self.refused[refused:]
        return lifted if found is None else found

    def _through(
        self, value: dict[str, Any], chain: Collection[Upcaster], kind: Any
    ) -> dict[str, Any] | None:
        """The value, taken through these; None if what comes of that does not fit."""
        newer, name = value, ""
        for each in chain:
            name = name_of(each)
            try:
                made: object = each(dict(newer))
            except _REFUSED as error:
                self.refused.append(f"{name} raised {error_shown(error)}")
                return None
            if not isinstance(made, Mapping):
                raise msgspec.ValidationError(
                    f"{UNDER_UPCASTS}: {name} returned {shown(made)}, and no mapping with the "
                    f"fields of the next form"
                )
            newer = dict(cast("Mapping[str, Any]", made))
        lifted = self._within({**_tag_of(value, kind), **newer}, kind)
        misfit = self._misfit(lifted, kind)
        if misfit is None:
            return lifted
        self.refused.append(f"{name} returned {shown(newer)}, which does not fit: {_why(misfit)}")
        return None

    def _within(self, value: dict[str, Any], kind: Any) -> dict[str, Any]:
        fields = _fields(kind)
        return {key: self.lift(each, fields.get(key, Any)) for key, each in value.items()}

    def _fits(self, value: object, kind: object) -> bool:
        return self._misfit(value, kind) is None

    def _misfit(self, value: object, kind: object) -> Exception | None:
        try:
            self._form.decode(self._form.encode(value), kind)
        except Exception as error:  # likewise
            return error
        return None


def _why(error: Exception) -> str:
    """Why a value does not fit."""
    if isinstance(error, msgspec.ValidationError):
        return str(error)
    return f"its class refuses it now: {error_shown(error)}"


def _kinds_of(values: Sequence[Any], origin: Any, arguments: tuple[Any, ...]) -> Collection[Any]:
    of_each = origin is tuple and arguments[-1:] != (Ellipsis,)
    return arguments if of_each else [arguments[0]] * len(values)


def _has_fields(kind: object) -> bool:
    return hasattr(kind, "__struct_fields__") or hasattr(kind, "__dataclass_fields__")


def _fields(kind: Any) -> dict[str, Any]:
    """See `fields_of`; those of a generic class with what stands for its variables."""
    origin = get_origin(kind)
    if origin is None:
        return fields_of(kind)
    given = dict(zip(origin.__parameters__, get_args(kind), strict=False))
    return {name: _filled_in(each, given) for name, each in fields_of(origin).items()}


def _filled_in(kind: Any, given: Mapping[Any, Any]) -> Any:
    if isinstance(kind, TypeVar):
        return given.get(kind, Any)
    variables = getattr(kind, "__parameters__", ()) if get_args(kind) else ()
    return kind[tuple(given.get(each, Any) for each in variables)] if variables else kind


def _unknown(value: dict[str, Any], kind: Any) -> int:
    """How many fields it has that its class does not know, which would be lost without a word."""
    known = fields_of(get_origin(kind) or kind).keys() | _tag_of(value, kind).keys()
    return len(value.keys() - known)


def _tag_of(value: dict[str, Any], kind: Any) -> dict[str, Any]:
    """What tells it from values of other classes, which functions need not know of."""
    config = getattr(get_origin(kind) or kind, "__struct_config__", None)
    tag = None if config is None else config.tag_field
    return {tag: value[tag]} if tag in value else {}


def _is_of_another(value: dict[str, Any], kind: Any) -> bool:
    """Whether it says itself that it is of another class."""
    config = getattr(get_origin(kind) or kind, "__struct_config__", None)
    return config is not None and value.get(config.tag_field, config.tag) != config.tag


def _classes_in(kind: Any) -> Iterator[type]:
    """Those that a type is made of."""
    kind = getattr(kind, "__supertype__", kind)
    made: object = get_origin(kind) or kind
    if isinstance(made, type):
        yield made
    for each in get_args(kind):
        yield from _classes_in(each)


@lru_cache(1024)
def _reached(kind: type) -> frozenset[type]:
    """It, what stands in its fields, and in those of these."""
    left, found = [kind], set[type]()
    while left:
        each = left.pop()
        if each not in found:
            found.add(each)
            left += [used for field in fields_of(each).values() for used in _classes_in(field)]
    return frozenset(found)
