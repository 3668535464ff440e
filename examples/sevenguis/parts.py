"""Pieces of HTML that several of the seven share."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from spindle import Event
from spindle.view import Field, Markup, click, pressed

__all__ = ["button", "dialog", "flag", "frame", "pick_field", "slider", "text_field"]


def frame(heading: str, content: Markup) -> Markup:
    """Put the way back above what a page shows."""
    return Markup(
        '<nav aria-label="Site"><a href="/">7GUIs</a></nav><main><h1 tabindex="-1">{}</h1>{}</main>'
    ).format(heading, content)


def text_field(
    label: str,
    field: Field,
    *attributes: Markup,
    value: str = "",
    wrong: bool = False,
    disabled: bool = False,
    key: object = "",
) -> Markup:
    """Show a field with its label and, below, what is wrong with it.

    Browsers do not send what a disabled field holds, so that stands in a hidden one beside it. With
    another key it is another field, which keeps nothing of what was typed into the one before.
    """
    field = structs.replace(field, id=f"{field.id}:{key}")
    state = flag("disabled", disabled) or flag('aria-invalid="true"', wrong)
    hidden = Markup('<input type="hidden" name="{}" value="{}">').format(field.name, value)
    return Markup(
        '<div class="field"><label {field.label}>{label}</label>'
        '<input {field.control} value="{value}" autocomplete="off" {attributes}>'
        "{field.message}{hidden}</div>"
    ).format(
        label=label,
        field=field,
        value=value,
        attributes=Markup(" ").join((state, *attributes)),
        hidden=hidden if disabled else "",
    )


def pick_field(
    label: str,
    field: Field,
    entries: Iterable[tuple[object, str]],
    picked: object,
    *attributes: Markup,
    lines: int = 1,
) -> Markup:
    """Show a list to pick from: of each entry what is sent, and what is read."""
    options = (
        Markup('<option value="{}" {}>{}</option>').format(
            value, flag("selected", value == picked), text
        )
        for value, text in entries
    )
    return Markup(
        '<div class="field"><label {field.label}>{label}</label>'
        '<select {field.control} size="{lines}" {attributes}>{options}</select></div>'
    ).format(
        label=label,
        field=field,
        lines=lines,
        attributes=Markup(" ").join(attributes),
        options=Markup().join(options),
    )


def slider(
    label: str,
    field: Field,
    value: float,
    most: float,
    *attributes: Markup,
    focus: bool = False,
) -> Markup:
    """Show a number that is drawn between 0 and `most`."""
    return Markup(
        '<div class="field"><label {field.label}>{label}</label>'
        '<input {field.control} type="range" max="{most}" value="{value:g}" {attributes}></div>'
    ).format(
        label=label,
        field=field,
        most=most,
        value=value,
        attributes=Markup(" ").join((*attributes, flag("autofocus", focus))),
    )


def button(text: str, *attributes: Markup, disabled: bool = False, focus: bool = False) -> Markup:
    """Show a button."""
    flags = (flag("disabled", disabled), flag("autofocus", focus))
    return Markup("<button {}>{}</button>").format(Markup(" ").join((*attributes, *flags)), text)


def dialog(x: float, y: float, content: Markup, closed: Event) -> Markup:
    """Show something over a drawing, with a button that closes it, as the escape key does.

    Args:
        x: where it begins; it is moved to the left where it would not fit.
        y: where it begins; it is moved up where it would not fit.
        content: what it shows.
        closed: what is sent when it is closed.
    """
    return Markup(
        '<foreignObject x="{}" y="{}" width="400" height="140">'
        '<div role="dialog" aria-label="Circle" {}>{}{}</div>'
        "</foreignObject>"
    ).format(
        min(x, 190), min(y, 160), pressed("Escape", closed), content, button("Close", click(closed))
    )


def flag(attribute: str, on: bool) -> Markup:
    """Return an attribute that is there or not."""
    return Markup(attribute) if on else Markup()
