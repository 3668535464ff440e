"""A request for a page, as the mount function sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl, unquote

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Request"]

Pairs: TypeAlias = tuple[tuple[str, str], ...]


class Request(msgspec.Struct, frozen=True):
    """A visitor's request."""

    method: str
    path: str
    """As sent, undecoded, without the query."""
    query: Pairs = ()
    """Decoded, in the order sent; a name may come several times."""
    headers: Pairs = ()
    """Names in lower case, in the order sent."""
    client: str = ""
    """The address of the peer: the visitor's, or the nearest proxy's."""
    prefix: str = ""
    """Where the app is mounted in another one, percent-encoded: `/shop`. `path` is what follows."""
    scheme: str = "http"
    """`https` if the server itself, or a proxy that it trusts, ended TLS."""

    @classmethod
    def of(
        cls,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]] = (),
        client: str = "",
        *,
        prefix: str = "",
        scheme: str = "http",
    ) -> Request:
        """Read a request target such as `/buy/tea?colour=green`.

        Args:
            method: `GET`, mostly.
            target: Path and query as sent; the path as it is below `prefix`.
            headers: In the order sent.
            client: The address of the peer.
            prefix: Where the app is mounted; the browser's address begins with it.
            scheme: By which the browser has reached the server.
        """
        path, _, query = target.partition("?")
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        lowered = tuple((name.lower(), value) for name, value in headers)
        return cls(method, path, pairs, lowered, client, prefix.rstrip("/"), scheme)

    def header(self, name: str, default: str = "") -> str:
        """Return the first header of that name, in whatever case, or `default`."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), default)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies sent along; of several with one name, the first."""
        cookies: dict[str, str] = {}
        for part in self.header("cookie").split(";"):
            name, equals, value = part.strip().partition("=")
            if equals:
                cookies.setdefault(name, unquote(value.strip('"')))
        return cookies

    @property
    def is_speculative(self) -> bool:
        """Whether a browser fetches the page in case the visitor goes there."""
        purposes = (self.header(name) for name in ("sec-purpose", "purpose", "x-moz"))
        return any("prefetch" in purpose.lower() for purpose in purposes)
