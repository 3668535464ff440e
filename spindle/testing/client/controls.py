"""What a visitor can do with an element, and why not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from spindle.testing.client.forms import form_of, is_disabled, is_submitter
from spindle.testing.client.inputs import is_checkable, is_control, type_of
from spindle.testing.client.markup import attribute, tags, top, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from bs4.element import Tag

__all__ = [
    "activated",
    "can_be_clicked",
    "carrier_of",
    "control_of_label",
    "link_by",
    "pointed_by",
    "prevents",
    "sender_of_click",
    "submitter_by",
    "takes_keys",
    "unusable",
]

_STEPS: Final = ("a", "button", "input", "label", "select", "summary", "textarea")
_NOT_DISPLAYED: Final = re.compile(
    r"(^|;)\s*(display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE
)


def carrier_of(tag: Tag, root: Tag | None, carries: Callable[[Tag], bool]) -> Tag | None:
    """Find the innermost element from `tag` outwards, inside the page, that carries an event."""
    chain = list(within(tag))
    if root is None or not any(each is root for each in chain):
        return None
    return next((each for each in chain if carries(each)), None)


def sender_of_click(tag: Tag, root: Tag | None) -> Tag | None:
    """Find what sends an event if an element is clicked."""
    return carrier_of(tag, root, _sends_click)


def _sends_click(tag: Tag) -> bool:
    named = tag.has_attr("data-sp-click") or tag.has_attr("data-sp-dismiss")
    return named or attribute(tag, "data-sp-by") == "click"


def pointed_by(tag: Tag, root: Tag | None, by: str) -> Tag | None:
    """Find what sends an event with the place if an element is pointed at."""
    return carrier_of(tag, root, lambda each: attribute(each, "data-sp-by") == by)


def prevents(carrier: Tag) -> bool:
    """Whether a browser does nothing by itself when this carrier sends a click."""
    if carrier.name == "input":
        return type_of(carrier) in ("submit", "image")
    return carrier.name in ("a", "button")


def activated(tag: Tag) -> Tag | None:
    """Find what a browser itself does something with if an element is clicked."""
    return next((each for each in within(tag) if _is_step(each)), None)


def _is_step(tag: Tag) -> bool:
    if tag.name == "a":
        return tag.has_attr("href")
    return tag.name in _STEPS and not (tag.name == "input" and type_of(tag) == "hidden")


def can_be_clicked(tag: Tag) -> bool:
    """Whether it is itself a button, a link, a box, or sends an event by a click."""
    typed = is_control(tag) and not is_checkable(tag)
    return (_is_step(tag) and not typed and tag.name != "label") or _sends_click(tag)


def link_by(tag: Tag, root: Tag | None) -> Tag | None:
    """Find the link that clicking an element follows; None if it follows none."""
    step, sender = activated(tag), sender_of_click(tag, root)
    if step is None or step.name != "a" or (sender is not None and prevents(sender)):
        return None
    return None if (attribute(step, "href") or "").startswith("#") else step


def submitter_by(tag: Tag, root: Tag | None) -> Tag | None:
    """Find the button by which clicking an element submits a form; None if it does not."""
    button, sender = activated(tag), sender_of_click(tag, root)
    if button is None or (sender is not None and prevents(sender)):
        return None
    return button if is_submitter(button) and form_of(button) is not None else None


def control_of_label(label: Tag) -> Tag | None:
    """Find what a click on a label goes to."""
    name = attribute(label, "for")
    if name is None:
        return next((each for each in tags(label) if _is_labelable(each)), None)
    return next((each for each in tags(top(label)) if attribute(each, "id") == name), None)


def _is_labelable(tag: Tag) -> bool:
    return is_control(tag) or tag.name == "button"


def takes_keys(tag: Tag) -> bool:
    """Whether it can have the focus."""
    focusable = tag.has_attr("tabindex") or tag.has_attr("contenteditable")
    return focusable or (_is_step(tag) and tag.name != "label")


def unusable(tag: Tag) -> str:
    """Say why a visitor cannot use an element: it is disabled or hidden. Empty if they can."""
    step = activated(tag) or tag
    if is_disabled(step):
        return "is disabled" if step.has_attr("disabled") else "is in a disabled fieldset"
    for inner, outer in zip(chain := list(within(tag)), [None, *chain], strict=False):
        if why := _hides(inner, outer):
            return f"is hidden: {why}"
    return ""


def _hides(tag: Tag, inner: Tag | None) -> str:
    if tag.has_attr("hidden"):
        return f"<{tag.name}> has the attribute hidden"
    if tag.name == "input" and type_of(tag) == "hidden":
        return "it has type=hidden"
    if _NOT_DISPLAYED.search(attribute(tag, "style") or ""):
        return f"<{tag.name}> is not displayed"
    if tag.name == "details" and inner is not None and inner.name != "summary":
        return "" if tag.has_attr("open") else "the <details> around it is closed"
    if tag.name == "dialog" and not tag.has_attr("open"):
        return "the <dialog> around it is closed"
    return f"it is in a <{tag.name}>" if tag.name in ("template", "datalist") else ""
