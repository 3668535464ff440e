"""Random conversations, each of which is played again by the test that was written of it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from spindle import (
    TooSlow,
    await_any,
    cleanup,
    fiber,
    fork,
    perform,
    scope,
    sleep,
    timeout,
    use,
)
from spindle.testing import Transcript
from tests.talk import Bell, Clerk, Desk, Echo, ring


async def fetch(url: str) -> str:
    return url * 2


async def asks(number: int) -> str:
    word = (await Desk.Ask(number)).word
    await Desk.Said(word)
    return word


async def busy(rounds: int) -> list[object]:
    """Asks, calls, forks, races and is too slow."""
    clerk = await use(Clerk)
    seen: list[object] = []
    for number in range(rounds):
        try:
            async with timeout(5), scope():
                look = await fiber(clerk.look, f"{number}")
                word = await fiber(asks, number)
                seen.append(await await_any(look.result(), word.result()))
                seen.append(await perform(fetch, "/"))
                await clerk.note("seen")
        except TooSlow:
            await Desk.Said("slow")
            await fork(Bell, ring, number, instance=f"{number}")
        except LookupError as error:
            seen.append(str(error))
        await sleep(1)
    try:
        return [*seen, await asks(rounds)]
    finally:
        async with cleanup(3):
            await clerk.note("bye")


ACTIONS = st.lists(
    st.tuples(st.sampled_from("aaacccrtx"), st.integers(0, 3), st.sampled_from([0.5, 2, 5])),
    max_size=25,
)


def act(run: Transcript[object], what: str, which: int, seconds: float) -> None:
    driver = run._driver  # pyright: ignore[reportPrivateUsage]
    asked, calls = driver.asked(), list(driver.open.values())
    if what == "a" and asked:
        ask = asked[which % len(asked)].ask
        expected = run.expect(ask)
        expected.answer(Bell.Rung(which) if isinstance(ask, Bell.Wait) else Desk.Told(f"{which}"))
    elif what in "cr" and calls:
        call = calls[which % len(calls)]
        if call.call.given is None:
            expected = run.expect_perform(fetch)
        else:
            expected = run.expect_call(getattr(Clerk, call.call.name.rpartition(".")[2]))
        if what == "c":
            expected.returns(None if call.call.name == "Clerk.note" else f"got {which}")
        else:
            expected.raises(LookupError(f"no {which}"))
    elif what == "t":
        run.advance(seconds)
    elif what == "x" and which == 0:
        run.cancel("enough")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 4), ACTIONS, st.booleans(), st.booleans())
def test_any_conversation_is_played_again(rounds: int, actions, given_: bool, stub: bool) -> None:
    provide = {Clerk: Echo()} if given_ else {}
    run = Transcript(busy, rounds, provide=provide, stub=[fetch] if stub else [])
    for action in actions:
        act(run, *action)
    source = run.as_test("test_again")
    names: dict[str, object] = {}
    exec(compile(source, "played", "exec"), names)
    test = names["test_again"]
    assert callable(test)
    try:
        test()
    except AssertionError as error:
        raise AssertionError(f"{source}\n{error}") from None
