"""A whole page stepped by hand: the surface of the page machine, without a loop."""

from __future__ import annotations

import pytest

from spindle import (
    Cancelled,
    Completed,
    ContractError,
    Errored,
    Event,
    LimitReached,
    Notified,
    NotProvided,
    Origin,
    PageLimits,
    Settlement,
    Source,
    Spindle,
    SpindleIsLive,
    StillRunning,
    UsageError,
    WasCancelled,
    Yield,
    Yielded,
    fiber,
    now,
    perform,
    sleep,
    use,
)
from spindle.testing import HandPage, Recording
from tests.talk import Bell, Clerk, Desk, Echo, Talk, ask_once, ask_twice, ring_once


class Elsewhere(Spindle):
    """A block of no contract that is used here."""

    class More(Event): ...

    class Ask(Yield[More]): ...


async def fails_at_once() -> None:
    raise LookupError("gone")


async def naps(*seconds: float) -> float:
    for each in seconds:
        await sleep(each)
        await Desk.Said(f"{await now():g}")
    return await now()


def test_a_conversation_with_a_page() -> None:
    page = HandPage(Talk)
    handle = page.start(Desk, ask_twice)
    assert page.sent() == [(Source(Desk, None, 1), Yielded(Desk.Ask(1)))]
    assert page.sent() == []
    assert page.pending() == [(Source(Desk, None, 1), Desk.Ask(1))]
    receipt = page.resume(Desk.Told("a"))
    assert receipt.settlement is Settlement.HANDLED
    assert page.resume(Desk.Told("late"), yield_id=1).settlement is Settlement.REFUSED
    assert page.resume(Desk.Told("b"), yield_id=2).settlement is Settlement.HANDLED
    assert page.said() == ["Desk asks Ask(number=2) #2", "Desk returned ('a', 'b')"]
    assert page.result(handle) == ("a", "b")
    assert (page.ledger.accepted, page.ledger.handled, page.ledger.refused) == (3, 2, 1)
    assert not page.ended
    page.cancel("done")
    assert page.ended


def test_every_line_that_a_page_says() -> None:
    async def says() -> None:
        await Desk.Said("hi")
        await fiber(ask_once)
        await Desk.Ask(2)

    async def fails() -> None:
        raise LookupError("gone")

    page = HandPage(Talk)
    page.start(Desk, says, instance="left")
    page.start(Bell, fails)
    page.start(Desk, ask_once)
    page.resume(Desk.Told("b"), yield_id=1, instance="left")
    page.resume(Desk.Told("c"))
    page.start(Bell, ring_once)
    page.cancel()
    assert page.said() == [
        "Desk[left] says Said(word='hi')",
        "Desk[left] asks Ask(number=2) #1",
        "Desk[left] asks Ask(number=1) #2",
        "Bell failed: LookupError('gone')",
        "Desk asks Ask(number=1) #1",
        "Desk[left] withdraws Ask(number=1) #2",
        "Desk[left] returned None",
        "Desk returned 'c'",
        "Bell asks Wait() #1",
        "Bell withdraws Wait() #1",
        "Bell was cancelled (requested)",
    ]


def test_slips_have_an_error_of_their_own() -> None:
    page = HandPage(Talk)
    with pytest.raises(UsageError, match=r"start\(\) takes the block first"):
        page.start(ask_once, Desk)
    with pytest.raises(UsageError, match=r"start\(Talk.Desk\) lacks the function"):
        page.start(Desk)
    with pytest.raises(UsageError, match="not a coroutine object"):
        page.start(Desk, ask_once())
    with pytest.raises(UsageError, match="Elsewhere is not a block of this page's contract"):
        page.start(Elsewhere, ask_once)
    with pytest.raises(UsageError, match="not an event of this page's contract"):
        page.resume(Elsewhere.More())
    with pytest.raises(UsageError, match="takes an event, such as"):
        page.resume(Desk.Told)
    with pytest.raises(ContractError):
        HandPage(Desk.Ask)
    with pytest.raises(NotProvided):
        HandPage(Talk, provide={Clerk: 3})
    with pytest.raises(NotProvided):
        page.start(Desk, ask_once, provide={Clerk: 3})
    with pytest.raises(UsageError, match="seed= takes a whole number, not 'x'"):
        HandPage(Talk, seed="x")
    page.start(Desk, ask_once)
    with pytest.raises(SpindleIsLive):
        page.start(Desk, ask_once)
    narrow = HandPage(Talk, limits=PageLimits(coroutines=1))
    narrow.start(Desk, ask_once)
    with pytest.raises(LimitReached):
        narrow.start(Bell, ring_once)


def test_ports_answer_at_once_from_the_page_or_the_spindle() -> None:
    async def looks() -> str:
        return await (await use(Clerk)).look("tea")

    class Other(Echo):
        async def look(self, what: str) -> str:
            return "other"

    page = HandPage(Talk, provide={Clerk: Echo()})
    assert page.result(page.start(Desk, looks)) == "seen tea"
    assert page.result(page.start(Desk, looks, provide={Clerk: Other()})) == "other"


def test_a_port_that_waits_is_refused() -> None:
    import trio

    page = HandPage(Talk)
    handle = page.start(Desk, perform_sleep, trio.sleep)
    with pytest.raises(Exception, match="By hand there is no event loop") as refused:
        page.result(handle)
    assert refused.value.__notes__ == ["raised in Talk.Desk"]


async def perform_sleep(trio_sleep) -> None:
    await perform(trio_sleep, 1)


# --- receipts ---------------------------------------------------------------------------------


def run(coroutine):
    with pytest.raises(StopIteration) as stop:
        coroutine.send(None)
    return stop.value.value


def test_a_receipt_may_be_pending() -> None:
    async def naps_over_it() -> None:
        await Desk.Ask()
        await sleep(1)

    page = HandPage(Talk)
    page.start(Desk, naps_over_it)
    receipt = page.resume(Desk.Told())
    assert receipt.settlement is None
    assert repr(receipt) == "<receipt of Talk.Desk.Told, pending>"
    with pytest.raises(StillRunning, match=r"Talk.Desk.Told is pending: by hand nothing "):
        receipt.settled().send(None)
    page.advance(1)
    assert run(receipt.settled()) is Settlement.HANDLED
    refused = page.resume(Desk.Told())
    assert repr(refused).startswith("<receipt of Talk.Desk.Told, refused: no spindle")


# --- results ----------------------------------------------------------------------------------


def test_F7_the_result_of_a_handle() -> None:
    error = LookupError("gone")

    async def fails() -> None:
        raise error

    page = HandPage(Talk)
    failed = page.start(Desk, fails)
    for _ in range(2):
        with pytest.raises(LookupError) as raised:
            page.result(failed)
        assert raised.value is error
    assert error.__notes__ == ["raised in Talk.Desk"]
    cancelled = page.start(Desk, ask_once)
    cancelled.cancel_nowait("no time")
    with pytest.raises(WasCancelled, match=r"Talk.Desk was cancelled \(no time\)"):
        page.result(cancelled)
    assert cancelled.outcome == Cancelled("no time", Origin.HANDLE)


def test_by_hand_nobody_waits_for_an_end() -> None:
    handle = HandPage(Talk).start(Desk, ask_once)
    with pytest.raises(UsageError) as refused:
        handle.wait().send(None)
    assert str(refused.value) == (
        "Talk.Desk is stepped by hand, where nothing goes on by itself: look at its handle's "
        "outcome instead of waiting for it"
    )


def test_E11_an_interrupt_comes_out_where_the_page_was_stepped() -> None:
    async def interrupted() -> None:
        await Desk.Ask()
        raise KeyboardInterrupt

    page = HandPage(Talk)
    handle = page.start(Desk, interrupted)
    bell = page.start(Bell, ring_once)
    with pytest.raises(KeyboardInterrupt):
        page.resume(Desk.Told())
    assert "was interrupted from the keyboard" in str(handle.outcome)
    page.resume(Bell.Rung(2))
    assert page.result(bell) == 2


def test_E11_an_interrupt_while_an_error_is_told_of_comes_out() -> None:
    class Interrupts(Exception):
        @property
        def __notes__(self) -> list[str]:
            raise KeyboardInterrupt  # Ctrl-C, while its code runs

    async def fails() -> None:
        raise Interrupts

    page = HandPage(Talk)
    failed = page.start(Desk, fails)
    with pytest.raises(KeyboardInterrupt):
        page.result(failed)
    assert isinstance(failed.outcome, Errored)
    assert isinstance(failed.outcome.error, Interrupts)


# --- what it looks like ----------------------------------------------------------------------


def test_the_journal_is_told(recording: Recording) -> None:
    page = HandPage(Talk, journal=recording)
    page.start(Desk, naps, 1)
    page.wait()
    assert recording.lines() == [
        "Desk                     started as naps(1)",
        "clock                    <- a deadline passed",
        "Desk                     -> Said(word='1')",
        "Desk                     -> completed: 1.0",
    ]


def test_snapshots_are_compared() -> None:
    def page() -> HandPage:
        made = HandPage(Talk)
        made.start(Desk, ask_once)
        return made

    first, second = page(), page()
    assert first.snapshot() == second.snapshot()
    second.advance(1)
    assert first.snapshot() != second.snapshot()
    assert second.tree().now == 1


def test_outcomes_are_compared() -> None:
    page = HandPage(Talk)
    page.start(Desk, fails_at_once)
    page.start(Desk, naps, 0)
    [(_, failed), (_, said), (_, ended)] = page.sent()
    assert isinstance(failed, Errored)
    assert (said, ended) == (Notified(Desk.Said("0")), Completed(0.0))
