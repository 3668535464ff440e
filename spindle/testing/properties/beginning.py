"""How each conversation of a test begins: a page of its own, and what the test starts on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from spindle._core.errors import UsageError, hides_frames
from spindle._core.journal import Started
from spindle.testing.properties.played_page import PlayedPage

if TYPE_CHECKING:
    from spindle.testing.properties.move import Move
    from spindle.testing.properties.rules import Rules

__all__ = ["Beginning"]

__tracebackhide__ = hides_frames


class Beginning:
    """The beginning of any number of conversations, made anew for each."""

    def __init__(
        self, rules: Rules, start: Callable[..., object], given: Mapping[str, object]
    ) -> None:
        self.given = given
        """What the function below `@play` takes beside the page, by name."""
        self._rules = rules
        self._start = start

    @property
    def name(self) -> str:
        """Of the function below `@play`."""
        return self._start.__name__

    def page(self) -> PlayedPage:
        """Make a page on which nothing has begun."""
        return PlayedPage(self._rules)

    def begin(self, page: PlayedPage) -> None:
        """Start on it what the test starts.

        Raises:
            UsageError: that is nothing, or has ended, so that there is nothing to be played.
            AssertionError: something does not hold already.
        """
        self._start(page, **self.given)
        page.check()
        if not any(isinstance(entry, Started) for _, entry in page.recording.entries):
            raise UsageError(
                f"{self.name} starts nothing on its page, so there is nothing to be played: call "
                f"page.start(...) in it"
            )
        if not (page.kernel.live or self._rules.may_end_at_once):
            raise UsageError(
                f"all that {self.name} starts has ended before anything was done to the page, so "
                f"there is nothing to be played. Start or provide what makes it ask, or wait for, "
                f"something; if it may end at once: may_end_at_once=True"
            )

    def begun(self) -> PlayedPage:
        """Make a page and begin; one on which that fails has ended."""
        with ExitStack() as opened:
            page = opened.enter_context(self.page())
            self.begin(page)
            opened.pop_all()
        return page

    def again(self, moves: Sequence[Move]) -> tuple[Exception | None, PlayedPage | None]:
        """Play a conversation once more: what is raised, and the page, which has ended.

        There is no page if what it is given cannot be made again.
        """
        page: PlayedPage | None = None
        try:
            page = self.page()
            with page:
                self.begin(page)
                for move in moves:
                    move.make(page)
        except Exception as error:
            return error, page
        return None, page
