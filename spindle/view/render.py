"""The root of a page: the flash messages, then what the view renders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spindle._core.names import name_of
from spindle.view.errors import ViewError
from spindle.view.flash import flash_region
from spindle.view.html import escape
from spindle.view.pending import Pending, rendering

if TYPE_CHECKING:
    from spindle.view.view import View

__all__ = ["render_failed", "render_root"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def render_root(view: View, pending: Pending = (), prefix: str = "") -> str:
    """Render everything inside the root element.

    The flash messages count as shown from now on. An exception of the view's own is passed on:
    the caller logs it, flashes `WENT_WRONG` and shows `render_failed(view)`.

    Args:
        view: The view.
        pending: The yields that have been announced to the view and still wait, the oldest first;
            their ids go into the attributes of `submit`, `click` and their like.
        prefix: The path that the app is mounted at, percent-encoded; `link` begins with it.

    Returns:
        The HTML, free of what UTF-8 cannot encode.

    Raises:
        ViewError: `render` returned something that is not HTML.
    """
    with rendering(pending, prefix):
        body = _html(view, view.render())
    return _root(view, body)


def render_failed(view: View) -> str:
    """Render the flash messages over the body that rendered last, if one did.

    The ids in that body are the old ones, so answers sent from it are refused where they are stale.
    """
    state = view.__spindle__
    return _root(view, state.root[state.body_at :])


def _root(view: View, body: str) -> str:
    region, state = _encodable(str(flash_region(view.flashes))), view.__spindle__
    state.flashes.mark_shown()
    state.root, state.body_at = region + body, len(region)
    return state.root


def _html(view: View, content: object) -> str:
    if not (isinstance(content, str) or hasattr(content, "__html__")):
        raise ViewError(
            f"{name_of(type(view))}.render() returned {_described(content)}: expected HTML, "
            f'as in `return Markup("<p>{{}}</p>").format(self.name)`'
        )
    return _encodable(str(escape(content)))


def _described(content: object) -> str:
    if content is None:
        return "None (a missing `return`?)"
    return f"an object of {name_of(type(content))}"


def _encodable(html: str) -> str:
    """Replace lone surrogates, as browsers do: they cannot be sent, nor have a checksum."""
    return html if html.isascii() else _SURROGATE.sub("\ufffd", html)
