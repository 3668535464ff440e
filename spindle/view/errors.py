"""What is raised when a view is wrong."""

from __future__ import annotations

from spindle._core.errors import SpindleError

__all__ = ["ViewError"]


class ViewError(SpindleError):
    """The view is wrong: how it is declared, what it refers to, or what it renders.

    Never raised for what a visitor sent: that reaches the view as `Refused`. What a handler or
    `render` raises itself is passed on as it is, not wrapped in a `ViewError`.
    """
