"""A whole page stepped by hand: the surface of the page machine, without a loop."""

from __future__ import annotations

import gc
from textwrap import dedent

import pytest

from spindle import (
    ESCALATE,
    Cancelled,
    Cell,
    CellEmpty,
    Channel,
    ChannelClosed,
    Completed,
    Contract,
    ContractError,
    Errored,
    Event,
    LimitReached,
    Notified,
    NotProvided,
    Origin,
    PageClosed,
    PageClosing,
    PageLimits,
    Restart,
    Settlement,
    Source,
    Spindle,
    SpindleIsLive,
    StillRunning,
    UsageError,
    WasCancelled,
    Yield,
    Yielded,
    cleanup,
    fiber,
    now,
    perform,
    random_float,
    sleep,
    timeout,
    unique_id,
    use,
)
from spindle.testing import HandPage, Recording
from tests.talk import Bell, Clerk, Desk, Echo, Talk, ask_once, ask_twice, ring_once


class Board(Contract):
    class Writer(Spindle[int]):
        count = Cell[int]()

        class More(Event): ...

        class Ask(Yield[More]): ...


Writer = Board.Writer


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
    with pytest.raises(UsageError, match=r"Board.Writer is not a block of this page's contract"):
        page.start(Writer, ask_once)
    with pytest.raises(UsageError, match="not an event of this page's contract"):
        page.resume(Writer.More())
    with pytest.raises(UsageError, match="takes an event, such as"):
        page.resume(Desk.Told)
    with pytest.raises(ContractError):
        HandPage(Desk.Ask)
    with pytest.raises(NotProvided):
        HandPage(Talk, provide={Clerk: 3})
    with pytest.raises(NotProvided):
        page.start(Desk, ask_once, provide={Clerk: 3})
    with pytest.raises(UsageError, match="a seed is a whole number, not 'x'"):
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


# --- time -------------------------------------------------------------------------------------


async def naps(*seconds: float) -> float:
    for each in seconds:
        await sleep(each)
        await Desk.Said(f"{await now():g}")
    return await now()


def test_A8_time_passes_only_when_it_is_moved() -> None:
    page = HandPage(Talk)
    handle = page.start(Desk, naps, 1, 2, 4)
    page.advance(0.5)
    assert (page.now, page.said()) == (0.5, [])
    page.advance(2.5)
    assert page.now == 3
    assert page.said() == ["Desk says Said(word='1')", "Desk says Said(word='3')"]
    with pytest.raises(StillRunning, match=r"Talk.Desk has not ended\n  Talk.Desk: waiting for s"):
        page.result(handle)
    page.wait()
    assert page.now == 7
    assert page.result(handle) == 7


def test_A8_every_deadline_on_the_way_fires_at_its_own_time() -> None:
    async def limited() -> str:
        try:
            async with timeout(2):
                await Bell.Wait()
        except TimeoutError:
            return f"{await now():g}"
        return ""

    page = HandPage(Talk)
    page.start(Desk, naps, 1, 2)
    bell = page.start(Bell, limited)
    page.advance(10)
    assert page.said() == [
        "Bell asks Wait() #1",
        "Desk says Said(word='1')",
        "Bell withdraws Wait() #1",
        "Bell returned '2'",
        "Desk says Said(word='3')",
        "Desk returned 3.0",
    ]
    assert page.now == 10
    assert page.result(bell) == "2"


def test_A8_chance_follows_from_the_seed() -> None:
    async def draws() -> tuple[float, str]:
        return await random_float(), await unique_id()

    def drawn(seed: int) -> tuple[float, str]:
        page = HandPage(Talk, seed=seed)
        return page.result(page.start(Desk, draws))

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert drawn(10**100) != drawn(10**100 + 1), "a long one counts to its last digit"


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), "1"])
def test_time_is_a_number(seconds: float) -> None:
    page = HandPage(Talk)
    with pytest.raises(UsageError, match=r"advance\(\)"):
        page.advance(seconds)
    with pytest.raises(UsageError, match=r"stop\(\)"):
        page.stop("x", grace=seconds)
    assert (page.now, page.ended) == (0, False)


def test_wait_names_the_yields_that_wait_for_an_answer() -> None:
    page = HandPage(Talk)
    page.start(Desk, ask_once, instance="left")
    page.start(Bell, naps_for_the_bell)
    with pytest.raises(StillRunning) as waiting:
        page.wait()
    assert str(waiting.value) == dedent(
        """\
        the page waits for an answer: Desk[left] asks Ask(number=1). Give it with resume(...), or \
let time pass with advance(seconds)
          Talk.Desk['left']: waiting for yield 1, Talk.Desk.Ask
          Talk.Bell: waiting for sleep until 3"""
    )
    assert page.now == 0, "its clock stands still while somebody is asked"
    page.resume(Desk.Told(), instance="left")
    page.wait()
    assert page.now == 3


async def naps_for_the_bell() -> None:
    await sleep(3)


def test_wait_on_a_page_where_nothing_runs() -> None:
    page = HandPage(Talk)
    page.wait()
    page.cancel()
    page.wait()


def test_wait_gives_up_on_a_page_that_ticks_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spindle._core.kernel.hand.DEADLINES", 100)

    async def ticks() -> None:
        while True:
            await sleep(1)

    page = HandPage(Talk)
    page.start(Bell, ticks)
    with pytest.raises(StillRunning, match="100 deadlines have passed and it goes on by itself"):
        page.wait()
    assert page.now == 100


def test_what_is_infinitely_far_off_never_comes() -> None:
    page = HandPage(Talk)
    page.start(Bell, naps, float("inf"))
    page.advance(1e9)
    assert page.said() == []
    page.cancel()
    assert page.now == 1e9


# --- called from inside -----------------------------------------------------------------------


def test_the_clock_is_not_moved_from_inside() -> None:
    refusals: list[str] = []

    def moves() -> None:
        for move in (
            lambda: page.advance(1),
            page.wait,
            page.cancel,
            lambda: page.stop("x", grace=1),
            lambda: page.take(Channel[int]()),
        ):
            with pytest.raises(UsageError) as refused:
                move()
            refusals.append(str(refused.value))

    async def inside() -> None:
        moves()
        await perform(port)

    async def port() -> None:
        moves()

    page = HandPage(Talk)
    page.start(Bell, naps, 1)
    page.start(Desk, inside)
    called = ["advance", "wait", "cancel", "stop", "take"]
    assert refusals == [
        f"{name}() was called from {where}: call it from the test instead"
        for where in ("the code of Talk.Desk", "a port")
        for name in called
    ]


def test_an_event_from_inside_waits_for_its_turn() -> None:
    async def port() -> None:
        receipts.append(page.resume(Bell.Rung(2)))
        assert receipts[0].settlement is None

    async def rings() -> None:
        await perform(port)

    receipts = []
    page = HandPage(Talk)
    bell = page.start(Bell, ring_once)
    page.start(Desk, rings)
    assert page.result(bell) == 2
    assert receipts[0].settlement is Settlement.HANDLED


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


# --- edges ------------------------------------------------------------------------------------


def test_a_channel_is_used_from_outside() -> None:
    channel = Channel[int]()

    async def doubles() -> None:
        while True:
            await channel.put(2 * await channel.take())

    page = HandPage(Talk)
    page.start(Desk, doubles)
    for number in (1, 2, 3):
        page.put(channel, number)
        assert page.take(channel) == 2 * number
    assert channel.statistics().waiting_to_take == 1


def test_what_would_have_to_wait_outside_is_refused_and_leaves_nothing() -> None:
    channel = Channel[str](1)
    page = HandPage(Talk)
    with pytest.raises(StillRunning) as refused:
        page.take(channel)
    assert str(refused.value) == "take(): nothing to take from <channel 1 of 1, open, 0 items>"
    page.put(channel, "a")
    page.start(Desk, ask_once)
    with pytest.raises(StillRunning) as refused:
        page.put(channel, "b")
    assert str(refused.value) == (
        "put(): no room in <channel 1 of 1, open, 1 items>\n"
        "  Talk.Desk: waiting for yield 1, Talk.Desk.Ask"
    )
    assert channel.statistics().waiting_to_put == channel.statistics().waiting_to_take == 0
    assert page.take(channel) == "a"
    assert page._hand.kernel.coroutines == 1


def test_a_channel_that_was_ended_says_so_outside() -> None:
    closed, failed = Channel[str](1), Channel[str](1)

    async def ends_them() -> None:
        await closed.put("last")
        await closed.close()
        await failed.fail(LookupError("gone"))

    page = HandPage(Talk)
    page.start(Desk, ends_them)
    assert page.take(closed) == "last"
    with pytest.raises(ChannelClosed):
        page.take(closed)
    with pytest.raises(ChannelClosed):
        page.put(closed, "x")
    with pytest.raises(LookupError, match="gone"):
        page.take(failed)


def test_a_cell_is_read_from_outside() -> None:
    async def counts() -> None:
        await Writer.Ask()
        await Writer.count.put(1)

    page = HandPage(Board)
    page.start(Writer, counts)
    with pytest.raises(CellEmpty):
        page.get(Writer.count)
    assert page.get(Writer.count, "nothing") == "nothing"
    page.resume(Writer.More())
    assert page.get(Writer.count) == 1
    assert page.snapshot().cells == {"Board.Writer.count": 1}
    page.cancel()
    with pytest.raises(PageClosed):
        page.get(Writer.count)


# --- its end ----------------------------------------------------------------------------------


async def cleans(seconds: float) -> None:
    try:
        await Desk.Ask()
    finally:
        async with cleanup(seconds):
            await Desk.Said("cleaning")
            await sleep(2)
            await Desk.Said("clean")


def test_E4_cancel_runs_the_cleanups_to_their_end() -> None:
    page = HandPage(Talk)
    handle = page.start(Desk, cleans, 5)
    page.cancel("closing time")
    assert page.said()[-3:] == [
        "Desk says Said(word='cleaning')",
        "Desk says Said(word='clean')",
        "Desk was cancelled: closing time (requested)",
    ]
    assert (page.ended, page.now) == (True, 2)
    assert handle.outcome == Cancelled("closing time")
    page.cancel("again")
    with pytest.raises(PageClosed):
        page.start(Desk, ask_once)
    assert page.resume(Desk.Told()).reason == "the page has ended (closing time)"


def test_a_cleanup_without_end_is_named() -> None:
    page = HandPage(Talk)
    page.start(Desk, never_done)
    with pytest.raises(UsageError) as refused:
        page.cancel("closing time")
    assert str(refused.value) == (
        "it goes on although it was cancelled: give each cleanup() a budget that can "
        "be used up\n  Talk.Desk: waiting for yield 1, Talk.Desk.Ask, cancelled (closing time)"
    )
    assert not page.ended


async def never_done() -> None:
    async with cleanup(float("inf")):
        await Desk.Ask()


def test_E10_stop_gives_grace_and_no_more() -> None:
    async def says_goodbye() -> None:
        try:
            await Desk.Ask()
        except PageClosing:
            await sleep(1)
            await Desk.Said("goodbye")

    async def lingers() -> None:
        await sleep(60)

    page = HandPage(Talk)
    page.start(Desk, says_goodbye)
    page.start(Bell, lingers)
    page.stop("new version", grace=10)
    assert page.said() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk says Said(word='goodbye')",
        "Desk returned None",
        "Bell was cancelled: new version (stopped)",
    ]
    assert (page.ended, page.now) == (True, 10)


def test_a_stop_takes_no_longer_than_is_needed() -> None:
    page = HandPage(Talk)
    page.start(Desk, ask_once)
    page.stop("new version", grace=10)
    assert (page.ended, page.now) == (True, 0)
    assert page.said()[-1] == "Desk was cancelled: new version (stopped)"


def test_a_block_around_a_page_ends_it() -> None:
    with HandPage(Talk) as page:
        page.start(Desk, ask_once)
    assert page.said()[-1] == "Desk was cancelled: the page was left (body left)"


def test_a_block_that_raises_ends_it_too() -> None:
    with pytest.raises(LookupError), HandPage(Talk) as page:  # noqa: PT012 - what is left counts
        page.start(Desk, ask_once)
        raise LookupError
    assert (
        page.said()[-1] == "Desk was cancelled: LookupError in the body of the page (body failed)"
    )


async def fails_at_once() -> None:
    raise LookupError("gone")


def test_E1_what_escalates_is_raised_by_the_block() -> None:
    with pytest.raises(ExceptionGroup) as raised, HandPage(Talk) as page:  # noqa: PT012
        page.start(Bell, ring_once)
        page.start(Desk, fails_at_once, policy=ESCALATE)
        assert page.ended
    assert [str(each) for each in raised.value.exceptions] == ["gone"]
    assert page.said()[-1] == "Bell was cancelled: Talk.Desk failed (escalated)"


def test_E1_what_the_block_raises_stands_first() -> None:
    with pytest.raises(ExceptionGroup) as raised, HandPage(Talk) as page:  # noqa: PT012
        page.start(Desk, fails_at_once, policy=ESCALATE)
        raise ValueError("body")
    assert [str(each) for each in raised.value.exceptions] == ["body", "gone"]
    with pytest.raises(KeyboardInterrupt), HandPage(Talk) as page:  # noqa: PT012
        page.start(Desk, fails_at_once, policy=ESCALATE)
        raise KeyboardInterrupt


def test_E3_a_restart_waits_for_its_delay() -> None:
    page = HandPage(Talk)
    page.start(Desk, fails_at_once, policy=Restart(delay=1, jitter=0, intensity=1))
    assert page.said() == ["Desk failed: LookupError('gone')"]
    page.wait()
    assert page.now == 1
    assert page.said()[0].startswith("Desk failed: RestartsSpent(")


def test_a_significant_spindle_ends_the_page() -> None:
    page = HandPage(Talk)
    page.start(Bell, ring_once)
    page.start(Desk, naps, 1, significant=True)
    assert not page.ended
    page.advance(1)
    assert page.ended


def test_a_page_that_is_dropped_half_way_says_nothing() -> None:
    page = HandPage(Talk)
    page.start(Desk, cleans, 5)
    del page
    gc.collect()


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
    assert second.snapshot().now == 1


def test_outcomes_are_compared() -> None:
    page = HandPage(Talk)
    page.start(Desk, fails_at_once)
    page.start(Desk, naps, 0)
    [(_, failed), (_, said), (_, ended)] = page.sent()
    assert isinstance(failed, Errored)
    assert (said, ended) == (Notified(Desk.Said("0")), Completed(0.0))
