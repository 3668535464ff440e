"""Whether a view handles everything its contract may send."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType
from typing import TYPE_CHECKING, get_args, get_origin

from spindle._core.contracts.contract import Block, Declared, Spindle, describe
from spindle._core.names import name_of
from spindle.view.errors import ViewError
from spindle.view.handlers import Kind, Subject
from spindle.view.view import View

if TYPE_CHECKING:
    from spindle._core.contracts.description import Description

__all__ = ["check_view"]


def check_view(view: type[View], contract: Declared) -> None:
    """Compare the handlers of a view with what the contract's spindles may send.

    Each yield and each notify needs a handler, and so does the completion of each block that
    declares an outcome. A handler for what is not in the contract would never be called.

    Raises:
        ViewError: names everything that is missing or too much, with the line to add.
    """
    description = describe(contract)
    findings = [
        *_render(view),
        *_missing(view, description),
        *_foreign(view, description),
    ]
    if findings:
        raise ViewError(
            "\n".join([f"{name_of(view)} does not fit {name_of(contract)}.", *findings])
        )


def _render(view: type[View]) -> Iterator[str]:
    if view.render is View.render:
        yield "It renders nothing. Add\n    def render(self) -> Markup"


def _missing(view: type[View], description: Description) -> Iterator[str]:
    for block in description.blocks:
        lines = [
            f"    {subject}"
            for subject in _needed(block, description)
            if subject not in view.__handlers__
        ]
        if lines:
            yield "\n".join([f"What {name_of(block)} sends has no handler. Add", *lines])


def _needed(block: type[Block], description: Description) -> Iterator[Subject]:
    for message in (*description.yields, *description.notifies):
        if message.__block__ is block:
            yield Subject(Kind.MESSAGE, message)
    if _declares_outcome(block):
        yield Subject(Kind.COMPLETED, block)


def _declares_outcome(block: type[Block]) -> bool:
    """Tell whether the block names an outcome other than None: `Spindle[Order]`."""
    bases: tuple[object, ...] = vars(block).get("__orig_bases__", ())
    outcomes = [get_args(base)[0] for base in bases if get_origin(base) is Spindle]
    return any(each not in (None, NoneType) for each in outcomes)


def _foreign(view: type[View], description: Description) -> Iterator[str]:
    known: set[type] = {*description.blocks, *description.messages}
    lines = [
        f"    {subject}, which is {handler.name}()"
        for subject, handler in view.__handlers__.items()
        if subject.about not in known
    ]
    if lines:
        yield "\n".join(
            ["It does not declare what these are for, so nothing calls them. Remove", *lines]
        )
