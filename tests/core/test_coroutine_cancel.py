"""Cancelling a spindle that is stepped by hand."""

from __future__ import annotations

import contextlib
import gc

import pytest

from spindle import (
    Cancelled,
    Completed,
    Coroutine,
    Errored,
    Origin,
    UsageError,
    cleanup,
    perform,
    use,
)
from tests.talk import Clerk, Desk, Echo, ask_once


class Log(list[str]):
    async def add(self, line: str) -> None:
        """A call, by way of `perform`."""
        self.append(line)


def test_cancel_runs_the_cleanup_and_says_why() -> None:
    log = Log()

    async def cleans() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(1):
                await perform(log.add, "cleaned")
                await Desk.Said("bye")

    fiber = Coroutine(cleans)
    fiber.run()
    assert fiber.cancel("closing time") == Cancelled("closing time", Origin.REQUESTED)
    assert fiber.state == Cancelled("closing time")
    assert log == ["cleaned"]
    assert fiber.notified == (Desk.Said("bye"),)


def test_cancel_before_the_start_never_starts() -> None:
    ran: list[str] = []

    async def runs() -> None:
        ran.append("it has")

    fiber = Coroutine(runs)
    assert fiber.cancel() == Cancelled("")
    assert ran == []
    with pytest.raises(UsageError, match="runs has ended: Cancelled"):
        fiber.run()


def test_cancel_after_the_end_changes_nothing() -> None:
    fiber = Coroutine(ask_once)
    fiber.run()
    fiber.run(Desk.Told("a"))
    assert fiber.cancel("late") == Completed("a")
    assert fiber.state == Completed("a")


def test_the_first_of_two_cancels_stands() -> None:
    fiber = Coroutine(ask_once)
    fiber.run()
    assert fiber.cancel("one") == fiber.cancel("two") == Cancelled("one")


def test_a_cleanup_that_raises_is_the_outcome() -> None:
    error = LookupError("in the cleanup")

    async def fails() -> None:
        try:
            await Desk.Ask()
        finally:
            raise error

    fiber = Coroutine(fails)
    fiber.run()
    assert fiber.cancel("x") == Errored(error)
    assert type(error.__context__).__name__ == "Unwinding"


def test_an_operation_in_a_finally_raises_again() -> None:
    log = Log()

    async def insists() -> None:
        try:
            await Desk.Ask()
        finally:
            log.append("unwinds")
            try:
                await perform(log.add, "never")
            finally:
                log.append("unwinds again")

    fiber = Coroutine(insists)
    fiber.run()
    assert fiber.cancel() == Cancelled("")
    assert log == ["unwinds", "unwinds again"]


def test_a_value_returned_although_cancelled() -> None:
    async def returns() -> str:
        try:
            return (await Desk.Ask()).word
        except BaseException:
            return "all the same"

    fiber = Coroutine(returns)
    fiber.run()
    assert fiber.cancel() == Completed("all the same")


def test_a_swallowed_cancel_shows_again_at_the_next_operation() -> None:
    log = Log()

    async def swallows_once() -> None:
        try:
            await Desk.Ask()
        except BaseException:
            log.append("swallowed")
        await Desk.Ask(2)
        log.append("never")

    fiber = Coroutine(swallows_once)
    fiber.run()
    assert fiber.cancel("x") == Cancelled("x")
    assert log == ["swallowed"]


def test_who_keeps_swallowing_is_closed_and_named() -> None:
    rounds: list[int] = []

    async def swallows() -> None:
        while True:
            try:
                await Desk.Ask()
            except BaseException as caught:
                if isinstance(caught, GeneratorExit):
                    rounds.append(-1)
                    raise
                rounds.append(1)

    fiber = Coroutine(swallows)
    fiber.run()
    ended = fiber.cancel()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, UsageError)
    assert str(ended.error) == (
        "Talk.Desk swallowed its cancellation again and again and was closed: let it pass "
        "(`finally` instead of `except BaseException`), or use cleanup()"
    )
    assert rounds == [1] * 20 + [-1]


async def swallows_everything(times: int) -> None:
    for _ in range(times):
        with contextlib.suppress(BaseException):
            await Desk.Ask()


def test_who_swallows_being_closed_too_is_closed_again() -> None:
    fiber = Coroutine(swallows_everything, 60)
    fiber.run()
    ended = fiber.cancel()
    assert isinstance(ended, Errored)
    assert "swallowed its cancellation again" in str(ended.error)
    del fiber
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_who_never_stops_is_given_up() -> None:
    """Nothing more can be done for it; the interpreter complains when it drops the coroutine."""
    fiber = Coroutine(swallows_everything, 10_000)
    fiber.run()
    ended = fiber.cancel()
    assert isinstance(ended, Errored)
    assert "swallowed its cancellation again" in str(ended.error)
    del fiber
    gc.collect()


def test_an_error_while_it_is_closed_is_the_outcome() -> None:
    async def fails_at_last() -> None:
        try:
            while True:
                try:
                    await Desk.Ask()
                except Exception:
                    raise
                except GeneratorExit:
                    raise
                except BaseException:
                    pass
        finally:
            raise LookupError("at last")

    fiber = Coroutine(fails_at_last)
    fiber.run()
    ended = fiber.cancel()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, LookupError)


def test_deadlines_pass_at_once_by_hand() -> None:
    log = Log()

    async def overruns() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(3600):
                await Desk.Ask(2)
                log.append("never")
            log.append("goes on behind the cleanup")
            await Desk.Said("cancelled still")

    fiber = Coroutine(overruns)
    fiber.run()
    assert fiber.cancel("x") == Cancelled("x")
    assert log == ["goes on behind the cleanup"]
    assert fiber.notified == ()


def test_cancel_from_inside_is_refused() -> None:
    async def cancels_itself() -> None:
        fiber.cancel("me")

    fiber = Coroutine(cancels_itself)
    ended = fiber.run()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, UsageError)


def kept_unwinding() -> BaseException:
    """What has unwound a cleanup whose time was over."""
    kept: list[BaseException] = []

    async def keeps() -> None:
        async with cleanup(1):
            try:
                await Desk.Ask()
            except BaseException as unwinding:
                kept.append(unwinding)
                raise

    first = Coroutine(keeps)
    first.run()
    first._by_hand("").hand.pass_deadline()
    (unwinding,) = kept
    return unwinding


def test_an_unwinding_that_is_kept_and_raised_later_is_an_error() -> None:
    unwinding = kept_unwinding()

    async def raises_it() -> None:
        await Desk.Ask()
        raise unwinding

    second = Coroutine(raises_it)
    second.run()
    ended = second.run(Desk.Told())
    assert isinstance(ended, Errored)
    assert "raised a cancellation that was not its own" in str(ended.error)


def test_a_port_that_raises_an_unwinding_of_somebody_else_fails_the_call() -> None:
    unwinding = kept_unwinding()

    class Keeps(Echo):
        async def look(self, what: str) -> str:
            raise unwinding

    async def looks() -> str:
        try:
            return await (await use(Clerk)).look("x")
        except UsageError as error:
            return str(error)

    ended = Coroutine(looks, provide={Clerk: Keeps()}).run()
    assert isinstance(ended, Completed)
    assert "raised a cancellation that was not its own" in ended.value
