"""Messages that have changed since a log kept them: how the newer form is made of the older."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, cast, get_args, get_origin
from weakref import WeakKeyDictionary

import msgspec

from spindle._core.errors import UsageError
from spindle._core.names import error_shown, name_of, shown
from spindle._core.replay.declared import fields_of
from spindle._core.replay.formats import UNWRITABLE

if TYPE_CHECKING:
    from spindle._core.replay.formats import Format

__all__ = ["upcast", "upcasts"]

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

    Asked only for values that do not fit the class as it is declared now, wherever these stand: in
    events, answers, results of calls, arguments, also within others. Several functions of a class
    stand in the order in which the class has changed, each making the next form of the one before:
    a value is taken through the fewest of them, from the last on, that lead to what fits. A field
    whose meaning changes gets a new name, or nothing would tell that an older value is one.

    Args:
        kind: a message, struct or dataclass, as it is now.

    Returns:
        A decorator of a plain function: it is given the fields by their names, as a log has them,
        and returns those of the next form. What it raises means that the value is no older form.

    Raises:
        UsageError: `kind` is not a class.
    """
    if not isinstance(kind, type):
        raise UsageError(f"upcasts() takes the class that has changed, not {shown(kind)}")

    def declare(upcaster: U) -> U:
        _UPCASTERS.setdefault(kind, []).append(upcaster)
        return upcaster

    return declare


def upcast(written: msgspec.Raw, kind: object, form: Format, error: Exception) -> Any:
    """Read a value that does not fit its type, `error` says why, in an older form.

    Raises:
        msgspec.ValidationError: it has none that is known.
    """
    if not _UPCASTERS:
        raise error
    lifting = _Lifting(form)
    lifted = lifting.lift(form.decode(written, Any), kind)
    try:
        return form.decode(form.encode(lifted), kind)
    except msgspec.ValidationError as still:
        tried = "".join(f"; {each}" for each in lifting.refused)
        raise msgspec.ValidationError(f"{still}{tried}") from error


class _Lifting:
    """One value on its way to its newer form."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self.refused: list[str] = []
        """Which functions were tried in vain."""

    def lift(self, value: Any, kind: Any) -> Any:
        """The value, with what is in it in the forms that fit."""
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self.lift(value, arguments[0])
        if origin in {Union, UnionType}:
            lifted = (self.lift(value, each) for each in arguments)
            return next((each for each in lifted if self._fits(each, kind)), value)
        if isinstance(value, dict):
            return self._lift_fields(cast("dict[str, Any]", value), kind, arguments)
        if isinstance(value, list) and arguments:
            values = cast("Sequence[Any]", value)
            kinds = _kinds_of(values, origin, arguments)
            return [self.lift(*pair) for pair in zip(values, kinds, strict=False)]
        return cast("object", value)

    def _lift_fields(self, value: dict[str, Any], kind: Any, arguments: tuple[Any, ...]) -> Any:
        if not isinstance(kind, type):
            of = arguments[-1] if arguments else Any
            return {key: self.lift(each, of) for key, each in value.items()}
        lifted = self._within(value, kind)
        upcasters = _UPCASTERS.get(kind, [])
        if not upcasters or self._fits(lifted, kind):
            return lifted
        for start in reversed(range(len(upcasters))):
            newer = self._through(value, upcasters[start:], kind)
            if newer is not None:
                return newer
        return lifted

    def _through(self, value: dict[str, Any], chain: Collection[Upcaster], kind: type) -> Any:
        """The value, taken through these; None if what comes of that does not fit."""
        newer: Mapping[str, Any] = value
        for each in chain:
            try:
                newer = each(dict(newer))
            except _REFUSED as error:
                self.refused.append(f"{name_of(each)} raised {error_shown(error)}")
                return None
        lifted = self._within(dict(newer), kind)
        return lifted if self._fits(lifted, kind) else None

    def _within(self, value: dict[str, Any], kind: type) -> dict[str, Any]:
        fields = fields_of(kind)
        return {key: self.lift(each, fields.get(key, Any)) for key, each in value.items()}

    def _fits(self, value: object, kind: object) -> bool:
        try:
            self._form.decode(self._form.encode(value), kind)
        except UNWRITABLE:
            return False
        return True


def _kinds_of(values: Sequence[Any], origin: Any, arguments: tuple[Any, ...]) -> Collection[Any]:
    of_each = origin is tuple and arguments[-1:] != (Ellipsis,)
    return arguments if of_each else [arguments[0]] * len(values)
