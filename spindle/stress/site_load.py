"""What a run opens as browsers do: the pages of an app, over real sockets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spindle._core.errors import UsageError
from spindle.stress.page_load import Left, no_values

if TYPE_CHECKING:
    from spindle.stress.making.maker import Given
    from spindle.web.app import App

__all__ = ["SiteLoad"]


@dataclass(frozen=True)
class SiteLoad:
    """The pages of an app, served on a free port and opened by clients with real sockets.

    Args:
        app: serves them.
        paths: which addresses are opened, in turn: path and query.
        values: by event class, a function that makes one, given a `random.Random`: for fields
            whose type does not say enough.
        left: is called with each page that has ended, and says what of it is left.
    """

    app: App
    paths: tuple[str, ...] = ("/",)
    values: Given = field(default_factory=no_values)
    left: Left | None = None

    def __post_init__(self) -> None:
        """Check the paths.

        Raises:
            UsageError: there is none, or they are one text.
        """
        if isinstance(self.paths, str) or not self.paths:
            raise UsageError(
                f"SiteLoad(paths={self.paths!r}): give a tuple of addresses, as in ('/buy/tea',)"
            )
