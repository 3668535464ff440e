"""Selectors: CSS, and what a visitor sees of an element.

`:text('Buy')` is an element whose visible text contains that, `:text-is('Buy')` one that shows
nothing else, and `:label('Street')` a control with such a label. `:checked` and `:focus` are what
they are in a browser: how the page stands now, not how it came. Each of these is worked out first
and becomes a mark on the elements that have it; the rest is soupsieve's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import soupsieve

from spindle._core.errors import hides_frames
from spindle.testing.client.errors import ElementError
from spindle.testing.client.markup import labels_of, tags, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bs4.element import Tag

__all__ = ["names_text", "select"]

__tracebackhide__ = hides_frames

_MARK: Final = "data-sp-selected-by"
_STRING: Final = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_OURS: Final = re.compile(
    rf":(?P<by>text-is|text|label)\(\s*(?P<what>{_STRING})\s*\)"
    rf"|:(?P<state>checked|focus)(?![\w-])"
    rf"|(?P<string>{_STRING})"
)
_TESTS: Final[dict[str, Callable[[Tag, str], bool]]] = {
    "text": lambda tag, text: text in text_of(tag),
    "text-is": lambda tag, text: text == text_of(tag),
    "label": lambda tag, text: (
        tag.name in ("input", "select", "textarea") and any(text in each for each in labels_of(tag))
    ),
}


def names_text(selector: str) -> bool:
    """Whether a selector goes by visible text, which an element shares with those around it."""
    return any((found["by"] or "").startswith("text") for found in _OURS.finditer(selector))


def select(root: Tag, selector: str, states: dict[str, Callable[[Tag], bool]]) -> list[Tag]:
    """List the elements in `root` that a selector names, in document order.

    Args:
        root: where to look.
        selector: as above.
        states: tell what is checked and what is focused.

    Raises:
        ElementError: `selector` is none.
    """
    marks: list[Callable[[Tag], bool]] = []

    def marked(found: re.Match[str]) -> str:
        if found["string"]:
            return found["string"]
        marks.append(states[found["state"]] if found["state"] else _by(found))
        return f'[{_MARK}~="{len(marks)}"]'

    css = _OURS.sub(marked, selector)
    everything = list(tags(root)) if marks else []
    for tag in everything:
        held = [str(number) for number, mark in enumerate(marks, 1) if mark(tag)]
        if held:
            tag[_MARK] = " ".join(held)
    try:
        return list(soupsieve.select(css, root))
    except (soupsieve.SelectorSyntaxError, NotImplementedError) as error:
        raise ElementError(_no_selector(selector, error)) from None
    finally:
        for tag in everything:
            tag.attrs.pop(_MARK, None)


def _by(found: re.Match[str]) -> Callable[[Tag], bool]:
    test, what = _TESTS[found["by"]], re.sub(r"\\(.)", r"\1", found["what"][1:-1])
    text = " ".join(what.split())
    return lambda tag: test(tag, text)


def _no_selector(selector: str, error: Exception) -> str:
    why = str(error).splitlines()[0]
    return (
        f"{selector!r} is no selector: {why}. It is CSS; beside that there are :text('Buy'), "
        f":text-is('Buy') and :label('Street'), each with its text in quotes"
    )
