"""The request that an ASGI scope describes; what the app is mounted at is not in its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

import msgspec

from spindle._core.errors import UsageError
from spindle.web.http.request import Request

if TYPE_CHECKING:
    from spindle.web.asgi.events import Scope

__all__ = ["request_of"]

_SCHEMES: Final = {"ws": "http", "wss": "https"}
_SAFE: Final = "/:@!$&'()*+,;=~"


class _Connection(msgspec.Struct):
    """The parts of a scope that pages need."""

    path: str
    method: str = "GET"
    raw_path: bytes | None = None
    root_path: str = ""
    query_string: bytes = b""
    headers: list[tuple[bytes, bytes]] = []
    client: tuple[str, int | None] | None = None
    scheme: str = "http"


def request_of(scope: Scope) -> Request:
    """Read the scope of an HTTP request or a websocket.

    Raises:
        UsageError: it is not as ASGI 3 says.
    """
    try:
        connection = msgspec.convert(scope, _Connection)
    except msgspec.ValidationError as error:
        raise UsageError(f"The ASGI server describes a connection wrongly: {error}.") from error
    prefix, path = _taken_apart(connection)
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in connection.headers
    ]
    return Request.of(
        connection.method,
        f"{path}?{connection.query_string.decode('latin-1')}",
        headers,
        connection.client[0] if connection.client else "",
        prefix=prefix,
        scheme=_SCHEMES.get(connection.scheme, connection.scheme),
    )


def _taken_apart(connection: _Connection) -> tuple[str, str]:
    """Give the prefix, and the path below it as it was sent.

    The path begins with what it is mounted at, says the specification; behind a proxy that takes
    that away, and in older frameworks, it does not.
    """
    mounted = connection.root_path.strip("/")
    root = f"/{mounted}" if mounted else ""
    path = _as_sent(connection)
    if not root or not f"{connection.path}/".startswith(f"{root}/"):
        return quote(root, _SAFE), path
    depth = root.count("/") + 1
    parts = path.split("/")
    if unquote("/".join(parts[:depth])) != root:  # a slash of either was spelled otherwise
        return quote(root, _SAFE), quote(connection.path[len(root) :], _SAFE)
    return quote(root, _SAFE), "".join(f"/{part}" for part in parts[depth:])


def _as_sent(connection: _Connection) -> str:
    """The undecoded path, unless the server does not tell, or what is in between has changed it."""
    raw = (connection.raw_path or b"").partition(b"?")[0].decode("latin-1")
    return raw if unquote(raw) == connection.path else quote(connection.path, _SAFE)
