"""E2: what a spindle raises, says or is given may be as hostile as Python allows."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import trio

from spindle import (
    Channel,
    Coroutine,
    Errored,
    cleanup,
    fiber,
    perform,
    scope,
    timeout,
)
from tests.drivers import HOSTED, on_trio
from tests.runtime.hostile import street
from tests.talk import Desk


class Raising(Exception):
    """Cannot be printed in any way."""

    def __repr__(self) -> str:
        raise ValueError("no repr")

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        raise ValueError("no format")


class Exiting(Exception):
    """Whoever prints it is to end."""

    def __repr__(self) -> str:
        raise SystemExit(3)

    __str__ = __repr__


class Slow(Exception):
    def __repr__(self) -> str:
        time.sleep(0.05)
        return "slow"

    __str__ = __repr__


class Huge(Exception):
    def __repr__(self) -> str:
        return "x" * 50_000_000

    __str__ = __repr__


class Incomparable(Exception):
    def __eq__(self, other: object) -> bool:
        raise ValueError("no comparison")

    def __hash__(self) -> int:
        raise ValueError("no hash")

    def __bool__(self) -> bool:
        raise ValueError("no truth")


class Disguised(Exception):
    """Says that it is Ctrl-C."""

    @property
    def __class__(self) -> type:  # type: ignore[override]
        return KeyboardInterrupt


class Faceless(Exception):
    """Does not say what it is."""

    @property
    def __class__(self) -> type:  # type: ignore[override]
        raise ValueError("no class")


class Noteless(Exception):
    @property
    def __notes__(self) -> list[str]:
        raise ValueError("no notes")

    def add_note(self, note: str) -> None:
        raise ValueError("no notes")

    def with_traceback(self, traceback: object) -> Noteless:
        raise ValueError("no traceback")


class NotesOfNoList(Exception):
    __notes__ = 3


class Slotted(Exception):
    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("nothing can be set")


class Unconstructible(Exception):
    def __init__(self) -> None:
        raise ValueError("cannot be made")


class Meta(type):
    def __eq__(cls, other: object) -> bool:
        raise ValueError("no comparison")

    def __hash__(cls) -> int:
        raise ValueError("no hash")

    def __getattribute__(cls, name: str) -> Any:
        if name in ("__name__", "__qualname__", "__mro__", "__module__"):
            raise ValueError("no name")
        return type.__getattribute__(cls, name)


class OfHostileClass(Exception, metaclass=Meta):
    pass


class Group(ExceptionGroup):  # type: ignore[type-arg]
    @property
    def exceptions(self) -> Any:  # type: ignore[override]
        raise ValueError("no exceptions")

    def derive(self, errors: object) -> Any:
        raise ValueError("no derivation")

    split = subgroup = derive  # type: ignore[assignment]


class Endless(ExceptionGroup):  # type: ignore[type-arg]
    @property
    def exceptions(self) -> Any:  # type: ignore[override]
        return (self, self)


class Dying(Exception):
    def __del__(self) -> None:
        _ = [None][0]


class NotAnError(BaseException):
    pass


class HostileNotAnError(BaseException):
    __class__ = Disguised.__class__
    __repr__ = __str__ = Raising.__repr__


def a_class_that_cannot_be_made() -> BaseException:
    return Unconstructible()


ERRORS: dict[str, Callable[[], BaseException]] = {
    "raising repr": Raising,
    "exiting repr": Exiting,
    "slow repr": Slow,
    "huge repr": Huge,
    "huge text": lambda: ValueError("x" * 50_000_000),
    "hostile arguments": lambda: ValueError(Raising(), Incomparable()),
    "runtime error of a hostile text": lambda: RuntimeError(Raising()),
    "equality": Incomparable,
    "disguised": Disguised,
    "faceless": Faceless,
    "notes that raise": Noteless,
    "notes of no list": NotesOfNoList,
    "slots": Slotted,
    "not to be made": a_class_that_cannot_be_made,
    "hostile class": OfHostileClass,
    "hostile group": lambda: Group("g", [ValueError()]),
    "endless group": lambda: Endless("g", [ValueError()]),
    "base exception": NotAnError,
    "hostile base exception": HostileNotAnError,
    "system exit": lambda: SystemExit(3),
    "generator exit": GeneratorExit,
    "stop iteration": lambda: StopIteration(7),
    "stop async iteration": StopAsyncIteration,
    "trio's internal error": lambda: trio.TrioInternalError("the end"),
    "nothing to wait for": lambda: trio.WouldBlock(),
    "a name in it": lambda: NameError("nothing", name="nothing"),
}
EACH_ERROR = pytest.mark.parametrize("make", ERRORS.values(), ids=ERRORS.keys())


# --- where an error may leave from --------------------------------------------------------------


async def at_once(make: Callable[[], BaseException]) -> None:
    raise make()


async def after_a_wait(make: Callable[[], BaseException]) -> None:
    await Desk.Said("about to fail")
    await perform(trio.lowlevel.checkpoint)
    raise make()


async def in_an_unjoined_fiber(make: Callable[[], BaseException]) -> None:
    await fiber(at_once, make)
    await perform(trio.lowlevel.checkpoint)


async def in_two_unjoined_fibers_and_itself(make: Callable[[], BaseException]) -> None:
    await fiber(at_once, make)
    await fiber(after_a_wait, make)
    await perform(trio.lowlevel.checkpoint)
    raise make()


async def in_a_joined_fiber(make: Callable[[], BaseException]) -> None:
    await (await fiber(at_once, make)).result()


async def in_a_scope(make: Callable[[], BaseException]) -> None:
    async with scope():
        await fiber(at_once, make)
        await fiber(at_once, make)
        await Desk.Ask()


async def out_of_a_scope(make: Callable[[], BaseException]) -> None:
    async with scope():
        await fiber(after_a_wait, make)
        raise make()


async def out_of_timeouts(make: Callable[[], BaseException]) -> None:
    async with timeout(5), cleanup(5), timeout(5):
        raise make()


async def in_a_cleanup_behind_another(make: Callable[[], BaseException]) -> None:
    try:
        raise make()
    finally:
        async with cleanup(5):
            raise make()


async def in_a_port(make: Callable[[], BaseException]) -> None:
    await perform(at_once, make)


async def where_a_call_is_made(make: Callable[[], BaseException]) -> None:
    def call() -> Any:
        raise make()

    await perform(call)


async def through_a_channel(make: Callable[[], BaseException]) -> None:
    error = make()
    channel = Channel[int]()
    await channel.fail(error if issubclass(type(error), Exception) else ValueError())  # type: ignore[arg-type]
    await channel.take()


WHERE = [
    at_once,
    after_a_wait,
    in_an_unjoined_fiber,
    in_two_unjoined_fibers_and_itself,
    in_a_joined_fiber,
    in_a_scope,
    out_of_a_scope,
    out_of_timeouts,
    in_a_cleanup_behind_another,
    in_a_port,
    where_a_call_is_made,
    through_a_channel,
]


@HOSTED
@EACH_ERROR
@pytest.mark.parametrize("where", WHERE, ids=lambda fn: fn.__name__)
@on_trio(2)
async def test_E2_what_a_spindle_raises_hurts_only_itself(
    where: Any, make: Callable[[], BaseException], hosted: bool
) -> None:
    async with street(hosted) as around:
        handle = around.start(where, make)
        assert isinstance(await around.end_of(handle), Errored)
        again = around.start(at_once, make)
        assert isinstance(await around.end_of(again), Errored), "the key is free again"


@EACH_ERROR
@pytest.mark.parametrize("where", WHERE, ids=lambda fn: fn.__name__)
def test_E2_by_hand_it_is_an_outcome_too(where: Any, make: Callable[[], BaseException]) -> None:
    coroutine = Coroutine(where, make)
    assert isinstance(coroutine.run(), Errored)


def nested(levels: int, innermost: BaseException) -> BaseException:
    group = innermost
    for _ in range(levels):
        group = BaseExceptionGroup("level", [group])
    return group


def doubled(levels: int, innermost: BaseException) -> BaseException:
    """Each level twice in the next: few objects, very many ways through them."""
    group = innermost
    for _ in range(levels):
        group = BaseExceptionGroup("level", [group, group])
    return group


@HOSTED
@pytest.mark.parametrize("group", [nested, doubled])
@pytest.mark.parametrize("leaf", [ValueError, SystemExit])
@pytest.mark.parametrize("where", [at_once, in_a_scope, out_of_timeouts, in_a_joined_fiber])
@on_trio(2)
async def test_E2_T1_exception_groups_a_thousand_deep(
    group: Any, leaf: type[BaseException], where: Any, hosted: bool
) -> None:
    async with street(hosted) as around:
        handle = around.start(where, lambda: group(1000, leaf("leaf")))
        assert isinstance(await around.end_of(handle), Errored)


@HOSTED
@pytest.mark.parametrize("group", [nested, doubled])
@on_trio(2)
async def test_E2_T1_a_deep_group_raised_where_it_is_cancelled(group: Any, hosted: bool) -> None:
    async def fails() -> None:
        try:
            await Desk.Ask()
        finally:
            raise group(1000, ValueError("leaf"))

    async with street(hosted) as around:
        outcome = await around.cancelled(around.start(fails))
        assert isinstance(outcome, Errored)
        assert isinstance(outcome.error, ExceptionGroup)
