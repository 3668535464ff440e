"""The view: assigns, handlers, rendering and patches. Pure: tested without a page or a browser."""

from __future__ import annotations

from spindle._core.public import publish
from spindle.view.attributes import click, pointed, pressed, submit, typed
from spindle.view.check import check_view
from spindle.view.errors import ViewError
from spindle.view.flash import NOT_SENT, WENT_WRONG, Flash
from spindle.view.handlers import (
    on,
    on_cancel,
    on_complete,
    on_error,
    on_refused,
    on_withdrawn,
)
from spindle.view.html import HTML, Attributes, Markup
from spindle.view.links import link
from spindle.view.patch import Full, Patch, apply, checksum, diff
from spindle.view.paths import fields
from spindle.view.refusal import Field, Refused
from spindle.view.render import render_failed, render_root
from spindle.view.view import View

__all__ = [
    "HTML",
    "NOT_SENT",
    "WENT_WRONG",
    "Attributes",
    "Field",
    "Flash",
    "Full",
    "Markup",
    "Patch",
    "Refused",
    "View",
    "ViewError",
    "apply",
    "check_view",
    "checksum",
    "click",
    "diff",
    "fields",
    "link",
    "on",
    "on_cancel",
    "on_complete",
    "on_error",
    "on_refused",
    "on_withdrawn",
    "pointed",
    "pressed",
    "render_failed",
    "render_root",
    "submit",
    "typed",
]

publish(__name__, [globals()[name] for name in __all__])
