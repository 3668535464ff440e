"""What a view remembers besides its assigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle.view.flash import Flashes

if TYPE_CHECKING:
    from spindle._core.messages import Event
    from spindle.view.refusal import Refused

__all__ = ["ViewState"]


class ViewState:
    """Flash messages, refused events by their class, and what was rendered last.

    The root is the very text that its caller shows, so keeping it costs no memory.
    """

    __slots__ = ("body_at", "flashes", "refused", "root")

    def __init__(self) -> None:
        self.flashes = Flashes()
        self.refused: dict[type[Event], Refused] = {}
        self.root = ""
        self.body_at = 0
