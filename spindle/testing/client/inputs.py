"""What controls hold now, beside what the document says of them, and who has the focus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spindle.testing.client.markup import attribute, tags

if TYPE_CHECKING:
    from bs4.element import Tag

__all__ = [
    "Held",
    "Inputs",
    "controls_in",
    "is_checkable",
    "is_control",
    "option_value",
    "options_of",
    "type_of",
]

_STATELESS: Final = {"hidden", "submit", "button", "reset", "image", "file"}


def type_of(tag: Tag) -> str:
    """Return the type of an `<input>`, as browsers take it."""
    return (attribute(tag, "type") or "text").lower()


def is_control(tag: Tag) -> bool:
    """Whether a visitor types, ticks or picks in it; buttons and hidden values are no controls."""
    if tag.name == "input":
        return type_of(tag) not in _STATELESS
    return tag.name in ("textarea", "select")


def is_checkable(tag: Tag) -> bool:
    """Whether it is ticked rather than typed in."""
    return tag.name == "input" and type_of(tag) in ("checkbox", "radio")


def controls_in(root: Tag) -> list[Tag]:
    """List the controls in document order."""
    return [tag for tag in tags(root) if is_control(tag)]


def options_of(select: Tag) -> list[Tag]:
    """List the options of a `<select>`."""
    return [tag for tag in tags(select) if tag.name == "option"]


@dataclass(slots=True)
class Held:
    """What one control holds: its text, whether it is ticked, or which options are picked."""

    value: str
    checked: bool = False
    picked: tuple[int, ...] = ()
    unheard: bool = False
    """Whether the server has not heard of what is in it."""


class Inputs:
    """The state of the controls of one document, which begin as the document says."""

    def __init__(self) -> None:
        self.focused: Tag | None = None
        self._held: dict[int, tuple[Tag, Held]] = {}
        self._turned: dict[int, tuple[Tag, bool]] = {}

    def of(self, control: Tag) -> Held:
        """Return what a control holds, to be changed in place."""
        entry = self._held.get(id(control))
        if entry is None:
            entry = self._held[id(control)] = control, _as_declared(control)
        return entry[1]

    def put(self, control: Tag, held: Held) -> None:
        """Note what a control holds."""
        self._held[id(control)] = control, held

    def reset(self, control: Tag) -> None:
        """Make a control what the document says, as resetting its form does."""
        fresh = _as_declared(control)
        fresh.unheard = self.of(control).unheard
        self.put(control, fresh)

    def values(self, control: Tag) -> list[str]:
        """List what a control would add to a form: nothing, a text, or several."""
        held = self.of(control)
        if is_checkable(control):
            return [held.value] if held.checked else []
        if control.name == "select":
            options = options_of(control)
            return [option_value(options[at]) for at in held.picked if at < len(options)]
        return [held.value]

    def sent(self, control: Tag) -> list[str]:
        """List what a control adds to a form that is sent: options that are disabled are not."""
        if control.name != "select":
            return self.values(control)
        options = options_of(control)
        picked = [options[at] for at in self.of(control).picked if at < len(options)]
        return [option_value(each) for each in picked if not _is_off(each)]

    def is_checked(self, tag: Tag) -> bool:
        """Whether a box is ticked, or an option picked."""
        if tag.name == "option":
            select = tag.find_parent("select")
            if select is None:
                return False
            options = options_of(select)
            return any(options[at] is tag for at in self.of(select).picked)
        return is_checkable(tag) and self.of(tag).checked

    def turn(self, details: Tag) -> None:
        """Open a `<details>`, or close it."""
        self._turned.setdefault(id(details), (details, details.has_attr("open")))
        if details.has_attr("open"):
            del details["open"]
        else:
            details["open"] = ""

    def said_open(self, details: Tag) -> bool:
        """Whether the document has a `<details>` open, whatever the visitor did."""
        entry = self._turned.get(id(details))
        return entry[1] if entry else details.has_attr("open")

    def keep_open(self, old: Tag, fresh: Tag) -> None:
        """Let a new `<details>` be as open as the visitor has made the old one."""
        if old.has_attr("open") != fresh.has_attr("open"):
            self.turn(fresh)

    def is_focused(self, tag: Tag) -> bool:
        """Whether the visitor is in it."""
        return tag is self.focused


def _is_off(option: Tag) -> bool:
    around = option.parent
    group = around is not None and around.name == "optgroup" and around.has_attr("disabled")
    return option.has_attr("disabled") or group


def option_value(option: Tag) -> str:
    """Return what picking an option sends."""
    value = attribute(option, "value")
    return " ".join(option.get_text().split()) if value is None else value


def _as_declared(control: Tag) -> Held:
    if is_checkable(control):
        value = attribute(control, "value")
        return Held("on" if value is None else value, control.has_attr("checked"))
    if control.name == "textarea":
        return Held(control.get_text().removeprefix("\n"))
    if control.name == "select":
        return Held("", picked=_picked(control))
    return Held(attribute(control, "value") or "")


def _picked(select: Tag) -> tuple[int, ...]:
    options = options_of(select)
    picked = [at for at, option in enumerate(options) if option.has_attr("selected")]
    if select.has_attr("multiple"):
        return tuple(picked)
    if picked:
        return (picked[-1],)
    size = attribute(select, "size") or "1"
    able = [at for at, option in enumerate(options) if not option.has_attr("disabled")]
    return (able[0],) if able and size in ("", "0", "1") else ()
