"""What a spindle raises stays its own: an outcome, told to the view."""

from __future__ import annotations

import gc
import weakref

import pytest
import trio
import trio.testing

from spindle import Completed, Errored, ForeignAwait, UsageError, open_page, perform
from tests.drivers import Stage, on_trio, under
from tests.runtime.hostile import stolen_cancel
from tests.talk import Bell, Desk, Talk, ask_once, ring_once


class BadRepr(Exception):
    """Cannot be printed in any way."""

    def __repr__(self) -> str:
        raise ValueError("no repr")

    __str__ = __repr__


class BadText(RuntimeError):
    """Of a class whose text is looked at, for trio says with it that there is no task."""

    def __str__(self) -> str:
        raise ValueError("no text")

    __repr__ = __str__


class HugeRepr(Exception):
    def __repr__(self) -> str:
        return "x" * 50_000_000


class BadEquality(Exception):
    def __eq__(self, other: object) -> bool:
        raise ValueError("no comparison")

    __hash__ = None


class NotAnError(BaseException):
    """Derives BaseException, as only the interpreter's own should."""


def deep_group() -> BaseExceptionGroup[BaseException]:
    group: BaseException = ValueError("leaf")
    for _ in range(1000):
        group = BaseExceptionGroup("level", [group])
    return group


HOSTILE = {
    "repr": (BadRepr, BadRepr),
    "text": (BadText, BadText),
    "huge repr": (HugeRepr, HugeRepr),
    "equality": (BadEquality, BadEquality),
    "base exception": (NotAnError, UsageError),
    "system exit": (lambda: SystemExit(3), UsageError),
    "generator exit": (GeneratorExit, UsageError),
    "stop iteration": (StopIteration, RuntimeError),
    "stop async iteration": (StopAsyncIteration, StopAsyncIteration),
    "deep group": (deep_group, ExceptionGroup),
    "cancel of trio's": (trio.Cancelled._create, UsageError),
    "group with a cancel": (
        lambda: BaseExceptionGroup("both", [trio.Cancelled._create(), ValueError("v")]),
        UsageError,
    ),
    "assertion": (lambda: AssertionError("failed"), AssertionError),
}


@pytest.mark.parametrize("kind", HOSTILE)
@under("hosted", "task", seeds=2)
async def test_E1_whatever_a_spindle_raises_hurts_only_itself(page: Stage, kind: str) -> None:
    make, reported = HOSTILE[kind]
    if kind.startswith(("cancel", "group")):
        make = await stolen(kind)

    async def fails() -> None:
        await Desk.Ask()
        raise make()

    async def fails_at_once() -> None:
        raise make()

    failing = page.start(Desk, fails)
    page.start(Bell, ring_once)
    await page.settle()
    page.resume(Desk.Told())
    at_once = page.start(Desk, fails_at_once, instance="at once")
    await page.settle()
    for handle in (failing, at_once):
        assert isinstance(handle.outcome, Errored)
        assert isinstance(handle.outcome.error, reported)
    name = type(failing.outcome.error).__name__
    assert page.said()[-2:] == [f"Desk failed: {name}", f"Desk[at once] failed: {name}"]
    # The neighbour has not noticed, and the key is free again.
    page.resume(Bell.Rung(5))
    page.start(Desk, ask_once)
    assert await page.hears() == ["Bell returned 5", "Desk asks Ask(number=1) #2"]


async def stolen(kind: str):
    kept = await stolen_cancel()
    if kind.startswith("group"):
        return lambda: BaseExceptionGroup("both", [kept, ValueError("v")])
    return lambda: kept


@under("hand", "hosted", "task")
async def test_E1_siblings_and_other_pages_go_on(page: Stage) -> None:
    async def fails() -> None:
        told = await Desk.Ask()
        raise LookupError(told.word)

    page.start(Desk, fails)
    page.start(Desk, ask_once, instance="other")
    await page.settle()
    page.resume(Desk.Told("gone"))
    page.resume(Desk.Told("here"), instance="other")
    assert (await page.hears())[2:] == [
        "Desk failed: LookupError",
        "Desk[other] returned 'here'",
    ]


@under("hand", "hosted", "task")
async def test_a_function_that_is_not_async_is_reported_by_name(page: Stage) -> None:
    def plain() -> str:
        return "at once"

    async def generator():
        yield 1

    handles = [
        page.start(Desk, plain, instance="plain"),
        page.start(Desk, generator, instance="generator"),
    ]
    assert await page.hears() == [
        "Desk[plain] failed: UsageError",
        "Desk[generator] failed: UsageError",
    ]
    assert "plain is to run as a spindle but returned str: write `async def`" in str(
        handles[0].outcome.error
    )
    assert "contains `yield`, which makes a generator of it" in str(handles[1].outcome.error)


@under("hand", "hosted", "task")
async def test_wrong_arguments_are_the_spindles_own_error(page: Stage) -> None:
    handle = page.start(Desk, ask_once, "too", "many")
    assert await page.hears() == ["Desk failed: TypeError"]
    assert "takes 0 positional arguments but 2 were given" in str(handle.outcome.error)


@under("hand", "hosted", "task")
async def test_what_an_operation_raises_is_caught_like_anything_else(page: Stage) -> None:
    async def unlucky() -> None:
        raise OSError("disk full")

    async def recovers() -> str:
        try:
            await perform(unlucky)
        except OSError as error:
            return str(error)
        return "lucky"

    page.start(Desk, recovers)
    assert await page.hears() == ["Desk returned 'disk full'"]


@under("hand", "hosted", "task")
async def test_a_call_that_is_not_async_is_refused_at_its_await(page: Stage) -> None:
    async def calls() -> str:
        try:
            await perform(len, "abc")
        except UsageError as error:
            return str(error)
        return "called"

    handle = page.start(Desk, calls)
    await page.settle()
    assert "returned int" in handle.outcome.value
    assert "async def" in handle.outcome.value


@under("hand", "hosted", "task")
async def test_what_a_call_raises_reaches_the_spindle_however_hostile(page: Stage) -> None:
    async def fails() -> None:
        raise BadText

    async def calls() -> str:
        try:
            await perform(fails)
        except BadText:
            return "its own"
        return "none"

    page.start(Desk, calls)
    assert await page.hears() == ["Desk returned 'its own'"]


@under("hosted", "task")
async def test_calls_that_raise_what_is_no_error(page: Stage) -> None:
    async def exits() -> None:
        raise SystemExit(3)

    async def calls() -> None:
        await perform(exits)

    handle = page.start(Desk, calls)
    page.start(Bell, ring_once)
    await page.settle()
    assert isinstance(handle.outcome.error, UsageError)
    assert isinstance(handle.outcome.error.__cause__, SystemExit)
    page.resume(Bell.Rung(5))
    assert (await page.hears())[-1] == "Bell returned 5"


class HostileWord(str):
    """What a visitor typed, if the world were worse."""

    def __repr__(self) -> str:
        raise ValueError("no repr")


@under("hand", "hosted", "task", seeds=2)
async def test_an_event_that_cannot_be_printed_is_an_event_like_any_other(page: Stage) -> None:
    handle = page.start(Desk, ask_once)
    await page.settle()
    page.said()
    receipts = [
        page.resume(Desk.Told(HostileWord("a")), yield_id=7),
        page.resume(Desk.Told(HostileWord("b"))),
        page.resume(Desk.Told(HostileWord("c"))),
    ]
    await page.settle()
    assert [receipt.settlement.value for receipt in receipts] == ["refused", "handled", "refused"]
    assert handle.outcome == Completed("b")
    page._drained()


@on_trio(1)
async def test_what_a_spindle_held_is_free_when_it_has_ended() -> None:
    class Big:
        pass

    watched: list[weakref.ref[Big]] = []

    async def holds() -> None:
        big = Big()
        watched.append(weakref.ref(big))
        await Desk.Ask()

    for hosted in (True, False):
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, holds)
            await trio.testing.wait_all_tasks_blocked()
            page.resume(Desk.Told())
            await page.wait()
            gc.collect()
            assert watched[-1]() is None


@on_trio(1)
async def test_a_coroutine_object_is_refused_when_it_is_handed_over() -> None:
    async with open_page(Talk) as page:
        with pytest.raises(UsageError, match=r"write start\(\.\.\., ask_once, \.\.\.\) instead of"):
            page.start(Desk, ask_once())
        with pytest.raises(UsageError, match=r"takes an async function and its arguments, not 3"):
            page.start(Desk, 3)
        assert page.start(Desk, ask_once).outcome is None, "the key was not taken"


@under("hosted")
async def test_a_foreign_error_with_trios_words_is_refused_with_ours(page: Stage) -> None:
    async def opens() -> None:
        async with trio.open_nursery():
            await Desk.Ask()

    handle = page.start(Desk, opens)
    await page.settle()
    assert isinstance(handle.outcome.error, ForeignAwait)
