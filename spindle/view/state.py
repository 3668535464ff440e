"""What a view remembers besides its assigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle.view.flash import Flashes

if TYPE_CHECKING:
    from spindle._core.messages import Event
    from spindle.view.refusal import Refused

__all__ = ["ViewState"]


class ViewState:
    """Flash messages and their length as rendered last, refused events by their class."""

    __slots__ = ("flashes", "refused", "region")

    def __init__(self) -> None:
        self.flashes = Flashes()
        self.refused: dict[type[Event], Refused] = {}
        self.region = 0
