"""What the visitor put into the page, and a new rendering must not take away.

A field follows the server when the server's word on it changes and the visitor has nothing in it
that the server has not heard; until then, and while the visitor is in it, it keeps what it shows.
The browser script's owned.ts, element for element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle.testing.client.inputs import (
    Held,
    Inputs,
    is_checkable,
    is_control,
    option_value,
    options_of,
)
from spindle.testing.client.markup import attribute, tags
from spindle.testing.client.pairs import Pairs, pair

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from bs4.element import Tag

__all__ = ["morph"]


def morph(
    root: Tag, new: Tag, inputs: Inputs, answered: Callable[[Hashable], bool]
) -> tuple[Pairs, bool]:
    """Make a root's content that of the new rendering, around what the visitor did to it.

    Args:
        root: the page's element.
        new: holds what the server rendered; empty afterwards.
        inputs: what the controls hold; goes on with those of the new rendering.
        answered: whether the visitor has answered an ask.

    Returns:
        Which element became which, and whether a change waits for the visitor.
    """
    pairs = pair(root, new, answered)
    deferred = False
    for old, fresh in pairs:
        if is_control(old):
            deferred |= _decide(old, fresh, inputs)
        elif old.name == "details" and inputs.said_open(old) == fresh.has_attr("open"):
            inputs.keep_open(old, fresh)
    _move_focus(root, new, inputs, pairs)
    root.clear()
    for child in list(new.contents):
        root.append(child)
    return pairs, deferred


def _decide(old: Tag, fresh: Tag, inputs: Inputs) -> bool:
    """Let a control go on; whether a change of the server's has to wait."""
    held = inputs.of(old)
    visitors = held.unheard or (inputs.is_focused(old) and not is_checkable(old))
    same = _declared(old) == _declared(fresh)
    if same or visitors:
        _redeclare(old, fresh)
        inputs.put(fresh, _carried(held, old, fresh))
    else:
        inputs.of(fresh).unheard = held.unheard
    return visitors and not same


def _declared(control: Tag) -> object:
    if is_checkable(control):
        return control.has_attr("checked")
    if control.name == "textarea":
        return control.get_text()
    if control.name == "select":
        return {option_value(each): each.has_attr("selected") for each in options_of(control)}
    return attribute(control, "value")


def _redeclare(old: Tag, fresh: Tag) -> None:
    """What a control keeps, its attribute keeps: the difference is seen again by the next one."""
    if is_checkable(old):
        _set(fresh, "checked", "" if old.has_attr("checked") else None)
    elif old.name == "textarea":
        fresh.string = old.get_text()
    elif old.name == "select":
        was = {option_value(each): each.has_attr("selected") for each in options_of(old)}
        for option in options_of(fresh):
            if option_value(option) in was:
                _set(option, "selected", "" if was[option_value(option)] else None)
    else:
        _set(fresh, "value", attribute(old, "value"))


def _set(tag: Tag, name: str, value: str | None) -> None:
    if value is None:
        tag.attrs.pop(name, None)
    else:
        tag[name] = value


def _carried(held: Held, old: Tag, fresh: Tag) -> Held:
    if is_checkable(old):
        value = attribute(fresh, "value")
        return Held("on" if value is None else value, held.checked, (), held.unheard)
    if old.name != "select":
        return held
    before = options_of(old)
    values = {option_value(before[at]) for at in held.picked if at < len(before)}
    after = options_of(fresh)
    picked = tuple(at for at, option in enumerate(after) if option_value(option) in values)
    return Held("", False, picked, held.unheard)


def _move_focus(root: Tag, new: Tag, inputs: Inputs, pairs: Pairs) -> None:
    active = inputs.focused
    if active is not None and any(active is tag for tag in tags(root)):
        inputs.focused = pairs.of(active) or _alike(active, root, new) or _heading(new)
    if inputs.focused is not None and is_control(inputs.focused):
        return
    wanted = (tag for tag in tags(new) if tag.has_attr("autofocus") and not pairs.has_new(tag))
    inputs.focused = next(wanted, inputs.focused)


def _alike(active: Tag, root: Tag, new: Tag) -> Tag | None:
    """Find what a browser takes for the same button or link: it has no state to be mixed up."""
    if is_control(active):
        return None
    look = _look_of(active)
    olds, news = ([tag for tag in tags(tree) if _look_of(tag) == look] for tree in (root, new))
    at = next(at for at, tag in enumerate(olds) if tag is active)
    return news[at] if at < len(news) else None


def _look_of(tag: Tag) -> object:
    return tag.name, {name: tag[name] for name in tag.attrs if not name.startswith("data-sp-")}


def _heading(new: Tag) -> Tag | None:
    """Find the heading that a visitor is led to who had the focus in what has gone."""
    headings = (tag for tag in tags(new) if len(tag.name) == 2 and tag.name[0] == "h")
    return next((tag for tag in headings if attribute(tag, "tabindex") == "-1"), None)
