"""What a search finds in programs on trio that open no page, and what it tells of it."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from spindle import UsageError
from spindle.testing.laboratory import Trial, Violation, replay, search


async def fine(trial: Trial) -> None:
    """Two tasks that hand something over."""
    send, receive = trio.open_memory_channel[int](0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(send.send, 1)
        assert await receive.receive() == 1


async def deadlocks(trial: Trial) -> None:
    """Two locks, taken in either order."""
    locks = trio.Lock(), trio.Lock()

    async def takes(first: int) -> None:
        async with locks[first]:
            await trio.lowlevel.checkpoint()
            async with locks[1 - first]:
                pass

    async with trio.open_nursery() as nursery:
        nursery.start_soon(takes, 0)
        nursery.start_soon(takes, 1)


async def loses_an_update(trial: Trial) -> None:
    """A counter that is read, and written a moment later: right as long as tasks take turns."""
    count = 0

    async def increases(after: int) -> None:
        nonlocal count
        for _ in range(after):
            await trio.lowlevel.checkpoint()
        was = count
        await trio.lowlevel.checkpoint()
        count = was + 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(increases, 0)
        nursery.start_soon(increases, 3)
    assert count == 2


async def cleans_without_a_shield(trial: Trial) -> None:
    """What is awaited in `finally` is cut off when the program is cancelled."""
    open_files: list[str] = []
    trial.at_end(lambda: not open_files)
    open_files.append("one")
    try:
        await trio.sleep(1)
    finally:
        await trio.lowlevel.checkpoint()
        open_files.clear()


async def cannot_be_cancelled(trial: Trial) -> None:
    """A wait that is shielded for ever."""
    with trio.CancelScope(shield=True):
        await trio.sleep_forever()


async def never_ends(trial: Trial) -> None:
    """Always something to do."""
    while True:
        await trio.lowlevel.checkpoint()


async def leaves_a_task(trial: Trial) -> None:
    """A system task outlives the program."""
    trio.lowlevel.spawn_system_task(trio.sleep_forever)
    await trio.lowlevel.checkpoint()


def test_what_is_right_passes() -> None:
    report = search(fine, runs=200)
    assert report.total == 200
    assert report.exhausted
    assert report.pages == 0
    assert report.origins == ("host", "deadline", "neighbour", "nursery")


def test_a_report_reads_well() -> None:
    lines = str(search(fine, runs=200)).splitlines()
    assert lines[0].startswith("fine: no violation in 200 runs of 0 pages, ")
    assert lines[0].endswith(" a second")
    assert lines[1].startswith("  all ")
    assert "with one of host, deadline, neighbour, nursery at each of" in lines[2]
    assert lines[3].endswith("by priorities or chance, most with one of those")


def found(scenario: Any, name: str, **given: Any) -> Violation:
    """What a search finds, which is a violation of that name."""
    with pytest.raises(Violation) as violation:
        search(scenario, **given)
    assert violation.value.run.faults[0].name == name
    return violation.value


def test_a_deadlock_is_told_with_who_waits_where() -> None:
    text = str(found(deadlocks, "no-deadlock"))
    assert text.startswith("deadlocks does not hold, as run 1 has shown:\n  no-deadlock: nothing")
    assert "    takes waits at test_search.py:" in text
    assert "    takes (2) waits at test_search.py:" in text


def test_what_only_another_schedule_shows() -> None:
    violation = found(loses_an_update, "scenario", interleaving="free", cancel=())
    assert search(loses_an_update, runs=300, cancel=()).total <= 300
    assert violation.run.schedule.picks, "the plain run is right"
    assert isinstance(violation.__cause__, AssertionError)


def test_it_is_shrunk_to_the_smallest() -> None:
    violation = found(loses_an_update, "scenario", interleaving="free", cancel=(), seed=3)
    assert len(violation.run.schedule.picks) <= 4
    assert violation.run.schedule.injections == ()


def test_what_only_a_cancellation_shows() -> None:
    violation = found(cleans_without_a_shield, "at-end")
    [injection] = violation.run.schedule.injections
    assert injection.origin == "host"
    assert "--- host ---" in str(violation)


@pytest.mark.parametrize(
    ("scenario", "name"),
    [
        (cannot_be_cancelled, "no-deadlock"),
        (never_ends, "it-ends"),
        (leaves_a_task, "no-task-is-left"),
    ],
)
def test_what_does_not_end(scenario: Any, name: str) -> None:
    found(scenario, name)


def test_a_task_that_is_left_is_named() -> None:
    assert "1 are left:\n    sleep_forever waits\n" in str(found(leaves_a_task, "no-task-is-left"))


def test_what_cannot_be_cancelled_is_told_where_it_would_end_by_itself() -> None:
    async def sleeps(trial: Trial) -> None:
        with trio.CancelScope(shield=trial.choose([False, True])):
            await trio.Event().wait() if trial.choose([False, True]) else await trio.sleep(1)

    assert found(sleeps, "no-deadlock", delays=None).run.schedule.picks == {1: 1}


def test_a_token_makes_the_run_again() -> None:
    violation = found(cleans_without_a_shield, "at-end")
    with pytest.raises(Violation, match="at-end") as again:
        replay(cleans_without_a_shield, violation.token)
    assert again.value.token == violation.token
    assert again.value.run.transcript == violation.run.transcript
    assert f"replay: {violation.token}" in str(violation)


def test_a_token_of_a_run_that_is_right_now() -> None:
    run = replay(fine, "v1:batches:0=1:host@3")
    assert run.faults == []
    assert any("--- host ---" in line for line in run.transcript)


def test_a_token_whose_choices_are_not_there_any_more() -> None:
    assert replay(fine, "v1:batches:0=9,40=3:host@900").faults == []


def test_the_same_search_finds_the_same() -> None:
    first, second = (found(cleans_without_a_shield, "at-end", seed=5) for _ in range(2))
    assert str(first) == str(second)


def test_choices_of_the_scenario_are_tried() -> None:
    seen: set[tuple[str, str]] = set()

    async def chooses(trial: Trial) -> None:
        seen.add((trial.choose("ab"), trial.choose("xyz")))
        await trio.lowlevel.checkpoint()

    assert search(chooses, delays=None, cancel=()).complete
    assert seen == {(first, second) for first in "ab" for second in "xyz"}


def test_what_the_scenario_offers_is_done_at_each_point() -> None:
    done: list[int] = []

    async def offers(trial: Trial) -> None:
        steps = 0

        def counts() -> None:
            done.append(steps)

        trial.offer("view-leaves", counts)
        for _ in range(3):
            steps += 1
            await trio.lowlevel.checkpoint()

    report = search(offers, runs=60, cancel=["view-leaves"])
    assert report.origins == ("view-leaves",)
    assert set(done) == {1, 2, 3}


def test_what_holds_after_every_step() -> None:
    async def overdraws(trial: Trial) -> None:
        balance = 1
        trial.always(lambda: balance >= 0)

        async def pays() -> None:
            nonlocal balance
            if balance > 0:
                await trio.lowlevel.checkpoint()
                balance -= 1

        async with trio.open_nursery() as nursery:
            nursery.start_soon(pays)
            nursery.start_soon(pays)

    assert "always: <lambda> does not hold" in str(found(overdraws, "always"))


def test_a_check_may_say_what_is_wrong() -> None:
    async def checks(trial: Trial) -> None:
        def nothing_is_open() -> None:
            raise AssertionError("two files are")

        trial.at_end(nothing_is_open)
        await trio.lowlevel.checkpoint()

    assert "at-end: nothing_is_open does not hold: two files are" in str(found(checks, "at-end"))


def test_a_check_that_is_wrong_itself() -> None:
    async def checks(trial: Trial) -> None:
        trial.always(lambda: 1 / 0)  # type: ignore[arg-type]
        await trio.lowlevel.checkpoint()

    assert "<lambda> raised ZeroDivisionError" in str(found(checks, "always"))


def test_what_the_scenario_may_raise() -> None:
    async def raises(trial: Trial) -> None:
        await trio.lowlevel.checkpoint()
        raise LookupError("nothing there")

    assert "it raised LookupError('nothing there')" in str(found(raises, "scenario"))
    assert search(raises, runs=50, may_raise=(LookupError,)).total == 50


def test_what_the_scenario_says_is_in_the_transcript() -> None:
    async def says(trial: Trial) -> None:
        trial.say("something of interest")
        await trio.lowlevel.checkpoint()

    assert any("something of interest" in line for line in replay(says, "v1:free::").transcript)


def test_time_is_virtual_and_begins_at_0() -> None:
    async def sleeps(trial: Trial) -> None:
        assert trio.current_time() == 0
        await trio.sleep(3600)
        assert trio.current_time() == 3600
        with pytest.raises(trio.TooSlowError):
            with trio.fail_after(60):
                await trio.sleep_forever()
        await trial.settle()
        assert trio.current_time() == 3660

    search(sleeps, runs=20, cancel=())


def test_ctrl_c_ends_the_search() -> None:
    async def interrupts(trial: Trial) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(interrupts)


# --- slips ----------------------------------------------------------------------------------------


def test_an_origin_that_there_is_not() -> None:
    with pytest.raises(UsageError, match=r"names 'pages', which is no origin .* there are host, "):
        search(fine, cancel=["pages"])


def test_a_coroutine_for_the_function() -> None:
    with pytest.raises(UsageError, match="pass the async function, not the coroutine"):
        search(fine(None))  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"runs": -1}, {"runs": "many"}, {"delays": 1.5}])
def test_a_wrong_count(wrong: Any) -> None:
    with pytest.raises(UsageError, match="is a whole number from 0 on"):
        search(fine, **wrong)


def test_no_function() -> None:
    with pytest.raises(UsageError, match="takes an async function of a trial, not 3"):
        search(3)  # type: ignore[arg-type]


def test_a_plain_function_for_the_scenario() -> None:
    def fine_but_plain(trial: Trial) -> None: ...

    with pytest.raises(UsageError, match="fine_but_plain is a plain one: write `async def`"):
        search(fine_but_plain)  # type: ignore[arg-type]


@pytest.mark.parametrize("taker", ["always", "at_end"])
def test_an_async_check(taker: str) -> None:
    async def check() -> bool:
        return True

    async def checks(trial: Trial) -> None:
        getattr(trial, taker)(check)

    with pytest.raises(Violation, match=rf"{taker}\(\) takes a plain function, which is called"):
        search(checks, runs=2)


def test_a_name_of_two_words() -> None:
    async def offers(trial: Trial) -> None:
        trial.offer("view leaves", lambda: None)

    with pytest.raises(Violation, match="takes a name of one word"):
        search(offers, runs=2)


def test_no_options() -> None:
    async def chooses(trial: Trial) -> None:
        trial.choose([])

    with pytest.raises(Violation, match="takes one option at least"):
        search(chooses, runs=2)


def test_a_search_within_a_program() -> None:
    async def main() -> None:
        search(fine)

    with pytest.raises(UsageError, match="call it from plain code, not from a task"):
        trio.run(main)


def test_a_scenario_that_does_not_do_the_same_each_time() -> None:
    runs = 0

    async def remembers(trial: Trial) -> None:
        nonlocal runs
        runs += 1
        await trio.lowlevel.checkpoint()
        assert runs != 1

    with pytest.raises(Violation, match="the scenario does not do the same each time"):
        search(remembers)


def test_it_is_shrunk_to_the_same_fault_and_not_another() -> None:
    async def fails_twice(trial: Trial) -> None:
        first, second = trial.choose([False, True]), trial.choose([False, True])
        await trio.lowlevel.checkpoint()
        if first and second:
            raise LookupError("both")
        if second:
            raise ValueError("one")

    violation = found(fails_twice, "scenario", delays=None, cancel=())
    assert isinstance(violation.__cause__, ValueError)
    assert violation.run.schedule.picks == {1: 1}
    with pytest.raises(Violation, match="LookupError"):
        search(fails_twice, delays=None, cancel=(), may_raise=(ValueError,))
