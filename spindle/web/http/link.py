"""The link of a durable page: its address, with the secret in the query.

There it goes with every route, the parameters of the address stay what they are, and a reload of
the page, a bookmark and the way back lead to it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

if TYPE_CHECKING:
    from spindle.web.http.request import Request

__all__ = ["id_in", "link_to"]

_NAME: Final = "page"


def id_in(request: Request) -> str | None:
    """The id that an address has; None if it has none, empty if it has several."""
    given = [value for name, value in request.query if name == _NAME]
    if len(given) > 1:
        return ""
    return given[0] if given else None


def link_to(request: Request, page_id: str) -> str:
    """The address of a request, leading to a page from now on."""
    return f"{request.prefix}{request.path}?{urlencode([*request.query, (_NAME, page_id)])}"
