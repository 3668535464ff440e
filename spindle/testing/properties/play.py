"""Makes a test of a page that is talked to in every way, legal and illegal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from inspect import Parameter, Signature, iscoroutinefunction, signature
from types import FunctionType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol

from hypothesis import Phase, given, note
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from spindle._core.errors import UsageError
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.names import name_of, shown
from spindle.testing.properties.found import Found
from spindle.testing.properties.played_page import PlayedPage
from spindle.testing.properties.player import Draw, Player
from spindle.testing.properties.rules import Failures, Invariant, Provide, Rules
from spindle.testing.properties.strategies import each_event

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from spindle._core.contracts.contract import Declared
    from spindle._core.messages import Event
    from spindle.testing.properties.overrides import Overrides

__all__ = ["Played", "play"]

P = ParamSpec("P")


class Played(Protocol[P]):
    """A test made by `play`: a plain function for pytest, Hypothesis' own for everybody else."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Play many conversations.

        Raises:
            AssertionError: one in which something does not hold, as small as it gets; its notes say
                how to have it again.
        """
        ...

    def page(self, *args: P.args, **kwargs: P.kwargs) -> PlayedPage:
        """Open the page that each conversation begins with, for a conversation of your own.

        As a context manager, it ends when it is left, and is checked.
        """
        ...


def play(
    contract: Declared,
    /,
    *,
    provide: Provide | None = None,
    invariants: Sequence[Invariant] = (),
    at_end: Sequence[Invariant] = (),
    failures: Failures | None = None,
    lost: Failures | None = None,
    may_raise: tuple[type[Exception], ...] = (),
    may_wait_for_ever: bool = False,
    bound: float = 10.0,
    overrides: Overrides | None = None,
    limits: PageLimits = DEFAULT_LIMITS,
    settings: hypothesis_settings | None = None,
) -> Callable[[Callable[Concatenate[PlayedPage, P], object]], Played[P]]:
    """Make a test of a function that starts a page: it is played with, again and again.

    In each example a page is opened by hand, the function starts its spindles, and then the page is
    given answers, wrong, late and repeated events, floods of them, failures of its ports, time,
    cancellations of its spindles and of itself. After each of these your invariants have to hold,
    and what has to of every page: events are settled once, as their receipts say; no spindle fails
    with anything but `may_raise`, `failures` and `lost`; not all wait for each other; none runs for
    ever; the page ends within its bound, and nothing is left of it.

    What does not hold is made as small as it gets, and printed as a test to paste.

    Args:
        contract: the contract, or a block standing for one.
        provide: makes what the page is given, anew for each example.
        invariants: functions of the page that assert what holds as long as it has not ended;
            `page.given(Stock)` is what was provided.
        at_end: the same, for what holds when it has ended.
        failures: what each method of a port may raise: `{Orders.place: [Offline()]}`. A call that
            fails so does not reach what was provided.
        lost: what it may raise although it was done: the call is made, its answer is lost.
        may_raise: what spindles may fail with, beside that.
        may_wait_for_ever: whether all may wait for each other, or for a channel's other end.
        bound: how many seconds of the page's clock its end may take; those of grace come on top.
        overrides: strategies for the fields of events, as for `events`.
        limits: how much the page may take.
        settings: of Hypothesis; the deadline is always off.

    Returns:
        The decorator. The test's own parameters behind the page are pytest's to fill in. It takes
        `@example(moves=function)`, where `function(page)` is a conversation; `@settings` it does
        not take: see `settings`.

    Raises:
        UsageError: an argument is wrong, or there is no strategy for a field of an event.
        ContractError: `contract` is neither a contract nor a block.
    """
    if isinstance(contract, type):
        events = each_event(contract, overrides)
    else:
        raise UsageError(
            f"play() needs its contract, and parentheses: write @play(Store) above "
            f"{name_of(contract)}"
        )
    rules = Rules(
        contract,
        provide or dict,
        invariants,
        at_end,
        {} if failures is None else failures,
        {} if lost is None else lost,
        may_raise,
        may_wait_for_ever,
        bound,
        limits,
    )

    def decorate(start: Callable[Concatenate[PlayedPage, P], object]) -> Played[P]:
        _check_start(start)
        made: Played[P] = _Play(rules, events, start).test(settings)
        return made

    return decorate


class _Moves:
    """Where the moves of one example come from."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw

    def __repr__(self) -> str:
        return "<see below>"


@st.composite
def _moves(draw: Draw) -> _Moves:
    return _Moves(draw)


class _Play(Generic[P]):
    def __init__(
        self,
        rules: Rules,
        events: dict[type[Event], SearchStrategy[Event]],
        start: Callable[Concatenate[PlayedPage, P], object],
    ) -> None:
        self._rules = rules
        self._events = events
        self._start = start

    def page(self, *args: P.args, **kwargs: P.kwargs) -> PlayedPage:
        """Open a page, with its spindles."""
        page = PlayedPage(self._rules)
        self._start(page, *args, **kwargs)
        page.check()
        return page

    def test(self, chosen: hypothesis_settings | None) -> Any:
        """The function that pytest collects."""

        @wraps(self._start)
        def plays(*args: P.args, **kwargs: P.kwargs) -> None:
            __tracebackhide__ = True
            moves: Any = kwargs.pop("moves")
            page = self.page(*args, **kwargs)
            if callable(moves):
                with page:
                    moves(page)
            else:
                self._play(page, moves.draw, partial(self.page, *args, **kwargs))

        # Its parameters are what pytest and Hypothesis fill in; `wraps` would show them the page.
        del plays.__wrapped__
        shown_to_pytest = list(signature(self._start).parameters.values())[1:]
        drawn = Parameter("moves", Parameter.KEYWORD_ONLY)
        vars(plays)["__signature__"] = Signature([*shown_to_pytest, drawn])
        test: Any = given(moves=_moves())(plays)
        test = _without_a_deadline(chosen)(test)
        test.page = self.page
        return test

    def _play(self, page: PlayedPage, draw: Draw, again: Callable[[], PlayedPage]) -> None:
        __tracebackhide__ = True
        player = Player(draw, page, self._events, self._rules.faults())
        try:
            player.play()
        except BaseException as error:  # noqa: ASYNC103 - raised again
            if not type(error).__module__.startswith("hypothesis"):  # its own ways to end a run
                assert isinstance(self._start, FunctionType)
                note(Found(self._start, again, player.moves, error))
            raise


def _without_a_deadline(chosen: hypothesis_settings | None) -> hypothesis_settings:
    """The settings, without what makes no sense here.

    Neither a limit to real time, nor an explanation in terms of the test's parameters.
    """
    chosen = chosen or hypothesis_settings()
    phases = [each for each in chosen.phases if each is not Phase.explain]
    return hypothesis_settings(chosen, deadline=None, phases=phases)


def _check_start(start: object) -> None:
    if not isinstance(start, FunctionType):
        raise UsageError(f"play() makes a test of a function, not of {shown(start)}")
    name = name_of(start)
    if iscoroutinefunction(start):
        raise UsageError(
            f"play() steps pages by hand, without a loop: {name} has to be a plain def"
        )
    parameters = list(signature(start).parameters.values())
    if not parameters or parameters[0].name in ("self", "cls"):
        raise UsageError(
            f"play() is for functions whose first parameter is the page; {name} is not: write "
            f"`def {name.rpartition('.')[2]}(page: PlayedPage)`, outside of a class"
        )
