"""Forms as browsers take them: which controls are whose, what is sent, and what is held back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bs4.element import Tag

from spindle.testing.client.inputs import Inputs, is_checkable, is_control, type_of
from spindle.testing.client.markup import attribute, labels_of, tags, top, within

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "buttons_of",
    "entries",
    "fault_of",
    "form_of",
    "is_disabled",
    "is_submitter",
    "owned",
    "radio_group",
    "submitted_by_key",
]


def form_of(tag: Tag) -> Tag | None:
    """Find the form that a control or button belongs to."""
    name = attribute(tag, "form")
    if name is None:
        return next((each for each in within(tag) if each.name == "form"), None)
    return next((each for each in tags(top(tag)) if _is(each, name)), None)


def _is(tag: Tag, name: str) -> bool:
    return tag.name == "form" and attribute(tag, "id") == name


def owned(form: Tag) -> list[Tag]:
    """List the controls, hidden values and buttons of a form, in document order."""
    document = top(form)
    names = ("input", "select", "textarea", "button")
    return [tag for tag in tags(document) if tag.name in names and form_of(tag) is form]


def is_submitter(tag: Tag) -> bool:
    """Whether pressing it submits its form."""
    if tag.name == "button":
        return (attribute(tag, "type") or "submit").lower() not in ("button", "reset")
    return tag.name == "input" and type_of(tag) in ("submit", "image")


def buttons_of(form: Tag) -> list[Tag]:
    """List what submits a form."""
    return [tag for tag in owned(form) if is_submitter(tag)]


def submitted_by_key(tag: Tag, key: str) -> Tag | None:
    """Find the form that pressing a key in an element submits; None if it submits none."""
    form = form_of(tag)
    if form is None or (key != "Enter" and not (key == " " and is_submitter(tag))):
        return None
    if is_submitter(tag):
        return form
    buttons = buttons_of(form)
    fields = [each for each in owned(form) if each.name == "input" and is_control(each)]
    usable = not is_disabled(buttons[0]) if buttons else len(fields) == 1
    return form if tag.name == "input" and usable else None


def is_disabled(tag: Tag) -> bool:
    """Whether browsers let nobody use it: by itself or by a fieldset around it."""
    if tag.name not in ("button", "input", "select", "textarea", "option", "fieldset"):
        return False
    if tag.has_attr("disabled"):
        return True
    inner = tag
    for outer in within(tag):
        if outer.name == "fieldset" and outer.has_attr("disabled"):
            legend = next((each for each in outer.children if _named(each, "legend")), None)
            if not any(each is legend for each in within(inner)):
                return True
    return False


def _named(node: object, name: str) -> bool:
    return isinstance(node, Tag) and node.name == name


def entries(form: Tag, inputs: Inputs, submitter: Tag | None = None) -> list[tuple[str, str]]:
    """List the pairs that a form sends, in document order; files are left out."""
    return [pair for tag in owned(form) for pair in _entries_of(tag, inputs, submitter)]


def _entries_of(tag: Tag, inputs: Inputs, submitter: Tag | None) -> Iterator[tuple[str, str]]:
    name = attribute(tag, "name") or ""
    kind = type_of(tag) if tag.name == "input" else ""
    if is_disabled(tag) or any(each.name == "datalist" for each in within(tag)):
        return
    if tag.name == "button" or kind in ("submit", "button", "reset", "image"):
        if tag is not submitter:
            return
        if kind == "image":
            yield from ((f"{name}.{axis}" if name else axis, "0") for axis in "xy")
        elif name:
            yield name, attribute(tag, "value") or ""
    elif name and is_control(tag):
        yield from ((name, value) for value in inputs.sent(tag))
    elif name and kind == "hidden":
        yield name, attribute(tag, "value") or ""


def fault_of(form: Tag, inputs: Inputs, submitter: Tag | None = None) -> str:
    """Say why a browser would not send a form but point at a field; empty if it would."""
    if form.has_attr("novalidate") or (submitter and submitter.has_attr("formnovalidate")):
        return ""
    for tag in owned(form):
        if is_control(tag) and not is_disabled(tag) and not tag.has_attr("readonly"):
            fault = _fault_of(tag, inputs)
            if fault:
                called = next(iter(labels_of(tag)), None) or attribute(tag, "name") or tag.name
                return f"{called!r} {fault}"
    return ""


def _fault_of(tag: Tag, inputs: Inputs) -> str:
    values = [value for value in inputs.values(tag) if value]
    if not values:
        return "is required and empty" if _is_required(tag, inputs) else ""
    kind, (value, *_) = type_of(tag) if tag.name == "input" else "", values
    pattern = attribute(tag, "pattern")
    if pattern and kind not in ("checkbox", "radio") and not re.fullmatch(pattern, value):
        return f"has to match {pattern!r} and holds {value!r}"
    if kind == "email" and not re.fullmatch(r"[^\s@,]+@[^\s@,.]+(\.[^\s@,.]+)*", value):
        return f"has to be an e-mail address and holds {value!r}"
    if kind == "url" and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value):
        return f"has to be a URL and holds {value!r}"
    return _bound_fault(tag, kind, value) or _length_fault(tag, value, inputs)


def _is_required(tag: Tag, inputs: Inputs) -> bool:
    if not is_checkable(tag) or type_of(tag) == "checkbox":
        return tag.has_attr("required")
    group = radio_group(tag)
    return any(map(_requires, group)) and not any(inputs.of(each).checked for each in group)


def _requires(tag: Tag) -> bool:
    return tag.has_attr("required")


def radio_group(radio: Tag) -> list[Tag]:
    """List the radio buttons of which one can be ticked at a time."""
    form, name = form_of(radio), attribute(radio, "name")
    document = top(radio)
    return [
        tag
        for tag in tags(document)
        if tag is radio
        or (
            name
            and tag.name == "input"
            and type_of(tag) == "radio"
            and attribute(tag, "name") == name
            and form_of(tag) is form
        )
    ]


def _bound_fault(tag: Tag, kind: str, value: str) -> str:
    if kind not in ("number", "range"):
        return ""
    least, most = (_number(attribute(tag, bound)) for bound in ("min", "max"))
    number = _number(value)
    if number is not None and least is not None and number < least:
        return f"has to be {least:g} or more and holds {value!r}"
    if number is not None and most is not None and number > most:
        return f"has to be {most:g} or less and holds {value!r}"
    return ""


def _length_fault(tag: Tag, value: str, inputs: Inputs) -> str:
    least = attribute(tag, "minlength") or ""
    if least.isdigit() and len(value) < int(least) and inputs.of(tag).unheard:
        return f"has to have {least} characters and holds {value!r}"
    return ""


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
