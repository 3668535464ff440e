"""Links from one page of an app to another, wherever the app is mounted."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final
from urllib.parse import quote, urlencode

from spindle.view.errors import ViewError
from spindle.view.html import Attributes, attributes
from spindle.view.pending import mounted_at

__all__ = ["link"]

_NAMED: Final = re.compile(r"\{(\w+)\}")

# Browsers take them for steps up and down the path, however they are spelled.
_STEPS: Final = ("", ".", "..")


def link(path: str, /, **values: object) -> Attributes:
    """Return the attribute of an `<a>` that leads to a page of the same app: `href`.

        Markup("<a {}>{}</a>").format(link("/buy/{sku}", sku=tea.sku), tea.name)

    An app that is mounted in another one has its pages below a path of its own, such as `/shop`;
    the link begins with that then. The values are those of the page's mount function: they are put
    into the route where it names them, the others into the query.

    Args:
        path: The route of the page, or a path.
        values: By name; a list or tuple gives one value of the query several times.

    Raises:
        ViewError: `path` is no path from the app's root, names a value that is not given, or a
            value is none that a segment of a path can be.
    """
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        raise ViewError(
            f"link({path!r}): expected a path from the root of the app, such as "
            f"'/buy/{{sku}}'. A link to another site is written as it is: <a href=...>."
        )
    rest = dict(values)

    def filled(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise ViewError(f"link({path!r}): give {found[1]}, as in {found[1]}=...")
        rest.pop(found[1], None)
        text = _text(values[found[1]])
        if text in _STEPS:
            raise ViewError(
                f"link({path!r}): {text!r} cannot be the segment {found[1]!r} of a path"
            )
        return quote(text, safe="", errors="replace")

    url = mounted_at() + _NAMED.sub(filled, path)
    query = urlencode(
        [(name, text) for name in rest for text in _texts(rest[name])], errors="replace"
    )
    return attributes([("href", f"{url}?{query}" if query else url)])


def _texts(value: object) -> list[str]:
    if isinstance(value, list | tuple):
        return [_text(each) for each in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] of anything
    return [_text(value)]


def _text(value: object) -> str:
    if isinstance(value, Enum):
        return _text(value.value)
    return str(value).lower() if isinstance(value, bool) else str(value)
