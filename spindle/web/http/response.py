"""A response as a value, and the headers every response carries."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from markupsafe import escape

__all__ = ["Response", "cached", "html", "nothing", "notice"]

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "object-src 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types spindle",
    )
)

_POLICY_HEADER = "Content-Security-Policy"
_REFERRER_HEADER = "Referrer-Policy"
_ALWAYS = (
    (_POLICY_HEADER, _POLICY),
    (_REFERRER_HEADER, "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
)
_UNCACHED = ("Cache-Control", "no-store")

_NOTICE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title></head>
<body><main><h1>{title}</h1><p>{text}</p></main></body>
</html>
"""


class Response(msgspec.Struct, frozen=True):
    """What a request is answered with.

    Whoever sends it adds the headers `Content-Length`, `Date` and `Connection`, and leaves the body
    out in answer to HEAD.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    """Names and values in the order to be sent; a name may come several times."""

    def with_header(self, name: str, value: str) -> Response:
        """Return the same response with one header more."""
        return msgspec.structs.replace(self, headers=(*self.headers, (name, value)))

    def not_referred(self) -> Response:
        """Return the same response, whose address is told to nobody: it is a secret."""
        headers = (
            (name, "no-referrer" if name == _REFERRER_HEADER else value)
            for name, value in self.headers
        )
        return msgspec.structs.replace(self, headers=tuple(headers))

    def connecting_to(self, address: str) -> Response:
        """Return the same response, whose document may open a socket at another address, too."""
        policy = f"{_POLICY}; connect-src 'self' {address}"
        headers = (
            (name, policy if name == _POLICY_HEADER else value) for name, value in self.headers
        )
        return msgspec.structs.replace(self, headers=tuple(headers))

    def header(self, name: str, default: str = "") -> str:
        """Return the first header of that name."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)


def html(status: int, text: str) -> Response:
    """Answer with a document that may not be cached: it holds a page's token, or an error."""
    kind = ("Content-Type", "text/html; charset=utf-8")
    return Response(status, text.encode(), (kind, _UNCACHED, *_ALWAYS))


def nothing(status: int) -> Response:
    """Answer with a status alone."""
    return Response(status, b"", (_UNCACHED, *_ALWAYS))


def cached(body: bytes, content_type: str) -> Response:
    """Answer with a file whose address changes with its content."""
    kind = ("Content-Type", content_type)
    forever = ("Cache-Control", "public, max-age=31536000, immutable")
    return Response(HTTPStatus.OK, body, (kind, forever, *_ALWAYS))


def notice(status: HTTPStatus, title: str, text: str) -> Response:
    """Answer with a short page that says, escaped, what is the matter."""
    return html(status, _NOTICE.format(title=escape(title), text=escape(text)))
