"""Files served under an address that carries the hash of their content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from spindle.web.errors import PageDeclarationError, ServeError
from spindle.web.http.response import Response, cached

__all__ = ["Asset", "Assets", "client_script", "read_stylesheets"]

CLIENT_SCRIPT = Path(__file__).parent.parent / "assets" / "client.js"


class Asset(msgspec.Struct, frozen=True):
    """A file in memory and its address."""

    url: str
    body: bytes
    content_type: str


class Assets:
    """The files of one server, by address."""

    def __init__(self) -> None:
        self._by_url: dict[str, Asset] = {}

    def add(self, asset: Asset) -> str:
        """Serve a file too, and return its address."""
        self._by_url[asset.url] = asset
        return asset.url

    def find(self, path: str) -> Response | None:
        """Return the response for an address, or None if no such file is served."""
        asset = self._by_url.get(path)
        return cached(asset.body, asset.content_type) if asset else None


def client_script(path: Path = CLIENT_SCRIPT) -> Asset:
    """Read the browser script.

    Raises:
        ServeError: it has not been built.
    """
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        raise ServeError(
            f"The browser script {path.name} has not been built. Run 'make client' first; an "
            f"installed wheel carries it."
        ) from None
    return Asset(f"/spindle/client.{_digest(body)}.js", body, "text/javascript; charset=utf-8")


def read_stylesheets(given: Path | Sequence[Path]) -> tuple[Asset, ...]:
    """Read a stylesheet, or several.

    Raises:
        PageDeclarationError: one cannot be read, or is no path.
    """
    paths = (given,) if isinstance(given, (Path, str)) else given
    return tuple(_stylesheet(path) for path in paths)


def _stylesheet(path: Path) -> Asset:
    if not isinstance(path, Path):
        raise PageDeclarationError(
            f"stylesheet={path!r}: expected a Path. "
            f"Give it from the module: Path(__file__).with_name('style.css')."
        )
    try:
        body = path.read_bytes()
    except OSError as error:
        raise PageDeclarationError(
            f"stylesheet {str(path)!r} cannot be read: {error.strerror}. "
            f"Give its path from the module: Path(__file__).with_name('style.css')."
        ) from error
    name = "".join(
        char if char.isascii() and (char.isalnum() or char == "_") else "-" for char in path.stem
    )
    url = f"/spindle/asset/{name}.{_digest(body)}.css"
    return Asset(url, body, "text/css; charset=utf-8")


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
