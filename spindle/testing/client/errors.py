"""What a test with a client can get wrong, or find."""

from __future__ import annotations

from spindle._core.errors import SpindleError

__all__ = [
    "ClientError",
    "ElementError",
    "NotSettled",
    "PageEnded",
    "VisitFailed",
]


class ClientError(SpindleError):
    """Base of what a client raises."""


class ElementError(ClientError):
    """A selector names no element or several, or what it names cannot be used like that."""


class NotSettled(ClientError):
    """Something was still under way when the client's patience was at its end."""


class PageEnded(ClientError):
    """A page that has ended, whose connection is lost or whose tab is closed was to be used."""


class VisitFailed(ClientError):
    """An address was answered with something else than a live page.

    An error that was logged meanwhile, such as that of a mount function, is its `__cause__`.

    Args:
        message: what to say.
        status: of the answer, such as 404.
        html: that came with it.
    """

    def __init__(self, message: str, status: int = 0, html: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.html = html
