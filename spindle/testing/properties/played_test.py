"""Tests made by `play`: Hypothesis draws their conversations, and what it finds is told."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import update_wrapper, wraps
from inspect import Parameter, Signature, signature
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol

from hypothesis import Phase, given, note
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from spindle._core.errors import hides_frames
from spindle.testing.properties.beginning import Beginning
from spindle.testing.properties.drawn import DrawnConversation
from spindle.testing.properties.found import Found
from spindle.testing.properties.history import History, PlayedConversation
from spindle.testing.properties.tracebacks import cut_between, in_place_of

if TYPE_CHECKING:
    from spindle._core.messages import Event
    from spindle.testing.properties.answering import Draw, DrawnEvents
    from spindle.testing.properties.played_page import PlayedPage
    from spindle.testing.properties.rules import Rules

__all__ = ["PlayedTest", "make_test"]

__tracebackhide__ = hides_frames

P = ParamSpec("P")


class PlayedTest(Protocol[P]):
    """A test made by `play`: a plain function for pytest, Hypothesis' own for everybody else."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Play many conversations.

        Raises:
            AssertionError: one in which something does not hold, as small as it gets; its notes say
                how to have it again. Or one that goes differently when it is played once more.
            UsageError: nothing is started, or all of it ends at once: there is nothing to play.
        """
        ...

    def page(self, *args: P.args, **kwargs: P.kwargs) -> PlayedPage:
        """Open the page that each conversation begins with, for a conversation of your own.

        As a context manager, it ends when it is left, and is checked.

        Raises:
            AssertionError: something does not hold already.
            UsageError: as when it is called.
        """
        ...


def make_test(
    rules: Rules,
    events: Mapping[type[Event], DrawnEvents],
    start: Callable[Concatenate[PlayedPage, P], object],
    settings: hypothesis_settings | None,
) -> PlayedTest[P]:
    """Make the test of a function that starts a page."""
    made: PlayedTest[P] = _Maker(rules, events, start).test(settings)
    return made


class _Moves:
    """Where the moves of one example come from."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw

    def __repr__(self) -> str:
        return "<see below>"


@st.composite
def _moves(draw: Draw) -> _Moves:
    return _Moves(draw)


class _Maker(Generic[P]):
    def __init__(
        self,
        rules: Rules,
        events: Mapping[type[Event], DrawnEvents],
        start: Callable[Concatenate[PlayedPage, P], object],
    ) -> None:
        assert isinstance(start, FunctionType)
        self._rules = rules
        self._events = events
        self._start: FunctionType = start
        self._name = start.__name__
        self._known = start.__globals__
        self._played = History()

    def test(self, chosen: hypothesis_settings | None) -> Any:
        """The function that pytest collects."""

        @wraps(self._start)
        def plays(*args: P.args, **kwargs: P.kwargs) -> None:
            moves: Any = kwargs.pop("moves")
            self._play(moves, self._beginning(*args, **kwargs))

        # Its parameters are what pytest and Hypothesis fill in; `wraps` would show them the page.
        del plays.__wrapped__
        shown_to_pytest = list(signature(self._start).parameters.values())[1:]
        drawn = Parameter("moves", Parameter.KEYWORD_ONLY)
        vars(plays)["__signature__"] = Signature([*shown_to_pytest, drawn])
        played: Any = plays
        test: Any = given(moves=_moves())(plays)
        test = self._judged(_without_a_deadline(chosen)(test), played.__code__)
        test.page = self._page
        return test

    def _judged(self, test: Any, code: CodeType) -> Any:
        """The test, saying in other words than Hypothesis that it does not go alike each time.

        Shown at the line of the function below `@play`, without what stands between.
        """

        def judge(*args: object, **kwargs: object) -> None:
            self._played = History()
            try:
                test(*args, **kwargs)
            except Exception as error:
                if not _is_flaky(error):
                    cut_between(error, code)
                    raise
                failure = self._played.failure()
                if failure is not None:
                    cut_between(failure, code)
                raise AssertionError(self._played.told(self._name)) from failure
            finally:
                self._played = History()

        judged: Any = in_place_of(self._start, judge)
        update_wrapper(judged, test)
        # What is above it, @example or a mark of pytest's, writes into both.
        judged.__dict__ = vars(test)
        vars(test)["__signature__"] = signature(test)
        return judged

    def _page(self, *args: P.args, **kwargs: P.kwargs) -> PlayedPage:
        return self._beginning(*args, **kwargs).begun()

    def _beginning(self, *args: P.args, **kwargs: P.kwargs) -> Beginning:
        bound = signature(self._start).bind(None, *args, **kwargs).arguments
        given = dict(list(bound.items())[1:])
        return Beginning(self._rules, self._start, given)

    def _play(self, moves: Any, beginning: Beginning) -> None:
        page = beginning.page()
        if callable(moves):
            with _told_after(page), page:
                beginning.begin(page)
                moves(page)
            return
        drawn = DrawnConversation(moves.draw, page, self._events, self._rules.faults())
        raised, cut, begun = None, False, False
        try:
            with page:
                beginning.begin(page)
                begun = True
                drawn.play()
        except BaseException as error:  # noqa: ASYNC103 - raised again
            cut = type(error).__module__.startswith("hypothesis")  # its own ways to end a run
            if not cut:
                raised = error
                found = Found(beginning, self._known, drawn.moves, error, begun=begun)
                if begun or page.recording.entries:
                    note(found)
            raise
        finally:
            self._played.add(PlayedConversation(beginning, page, drawn.moves, raised, cut))


@contextmanager
def _told_after(page: PlayedPage) -> Generator[None]:
    """Tell what happened if it fails."""
    try:
        yield
    except Exception as error:
        error.add_note(f"What happened:\n\n{page.story()}\n")
        raise


def _is_flaky(error: BaseException) -> bool:
    """Whether that is what Hypothesis says, of one failure or of one among several."""
    if isinstance(error, Flaky):
        return True
    group: Any = error
    return isinstance(error, BaseExceptionGroup) and any(map(_is_flaky, group.exceptions))


def _without_a_deadline(chosen: hypothesis_settings | None) -> hypothesis_settings:
    """The settings, without what makes no sense here.

    Neither a limit to real time, nor an explanation in terms of the test's parameters.
    """
    chosen = chosen or hypothesis_settings()
    phases = [each for each in chosen.phases if each is not Phase.explain]
    return hypothesis_settings(chosen, deadline=None, phases=phases)
