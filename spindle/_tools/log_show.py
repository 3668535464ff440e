"""`spindle log show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from spindle._tools.page_story import story_of
from spindle._tools.pages_of import look_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle.durable.sqlite.looking import StoreFile

__all__ = ["show"]


def show(file: StoreFile, page: str, json: bool, say: Callable[[str], None]) -> int:
    """Print what a page's log tells, up to its end or damage.

    Returns:
        The status: 1 if it is damaged.

    Raises:
        Refusal: there is no such page.
    """
    story = story_of(look_at(file, page))
    if json:
        say(msgspec.json.format(msgspec.json.encode(story.plain()), indent=2).decode())
    else:
        say("\n".join(story.lines()))
    return 0 if story.damage is None else 1
