"""What is put into controls: checked against what they take, before anybody does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from spindle._core.errors import hides_frames
from spindle.testing.client.controls import unusable
from spindle.testing.client.errors import ElementError
from spindle.testing.client.forms import is_submitter, owned
from spindle.testing.client.inputs import (
    is_checkable,
    is_control,
    option_value,
    options_of,
    type_of,
)
from spindle.testing.client.markup import attribute, named, readable, text_of

if TYPE_CHECKING:
    from bs4.element import Tag

__all__ = ["Choice", "FieldValue", "Ticked", "Typed", "choices", "is_typed_in", "positions"]

__tracebackhide__ = hides_frames

FieldValue: TypeAlias = str | bool | Sequence[str]
"""What a field of a form is filled in with."""


def is_typed_in(tag: Tag) -> bool:
    """Whether a visitor types in it."""
    return is_control(tag) and not is_checkable(tag) and tag.name != "select"


class Typed(NamedTuple):
    """A text for a field."""

    control: Tag
    text: str

    @classmethod
    def checked(cls, control: Tag, text: str) -> Typed:
        """Make one.

        Raises:
            ElementError: the control is none that is typed in, or takes no such text.
        """
        if not is_typed_in(control):
            raise ElementError(f"{named(control)} is not typed in{_instead(control)}")
        if control.has_attr("readonly"):
            raise ElementError(f"{named(control)} is read-only: no visitor can type in it")
        most = attribute(control, "maxlength") or ""
        if most.isdigit() and len(text) > int(most):
            raise ElementError(f"{named(control)} takes {most} characters, not {len(text)}")
        if type_of(control) == "number" and control.name == "input" and not _is_number(text):
            raise ElementError(f"{named(control)} takes a number, not {text!r}")
        return cls(control, text)


class Ticked(NamedTuple):
    """A tick for a box or a radio button, or none."""

    control: Tag
    on: bool

    @classmethod
    def checked(cls, box: Tag, on: bool) -> Ticked:
        """Make one.

        Raises:
            ElementError: it is nothing to tick, or a radio button is to lose its tick.
        """
        if not is_checkable(box):
            raise ElementError(f"{named(box)} is nothing to tick")
        if type_of(box) == "radio" and not on:
            raise ElementError(f"{named(box)} loses its tick only to another one of its group")
        return cls(box, on)


class Choice(NamedTuple):
    """Options of a `<select>`, by their places."""

    control: Tag
    positions: tuple[int, ...]


def choices(form: Tag, name: str, value: FieldValue) -> list[Typed | Ticked | Choice]:
    """Say what to put into the controls of a form that have a name.

    Raises:
        ElementError: there are none, they cannot be used, or the value does not fit.
    """
    controls = [each for each in owned(form) if attribute(each, "name") == name]
    fields = [each for each in controls if is_control(each)]
    if not fields:
        raise ElementError(_no_field(form, name, controls))
    usable = [each for each in fields if not unusable(each)]
    if not usable:
        why = unusable(fields[0])
        raise ElementError(f"{named(fields[0])} {why}: no visitor can fill it in")
    if type_of(usable[0]) == "radio" and usable[0].name == "input":
        return [_radio(usable, name, value)]
    if is_checkable(usable[0]):
        return list(_boxes(usable, name, value))
    if isinstance(value, bool):
        raise ElementError(f"{named(usable[0])} is no box: give a text, not {value}")
    if usable[0].name == "select":
        given = (value,) if isinstance(value, str) else tuple(value)
        return [Choice(usable[0], positions(usable[0], given))]
    texts = [value] if isinstance(value, str) else list(value)
    if len(texts) > len(usable):
        raise ElementError(f"{name!r}: {len(texts)} texts for {len(usable)} fields of that name")
    return [Typed.checked(*pair) for pair in zip(usable, texts, strict=False)]


def positions(select: Tag, wanted: Sequence[str]) -> tuple[int, ...]:
    """Find options by value, or by what they show.

    Raises:
        ElementError: it is no `<select>`, has no such option, or takes one at a time.
    """
    if select.name != "select":
        raise ElementError(f"{named(select)} is no <select>{_instead(select)}")
    if not select.has_attr("multiple") and len(wanted) != 1:
        raise ElementError(f"{_start(select)} takes one option, not {len(wanted)}")
    options, found = options_of(select), list[int]()
    for text in wanted:
        by_value = [at for at, each in enumerate(options) if option_value(each) == text]
        by_text = [at for at, each in enumerate(options) if text_of(each) == text]
        if not (by_value or by_text):
            has = ", ".join(repr(option_value(each)) for each in options) or "none"
            raise ElementError(f"{_start(select)} has no option {text!r}; it has {has}")
        found.append((by_value or by_text)[0])
    for at in found:
        if options[at].has_attr("disabled"):
            raise ElementError(f"{named(options[at])} is disabled: no visitor can pick it")
    return tuple(sorted(found))


def _radio(radios: list[Tag], name: str, value: FieldValue) -> Ticked:
    for radio in radios:
        if _value(radio) == value:
            return Ticked(radio, on=True)
    has = ", ".join(repr(_value(each)) for each in radios)
    raise ElementError(f"{name!r}: no radio button has the value {value!r}; there are {has}")


def _boxes(boxes: list[Tag], name: str, value: FieldValue) -> Sequence[Ticked]:
    if isinstance(value, bool):
        if len(boxes) > 1:
            raise ElementError(f"{name!r} has {len(boxes)} boxes: list the values to be ticked")
        return [Ticked(boxes[0], value)]
    wanted = [value] if isinstance(value, str) else list(value)
    has = [_value(each) for each in boxes]
    for each in wanted:
        if each not in has:
            raise ElementError(f"{name!r}: no box has the value {each!r}; there are {has}")
    return [Ticked(box, _value(box) in wanted) for box in boxes]


def _value(box: Tag) -> str:
    value = attribute(box, "value")
    return "on" if value is None else value


def _no_field(form: Tag, name: str, others: list[Tag]) -> str:
    if others:
        return f"{named(others[0])} is no field that a visitor fills in: it is hidden, or a button"
    names = dict.fromkeys(
        attribute(each, "name") or ""
        for each in owned(form)
        if is_control(each) and not is_submitter(each)
    )
    has = ", ".join(repr(each) for each in names if each) or "none"
    return f"the form has no field {name!r}; its fields: {has}\n{readable(form)}"


def _instead(tag: Tag) -> str:
    if is_checkable(tag):
        return ": use check()"
    if tag.name == "select":
        return ": use choose()"
    return ": use type()" if is_typed_in(tag) else ""


def _start(tag: Tag) -> str:
    return named(tag).partition(">")[0] + ">"


def _is_number(text: str) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return False
    return True
