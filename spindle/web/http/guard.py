"""Which hosts a server answers for, and which origins may open its socket.

The host check defeats DNS rebinding; the origin check, together with the page's token, keeps other
sites' scripts off the socket, to which browsers apply no same-origin rule.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from spindle._core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LOCAL_HOSTS", "Guard", "checked_socket"]

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")

_SOCKET: Final = re.compile(r"(wss?://[^/\s;,'\"?#*@]+)?/[^\s;,'\"?#]*")


class Guard:
    """Judges the Host and Origin headers of a request.

    Args:
        hosts: served beside the local ones; with a port (`shop.example:8443`) for that port only.
        origins: may open the socket beside the page's own, `https://shop.example`.
        require_origin: refuse a socket without an Origin header, as no browser opens one.
    """

    def __init__(
        self, hosts: Iterable[str] = (), origins: Iterable[str] = (), require_origin: bool = True
    ) -> None:
        self._hosts = frozenset((*LOCAL_HOSTS, *map(_checked_host, hosts)))
        self._origins = frozenset(map(_checked_origin, origins))
        self._require_origin = require_origin

    def also(self, origins: Iterable[str]) -> Guard:
        """Return one like this that lets further origins in."""
        return Guard(self._hosts, (*self._origins, *origins), self._require_origin)

    def serves(self, host: str) -> bool:
        """Whether a Host header names this server."""
        host = host.lower()
        return host in self._hosts or _without_port(host) in self._hosts

    def lets_in(self, origin: str | None, host: str, scheme: str = "http") -> bool:
        """Whether a page of `origin` may open a socket at `host`, which is reached by `scheme`."""
        if origin is None:
            return not self._require_origin
        origin = origin.lower()
        return origin == f"{scheme}://{host.lower()}" or origin in self._origins


def checked_socket(address: str) -> str:
    """Return where browsers find the socket; empty for where it is by default.

    Raises:
        UsageError: it is neither a path nor the address of a websocket.
    """
    if address and (address.startswith("//") or not _SOCKET.fullmatch(address)):
        raise UsageError(
            f"socket: {address!r} is not where a socket can be. Give a path of the page's own "
            f"server, '/live', or a whole address, 'wss://live.shop.example/socket'."
        )
    return address


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isascii() and port.isdigit() else host


def _checked_host(host: str) -> str:
    if not host or "/" in host or "*" in host or host != host.strip():
        raise UsageError(
            f"hosts: {host!r} is not the name of a host. "
            f"Write it as browsers send it: 'shop.example' or 'shop.example:8443'."
        )
    return host.lower()


def _checked_origin(origin: str) -> str:
    scheme, _, rest = origin.partition("://")
    if scheme not in ("http", "https") or not rest or "/" in rest or "*" in rest:
        raise UsageError(
            f"origins: {origin!r} is not an origin. "
            f"Write scheme, host and port as browsers send them: 'https://shop.example'."
        )
    return origin.lower()
