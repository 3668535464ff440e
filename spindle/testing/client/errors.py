"""What a test with a client can get wrong, or find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.errors import SpindleError

if TYPE_CHECKING:
    import pytest

__all__ = [
    "ClientError",
    "ElementError",
    "NotSettled",
    "PageEnded",
    "VisitFailed",
    "is_of_a_client",
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


def is_of_a_client(raised: pytest.ExceptionInfo[BaseException]) -> bool:
    """Whether pytest is to leave out the frames of the client: the test's own line counts.

    For `__tracebackhide__` of the client's modules.
    """
    return raised.errisinstance(ClientError)
