"""What a spindle does beside asking, and that nothing of it goes by unseen."""

from __future__ import annotations

from textwrap import dedent

import pytest

from spindle import Cell, Contract, Notify, Spindle, TooSlow, UsageError, fork, sleep, timeout, use
from spindle.testing import Transcript
from spindle.testing.transcript.conversation import END
from tests.talk import Bell, Clerk, Desk, Echo, ask_once, ask_twice, ring, ring_once


class Shop(Contract):
    class Search(Spindle[None]):
        found = Cell[tuple[str, ...]]()
        busy = Cell[bool]()

        class Done(Notify):
            number: int


Search = Shop.Search


def failure(step) -> str:
    with pytest.raises(AssertionError) as failed:
        step()
    return str(failed.value)


# --- news -----------------------------------------------------------------------------------------


def test_only_the_news_that_differ_are_marked() -> None:
    async def says() -> None:
        for word in "abcd":
            await Desk.Said(word)

    run = Transcript(says)
    message = failure(
        lambda: run.expect_notified(*(Desk.Said(word) for word in ("a", "x", "c", "y", "d")))
    )
    assert message.splitlines()[2:] == [
        "  spindle                  started as says()",
        "  Desk                     -> Said(word='a')",
        "- Desk                     -> Said(word='x')",
        "+ Desk                     -> Said(word='b')",
        "?     word: expected 'x', came 'b'",
        "- Desk                     -> Said(word='c')",
        "+ Desk                     -> Said(word='c')",
        "- Desk                     -> Said(word='y')",
        "  Desk                     -> Said(word='d')",
        "  Desk                     -> completed: None",
    ]
    run.expect_notified(*(Desk.Said(word) for word in "abcd"))


# --- forks --------------------------------------------------------------------------------------


async def forks() -> None:
    await fork(Bell, ring, 2)
    await fork(Bell, ring_once, instance="left")


def test_F1_forks_are_expected() -> None:
    run = Transcript(forks)
    run.expect_forked(Bell, ring, 2)
    run.expect_forked(Bell, instance="left")
    message = failure(lambda: run.expect_forked(Bell))
    assert message.startswith("expected Talk.Bell to be forked, but it was not\n\n")
    assert message.endswith("\n- Bell                     started")


def test_another_fork_fails_with_what_differs() -> None:
    run = Transcript(forks)
    message = failure(lambda: run.expect_forked(Bell, ring, 3))
    assert message.splitlines()[:6] == [
        "expected Talk.Bell to be forked as ring(3), but it was not",
        "",
        "  spindle                  started as forks()",
        "- Bell                     started as ring(3)",
        "+ Bell                     started as ring(2)",
        "?     [0]: expected 3, came 2",
    ]
    assert "+ Bell[left]               started as ring_once()\n" in message
    assert "as ring_once(), but" in failure(lambda: run.expect_forked(Bell, ring_once))
    run.expect_forked(Bell, ring_once, instance="left")


# --- cells --------------------------------------------------------------------------------------


async def searches() -> None:
    await Search.busy.put(True)
    await Search.found.put(("a",))
    await Search.found.put(("a", "b"))
    await Search.busy.put(False)
    await sleep(1)
    assert await Search.found.get() == ("a", "b")


def test_R_what_is_put_into_a_cell_is_expected_in_its_order() -> None:
    run = Transcript(searches)
    assert "but ('a',) was" in failure(lambda: run.expect_put(Search.found, ("a", "b")))
    run.expect_put(Search.found, ("a",))
    run.expect_put(Search.busy, True)
    message = failure(lambda: run.expect_put(Search.found, ("a", "c")))
    assert message == dedent(
        """\
        expected ('a', 'c') to be put into Shop.Search.found, but ('a', 'b') was

          spindle                  started as searches()
          Search                   -> busy.put(True)
          Search                   -> found.put(('a',))
        - Search                   -> found.put(('a', 'c'))
        + Search                   -> found.put(('a', 'b'))
        ?     [1]: expected 'c', came 'b'
          Search                   -> busy.put(False)
          clock                    <- a deadline passed
          Search                   -> completed: None"""
    )
    run.expect_put(Search.found, ("a", "b"))
    run.expect_put(Search.busy, False)
    message = failure(lambda: run.expect_put(Search.busy, True))
    assert "to be put into Shop.Search.busy, but nothing was\n" in message
    assert message.endswith("\n- Search                   -> busy.put(True)")
    assert run.result is None


def test_a_cell_of_an_instance_is_another_one() -> None:
    async def left() -> None:
        await Search.busy.of("left").put(True)

    async def right() -> None:
        await fork(Search, left, instance="left")

    run = Transcript(right)
    assert "nothing was" in failure(lambda: run.expect_put(Search.busy, True))
    run.expect_put(Search.busy.of("left"), True)
    assert "Search[left]             -> busy.put(True)" in run.conversation
    with pytest.raises(UsageError, match=r"expect_put\(\) takes a cell and a value"):
        run.expect_put(3, True)


# --- the end --------------------------------------------------------------------------------------


def test_what_it_returned() -> None:
    run = Transcript(ask_twice)
    message = failure(lambda: run.expect_returned(("a", "b")))
    assert message.startswith(
        "expected it to have returned ('a', 'b'), but it asks Ask(number=1)\n"
    )
    run.expect(Desk.Ask(1)).answer(Desk.Told("a"))
    run.expect(Desk.Ask(2)).answer(Desk.Told("b"))
    assert failure(lambda: run.expect_returned(("a", "c"))).endswith(
        "\n- Desk                     -> completed: ('a', 'c')"
        "\n+ Desk                     -> completed: ('a', 'b')"
        "\n?     [1]: expected 'c', came 'b'"
    )
    run.expect_returned(("a", "b"))


def test_what_it_raised() -> None:
    error = LookupError("no tea")

    async def fails() -> None:
        await Desk.Said("before")
        raise error

    run = Transcript(fails)
    assert run.expect_raised(LookupError) is error
    assert run.expect_raised(Exception, match="^no") is error
    for other in (
        lambda: run.expect_raised(KeyError),
        lambda: run.expect_raised(LookupError, match="coffee"),
        lambda: run.expect_returned(None),
        run.expect_cancelled,
    ):
        with pytest.raises(
            AssertionError, match=r"but it raised LookupError\('no tea'\)"
        ) as failed:
            other()
        assert failed.value.__cause__ is error
    message = failure(lambda: run.expect_raised(LookupError, match="coffee"))
    assert (
        "- Desk                     -> failed: LookupError with 'coffee' in its text\n" in message
    )


def test_that_it_was_cancelled() -> None:
    run = Transcript(ask_once)
    assert "to have been cancelled, but it asks" in failure(run.expect_cancelled)
    run.cancel("closing time")
    run.expect_cancelled()
    run.expect_cancelled("closing time")
    message = failure(lambda: run.expect_cancelled("something else"))
    assert message.startswith(
        "expected it to have been cancelled: something else, but it was cancelled: closing time\n"
    )


# --- nothing goes by unseen -----------------------------------------------------------------------


def test_a_strict_test_that_sees_all() -> None:
    with Transcript(ask_twice) as run:
        run.expect(Desk.Ask(1)).answer(Desk.Told("a"))
        run.expect(Desk.Ask(2)).answer(Desk.Told("b"))
        run.expect_returned(("a", "b"))


def strictly(fn, *args, **keywords) -> str:
    def step() -> None:
        with Transcript(fn, *args, **keywords):
            pass

    return failure(step)


async def says(word: str) -> None:
    await Desk.Said(word)


async def looks() -> None:
    await (await use(Clerk)).look("a")


async def fails() -> None:
    raise LookupError("gone")


async def returns(value: object) -> object:
    await Desk.Said("returning")
    return value


@pytest.mark.parametrize(
    ("fn", "line"),
    [
        (ask_once, "Desk                     -> Ask(number=1)   (yield 1)"),
        (looks, "spindle                  -> Clerk.look('a')"),
        (fails, "spindle                  -> failed: LookupError('gone')"),
    ],
)
def test_what_goes_by_unseen_fails_a_strict_test(fn, line: str) -> None:
    message = strictly(fn)
    assert message.startswith(
        "expected nothing but what the test has looked at, but there was more"
    )
    assert f"\n+ {line}" in message


def test_a_strict_test_has_to_look_at_news_and_what_was_returned() -> None:
    assert strictly(returns, 3).splitlines()[2:] == [
        "  spindle                  started as returns(3)",
        "+ Desk                     -> Said(word='returning')",
        "+ Desk                     -> completed: 3",
    ]
    with Transcript(returns, None) as run:
        run.expect_notified(Desk.Said("returning"))
    with Transcript(returns, 3) as run:
        run.expect_notified(Desk.Said("returning"))
        assert run.result == 3


def test_news_of_a_step_that_is_over_cannot_be_looked_at_any_more() -> None:
    async def says_and_asks() -> None:
        await Desk.Said("first")
        await Desk.Ask(1)
        await Desk.Said("second")

    def step() -> None:
        with Transcript(says_and_asks) as run:
            run.expect(Desk.Ask(1)).answer(Desk.Told())
            run.expect_notified(Desk.Said("second"))

    message = failure(step)
    assert "\n+ Desk                     -> Said(word='first')\n" in message
    assert "\n  Desk                     -> Said(word='second')\n" in message


def test_what_was_expected_need_not_be_answered() -> None:
    with Transcript(ask_once) as run:
        _ = run.expect(Desk.Ask(1))
    with Transcript(looks) as run:
        _ = run.expect_call(Clerk.look)
    with Transcript(ask_once) as run:
        _ = run.expect(Desk.Ask(1))
        run.cancel("enough")


def test_a_question_that_was_withdrawn_unseen() -> None:
    async def hurries() -> None:
        try:
            async with timeout(1):
                await Desk.Ask(1)
        except TooSlow:
            return

    def step() -> None:
        with Transcript(hurries) as run:
            run.advance(1)
            assert run.result is None

    assert "\n+ Desk                     -> Ask(number=1)   (yield 1)\n" in failure(step)


def test_calls_that_are_made_forks_and_cells_may_go_by() -> None:
    with Transcript(looks, provide={Clerk: Echo()}):
        pass
    with Transcript(searches):
        pass

    async def forks_one() -> None:
        await fork(Search, searches)

    with Transcript(forks_one):
        pass


def test_a_test_that_fails_by_itself_says_so_itself() -> None:
    with pytest.raises(ZeroDivisionError), Transcript(ask_once):
        raise ZeroDivisionError


def test_what_still_runs_is_closed_at_the_end() -> None:
    closed: list[str] = []

    async def waits() -> None:
        try:
            await Desk.Ask(1)
        finally:
            closed.append("closed")

    with Transcript(waits) as run:
        _ = run.expect(Desk.Ask(1))
        assert not closed
    assert closed == ["closed"]


# --- long ones ------------------------------------------------------------------------------------


async def chatters(rounds: int) -> None:
    for number in range(rounds):
        await Search.Done(number)
    await (await use(Clerk)).look("a")


def test_of_a_long_conversation_the_ends_and_what_is_marked_are_shown() -> None:
    run = Transcript(chatters, 1000)
    came = [Search.Done(number) for number in range(1000)]
    message = failure(lambda: run.expect_notified(*came[:500], Search.Done(-1), *came[501:]))
    lines = message.splitlines()[2:]
    assert lines[END : END + 5] == [
        "... 401 lines more",
        "- Search                   -> Done(number=-1)",
        "+ Search                   -> Done(number=500)",
        "?     number: expected -1, came 500",
        "... 400 lines more",
    ]
    assert len(lines) == 2 * END + 5
    assert len(run.conversation.splitlines()) == 1002
