"""D5: a loop that marks keeps its log as short as one turn, however long it runs."""

from __future__ import annotations

import pytest

from spindle import (
    Completed,
    Coroutine,
    Errored,
    Log,
    ReplayMismatch,
    Source,
    StillRunning,
    Suspended,
    UsageError,
    fiber,
    fork,
    mark,
    patched,
    sleep,
    timeout,
    use,
)
from spindle._core.kernel import hand
from tests.core.replay.by_hand import changed_by_hand
from tests.core.replay.signup import Signup
from tests.core.replay.talkative import Main, Side, Talk, Thing, Work, Worker


async def count(total: int, names: list[str]) -> int:
    work = await use(Work)
    while True:
        await mark(total, names)
        match await Main.Ask(total):
            case Main.Count(0):
                return total
            case Main.Count(number):
                total += number
                await work.look(number)
            case Main.Said(word):
                names = [*names, word][-3:]


@pytest.mark.parametrize("as_json", [False, True])
def test_D5_its_log_is_as_short_as_one_turn(as_json: bool) -> None:
    log, worker = Log(json=as_json), Worker()
    coroutine = Coroutine(count, 0, [], provide={Work: worker}, log=log)
    coroutine.run()
    lengths = set[int]()
    for turn in range(1, 300):
        log = Log.load(log.dump())
        coroutine = Coroutine.resume(count, log, provide={Work: worker})
        assert coroutine.state == Suspended(Main.Ask(sum(range(1, turn))))
        coroutine.run(Main.Count(turn))
        lengths.add(len(log.frames))
    assert lengths == {1}
    assert len(log.dump()) < 300
    assert coroutine.pending() == [(Source(Main, None, 300), Main.Ask(sum(range(300))))]
    assert coroutine.run(Main.Count(0)) == Completed(sum(range(300)))
    assert len(worker.calls) == 299


async def forgetful(total: int) -> int:
    while True:
        await mark(0)
        match await Main.Ask(total):
            case Main.Count(number):
                total += number
            case Main.Said():
                return total


def test_what_is_not_given_to_it_is_gone() -> None:
    log = Log()
    coroutine = Coroutine(forgetful, 0, log=log)
    coroutine.run()
    assert coroutine.run(Main.Count(5)) == Suspended(Main.Ask(5))
    assert Coroutine.resume(forgetful, log).state == Suspended(Main.Ask(0))


async def waits_for_a_fiber(turn: int) -> int:
    async def asks() -> None:
        await Main.Ask(100)

    while turn < 3:
        await mark(turn)
        await fiber(asks)
        await Main.Ask(turn)
        turn += 1
    return turn


def test_nothing_is_forgotten_while_something_else_is_under_way() -> None:
    log = Log()
    coroutine = Coroutine(waits_for_a_fiber, 0, log=log)
    coroutine.run()
    before = len(log.frames)
    coroutine.run(Main.Count(1), to=Main.Ask(0))
    assert len(log.frames) > before, "the fiber of the turn before still asks"
    assert Coroutine.resume(waits_for_a_fiber, Log.load(log.dump())).pending() == (
        coroutine.pending()
    )


@pytest.mark.parametrize("what", ["limit", "cell", "local"])
def test_nothing_is_forgotten_where_it_would_be_lost(what: str) -> None:
    async def loops(turn: int) -> None:
        while True:
            if what == "cell" and turn:
                await Main.told.put(turn)
            async with timeout(100 if what == "limit" else 10**9):
                await mark(turn)
                await Main.Ask(turn)
            turn += 1

    log = Log()
    coroutine = Coroutine(loops, 0, log=log)
    coroutine.run()
    for _ in range(3):
        coroutine.run(Main.Count(1))
    assert len(log.frames) == 4
    assert Coroutine.resume(loops, log).state == coroutine.state


async def reads_what_nobody_writes(turn: int) -> None:
    while True:
        await mark(turn)
        await Main.Ask(turn + await Main.told.get(0))
        turn += 1


def test_D5_a_cell_that_was_only_read_does_not_make_it_long() -> None:
    log = Log()
    coroutine = Coroutine(reads_what_nobody_writes, 0, log=log)
    coroutine.run()
    for turn in range(1, 4):
        assert coroutine.run(Main.Count(1)) == Suspended(Main.Ask(turn))
    assert len(log.frames) == 1
    assert Coroutine.resume(reads_what_nobody_writes, log).state == coroutine.state


async def asks_first(number: int) -> None:
    await Main.Ask(number)
    await mark(number)


async def gives_too_much(number: int) -> None:
    await mark(number, number)


async def gives_another_type(number: int) -> None:
    await mark("one")


async def marks_in_a_fiber(number: int) -> None:
    await (await fiber(marks, number)).result()


async def marks(number: int) -> None:
    await mark(number)


@pytest.mark.parametrize(
    ("fn", "says"),
    [
        (asks_first, r"has asked, called or started something before its first mark\(\)"),
        (gives_too_much, "does not take these: too many positional arguments"),
        (gives_another_type, r"what mark\(\) in gives_another_type is given cannot be kept"),
        (marks_in_a_fiber, "marks of marks_in_a_fiber wants to mark: only a spindle"),
    ],
)
def test_slips_are_told_where_they_are(fn, says: str) -> None:
    coroutine = Coroutine(fn, 1, log=Log())
    state = coroutine.run()
    if fn is asks_first:
        state = coroutine.run(Main.Count(1))
    assert isinstance(state, Errored)
    with pytest.raises(UsageError, match=says):
        raise state.error


def test_without_a_log_it_does_nothing() -> None:
    async def loops(number: int) -> int:
        for _ in range(3):
            await mark(number, "what", "ever")
            number = (await Main.Ask(number)).number
        return number

    coroutine = Coroutine(loops, 0)
    for number in range(3):
        assert coroutine.run(None if not number else Main.Count(number)) == (
            Suspended(Main.Ask(number))
        )
    assert coroutine.run(Main.Count(3)) == Completed(3)


async def old(turn: int) -> None:
    while True:
        await mark(turn)
        await Main.Ask(turn)
        turn += 1


async def new(turn: int) -> None:
    work = await use(Work)
    while True:
        await mark(turn)
        if await patched("looks first"):
            thing: Thing = await work.look(turn)
            turn = thing.number
        await Main.Ask(turn)
        turn += 1


def test_code_may_be_changed_between_two_turns() -> None:
    log, worker = Log(), Worker()
    Coroutine(old, 0, log=log).run()
    taken = Coroutine.resume(new, log, provide={Work: worker})
    assert taken.state == Suspended(Main.Ask(0)), "this turn began with the old code"
    assert worker.calls == []
    taken.run(Main.Count(1))
    assert worker.calls == ["look 1"]
    again = Coroutine.resume(new, Log.load(log.dump()), provide={Work: worker})
    assert again.state == taken.state
    assert worker.calls == ["look 1"]


def test_a_block_that_is_not_found_where_it_was_is_told() -> None:
    log = Log(json=True)
    coroutine = Coroutine(count, 0, [], provide={Work: Worker()}, log=log)
    coroutine.run()
    coroutine.run(Main.Count(1))
    moved = changed_by_hand(log, b"talkative:Talk.Main", b"talkative:Talk.Gone")
    with pytest.raises(ReplayMismatch, match="to mend it: let it stand where it did") as gone:
        Coroutine.resume(count, moved)
    assert str(gone.value).startswith("the block of the spindle is not where it was")
    other = changed_by_hand(log, b"talkative:Talk.Main", b"talkative:Worker")
    with pytest.raises(ReplayMismatch, match="is no block of a contract any more"):
        Coroutine.resume(count, other)
    assert Talk.Main is Main


def test_a_change_has_a_name() -> None:
    with pytest.raises(UsageError, match=r"patched\(\) takes the name of a change, not 3"):
        _ = patched(3)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


async def marks_aside(turn: int) -> None:
    for each in range(turn, 5):
        await mark(each)
        await sleep(1)


async def leaves_one_behind() -> str:
    await fork(Side, marks_aside, 0)
    await Signup.AskName()  # of a block without cells, which it could leave empty
    return "left"


def test_a_spindle_that_outlives_the_first_does_not_take_over_its_log() -> None:
    log = Log()
    coroutine = Coroutine(leaves_one_behind, log=log)
    coroutine.run()
    assert coroutine.run(Signup.NameGiven("Bo")) == Completed("left")
    coroutine.advance(3)
    assert log.head is not None
    assert log.head.standing is None
    again = Coroutine.resume(leaves_one_behind, Log.load(log.dump()))
    assert (again.state, again.now) == (coroutine.state, coroutine.now)


async def never_waits(number: int) -> None:
    while True:
        await mark(number)
        number += 1


def test_D5_a_loop_that_marks_and_never_waits_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand, "STRETCH", 3000)
    with pytest.raises(StillRunning, match="never_waits goes on and on"):
        Coroutine(never_waits, 0, log=Log()).run()
