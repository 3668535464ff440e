"""Values as a log keeps them: what a spindle receives is what was read back, live and replayed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec

from spindle._core.errors import UsageError
from spindle._core.fields import PLAIN, fields_of_value
from spindle._core.names import error_shown, shown
from spindle._core.replay.formats import UNWRITABLE
from spindle._core.replay.upcasting import has_changed, upcast

if TYPE_CHECKING:
    from spindle._core.replay.formats import Format

__all__ = ["faithful", "keep", "read"]


def keep(value: object, kind: object, what: str, form: Format) -> tuple[msgspec.Raw, Any]:
    """Write a value down.

    Args:
        value: what is to be kept.
        kind: the type it was declared with; `Any` where nothing is declared.
        what: how the error calls it: "what Orders.place returned".
        form: how the log writes.

    Returns:
        What was written, and what is read from that: of the declared type, sharing nothing.

    Raises:
        UsageError: it cannot be written, or would be read as something else.
    """
    try:
        written = form.encode(value)
        found = form.decode(written, kind)
        same = faithful(value, found)
    except Exception as error:  # the application's own classes may raise anything
        why = str(error) if isinstance(error, UNWRITABLE) else error_shown(error)
        if isinstance(error, RecursionError):
            why = "it holds itself, or is nested too deep"
        raise UsageError(
            f"{what} cannot be kept in the log: {shown(value)} ({why}). A log keeps numbers, "
            f"texts, containers, dates, enums, structs and dataclasses of a declared type"
        ) from error
    if not same:
        mend = "Declare the type of what it is"
        if type(value) is type(found) and fields_of_value(value):
            mend += " to its last part, and let `__post_init__` make the same of its own fields"
        declared = "no type is declared" if kind is Any else f"declared is {shown(kind)}"
        raise UsageError(
            f"{what} cannot be kept in the log: {shown(value)} would be read back as "
            f"{shown(found)}, for {declared}. {mend}"
        )
    return msgspec.Raw(written), found


def read(written: msgspec.Raw, kind: object, form: Format) -> Any:
    """Read what was kept.

    Raises:
        msgspec.ValidationError: it is of another type than is declared now, and nobody has told
            how it came to that.
    """
    try:
        found = form.decode(written, kind)
    except msgspec.ValidationError as error:
        return upcast(written, kind, form, error)
    except Exception as error:  # the application's own classes may raise anything
        misfit = msgspec.ValidationError(f"its class refuses it now: {error_shown(error)}")
        misfit.__cause__ = error
        return upcast(written, kind, form, misfit)
    return upcast(written, kind, form) if has_changed(kind) else found


def faithful(value: Any, found: Any) -> bool:
    """Whether what is read says the same: lists may have been tuples, integers floats."""
    if type(value) in PLAIN and value == value:
        return bool(value == found)
    if isinstance(value, msgspec.Struct):
        return type(found) is type(value) and all(
            faithful(getattr(value, each), getattr(found, each)) for each in value.__struct_fields__
        )
    if dataclasses.is_dataclass(value):
        return type(found) is type(value) and all(
            faithful(getattr(value, each.name), getattr(found, each.name))
            for each in dataclasses.fields(value)
        )
    if isinstance(value, (list, tuple)):
        return isinstance(found, (list, tuple)) and _all_faithful(
            cast("Sequence[object]", value), cast("Sequence[object]", found)
        )
    if isinstance(value, Mapping):
        return isinstance(found, Mapping) and _each_faithful(
            cast("Mapping[object, object]", value), cast("Mapping[object, object]", found)
        )
    if value != value:  # not a number
        return bool(found != found)
    return bool(value == found)


def _all_faithful(values: Sequence[object], found: Sequence[object]) -> bool:
    return len(values) == len(found) and all(map(faithful, values, found))


def _each_faithful(values: Mapping[object, object], found: Mapping[object, object]) -> bool:
    return len(values) == len(found) and all(
        key in found and faithful(value, found[key]) for key, value in values.items()
    )
