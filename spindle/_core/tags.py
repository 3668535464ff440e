"""Which page and spindle code belongs to: a context variable, kept only if somebody wants to know.

A spindle's fibers, its calls of ports, the tasks they start and the threads they use have a copy of
its context, so that they are known by its tag. Set in every spindle it would make an idle page a
tenth larger; so it is set in those that start once it is wanted.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from contextvars import Context

__all__ = ["TAGS", "Tag", "Tags"]


class Tag(msgspec.Struct, frozen=True):
    """A page and a spindle, by their names."""

    page: str
    spindle: str


class Tags:
    """What marks the code of pages and spindles."""

    def __init__(self) -> None:
        self.wanted = False
        """Whether anybody wants to know."""
        self._tag: ContextVar[Tag] = ContextVar("spindle tag")

    @property
    def variable(self) -> ContextVar[Tag]:
        """The variable itself."""
        return self._tag

    def put(self, tag: Tag) -> None:
        """Mark what runs with the context variables at hand."""
        self._tag.set(tag)

    def put_into(self, context: Context, tag: Tag) -> None:
        """Mark what will run with those context variables."""
        context.run(self._tag.set, tag)

    def current(self) -> Tag | None:
        """Whose code this is called from; None if of no page, or nobody wanted to know."""
        return self._tag.get(None)


TAGS: Final = Tags()
"""Those of the process, as its log is one, too."""
