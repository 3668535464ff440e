"""What can be wrong with a page's declaration, an address, or the port to serve on."""

from __future__ import annotations

from spindle._core.errors import SpindleError, UsageError

__all__ = ["BadParameter", "NotFound", "PageDeclarationError", "ServeError"]


class PageDeclarationError(UsageError):
    """A page was declared wrongly; raised where it is declared, never for a request."""


class BadParameter(SpindleError):
    """A visitor's address has a parameter of the wrong type; they are shown a 404 page."""


class NotFound(SpindleError):
    """Raise it in a mount function when there is no page for its parameters.

    The visitor is shown a 404 page with the text, and the page is cancelled.
    """


class ServeError(SpindleError):
    """The server cannot start: the port is taken, or the browser script was not built."""
