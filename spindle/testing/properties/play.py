"""Makes a test of a page that is talked to in every way, legal and illegal.

In each example a page is opened by hand, a function starts its spindles, and then the page is given
answers, wrong, late and repeated events, floods of them, failures of its ports, time, cancellations
of its spindles and of itself. After each of these the user's invariants have to hold, and what has
to of every page: events are settled once, as their receipts say; no spindle fails with what it may
not; not all wait for each other; none runs for ever; the page ends within its bound, and nothing is
left of it. What does not hold is made as small as it gets, and printed as a test to paste.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import iscoroutinefunction, signature
from types import FunctionType
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from spindle._core.errors import UsageError
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.names import name_of, shown
from spindle.testing.properties.played_test import PlayedTest, make_test
from spindle.testing.properties.rules import Failures, Invariant, Provide, Rules
from spindle.testing.properties.strategies import drawn_events

if TYPE_CHECKING:
    from hypothesis import settings as hypothesis_settings

    from spindle._core.contracts.contract import Declared
    from spindle.testing.properties.overrides import Overrides
    from spindle.testing.properties.played_page import PlayedPage

__all__ = ["play"]

P = ParamSpec("P")


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
    may_end_at_once: bool = False,
    bound: float = 10.0,
    overrides: Overrides | None = None,
    limits: PageLimits = DEFAULT_LIMITS,
    settings: hypothesis_settings | None = None,
) -> Callable[[Callable[Concatenate[PlayedPage, P], object]], PlayedTest[P]]:
    """Make a test of a function that starts a page: it is played with, again and again.

    Args:
        contract: the contract, or a block standing for one.
        provide: makes what the page is given, anew for each example.
        invariants: functions of the page that assert what holds until it has ended.
        at_end: the same, for what holds when it has ended.
        failures: what calls of a method may raise undone: `{Orders.place: [Offline()]}`.
        lost: what they may raise although they were done: their answer is lost.
        may_raise: what spindles may fail with, beside that.
        may_wait_for_ever: whether all may wait for each other, or for a channel's other end.
        may_end_at_once: whether all may have ended before anything is done to the page.
        bound: seconds of the page's clock that its end may take; those of grace come on top.
        overrides: strategies for the fields of events, as for `events`.
        limits: how much the page may take.
        settings: of Hypothesis, instead of `@settings`; the deadline is always off.

    Returns:
        The decorator. The function's parameters behind the page are pytest's to fill in.
        `@example(moves=function)` above it plays `function(page)` each time, too.

    Raises:
        UsageError: an argument is wrong, or there is no strategy for a field of an event.
        ContractError: `contract` is neither a contract nor a block.
    """
    if not isinstance(contract, type):
        raise UsageError(
            f"play() needs its contract, and parentheses: write @play(Store) above "
            f"{name_of(contract)}"
        )
    events = drawn_events(contract, overrides)
    rules = Rules(
        contract, provide or dict, invariants, at_end, failures or {}, lost or {},
        may_raise, may_wait_for_ever, may_end_at_once, bound, limits,
    )  # fmt: skip

    def decorate(start: Callable[Concatenate[PlayedPage, P], object]) -> PlayedTest[P]:
        _check_start(start)
        return make_test(rules, events, start, settings)

    return decorate


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
