"""D2: a conversation is taken up as often as one likes, and nothing is done twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from spindle import (
    Completed,
    Coroutine,
    Errored,
    Log,
    NotProvided,
    OutcomeUnknown,
    Port,
    Suspended,
    UsageError,
    await_all,
    fiber,
    once,
    perform,
    read,
    use,
    write,
)
from spindle.testing import Recording
from tests.core.replay.signup import Directory, Signup, Users, signup

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("as_json", [False, True])
def test_D2_the_tenth_time_is_as_right_as_the_first(as_json: bool) -> None:
    users, log = Directory(), Log(json=as_json)
    coroutine = Coroutine(signup, 12, provide={Users: users}, log=log)
    assert coroutine.run() == Suspended(Signup.AskName(""))
    for _ in range(10):
        taken = Log.load(log.dump())
        coroutine = Coroutine.resume(signup, taken, provide={Users: users})
        assert coroutine.state == Suspended(coroutine.pending()[0][1])
        assert coroutine.run(Signup.NameGiven("Ada")) == Suspended(Signup.AskName("Ada is taken"))
        log = taken
    assert users.calls == ["is_free Ada"] * 10
    assert coroutine.run(Signup.NameGiven("Bo")) == Completed("Bo #7")
    again = Coroutine.resume(signup, Log.load(log.dump()), provide={Users: users})
    assert again.state == Completed("Bo #7")
    assert again.notified == (Signup.Welcomed("Bo"),)
    assert users.calls[10:] == ["is_free Bo", "add Bo"]


def test_it_may_be_taken_up_before_it_was_started() -> None:
    log = Log()
    Coroutine(signup, 2, log=log)
    coroutine = Coroutine.resume(signup, Log.load(log.dump()), provide={Users: Directory()})
    assert coroutine.run() == Suspended(Signup.AskName(""))


def test_what_is_kept_is_what_was_read_back() -> None:
    given: list[object] = []

    async def keeps(names: list[str]) -> None:
        given.append(names)
        given.append(await perform(makes))

    made = [1, 2]

    async def makes() -> list[int]:
        return made

    names = ["Ada"]
    Coroutine(keeps, names, log=Log()).run()
    assert given == [names, made]
    assert given[0] is not names
    assert given[1] is not made


def test_its_seed_and_its_clock_are_those_it_had() -> None:
    from tests.core.replay.talkative import Doer, Main, Work, Worker

    steps = [("draw", 0), ("sleep", 2), ("ask", 1), ("draw", 0), ("sleep", 1)]
    seen, log = list[str](), Log()
    coroutine = Coroutine(Doer(seen).body, steps, seed=7, provide={Work: Worker()}, log=log)
    coroutine.run()
    coroutine.advance(3)
    again_seen = list[str]()
    again = Coroutine.resume(Doer(again_seen).body, log, provide={Work: Worker()})
    assert again.now == 5
    again.run(Main.Count(1))
    coroutine = Coroutine(Doer(seen).body, steps, seed=7, provide={Work: Worker()})
    seen.clear()
    coroutine.run()
    coroutine.advance(3)
    coroutine.run(Main.Count(1))
    assert again_seen == seen


class Bank(Port):
    @read
    async def balance(self) -> int: ...
    @write
    async def deposit(self, amount: int) -> None: ...
    @once
    async def pay(self, amount: int) -> str: ...


class Counter(Bank):
    def __init__(self) -> None:
        self.calls: list[str] = []

    async def balance(self) -> int:
        self.calls.append("balance")
        return 5

    async def deposit(self, amount: int) -> None:
        self.calls.append(f"deposit {amount}")

    async def pay(self, amount: int) -> str:
        self.calls.append(f"pay {amount}")
        return "paid"


@pytest.mark.parametrize(
    ("method", "args", "came"),
    [
        ("balance", (), Completed(5)),
        ("deposit", (3,), Completed(None)),
        ("pay", (3,), OutcomeUnknown("Bank.pay had begun: nobody knows whether it was done")),
    ],
)
def test_a_call_whose_end_is_not_known_is_made_again_if_it_may_be(
    method: str, args: tuple[int, ...], came: object
) -> None:
    async def calls() -> object:
        return await getattr(await use(Bank), method)(*args)

    bank, log = Counter(), Log()
    Coroutine(calls, provide={Bank: bank}, log=log).run()
    assert len(bank.calls) == 1
    del log.frames[1:]  # as if the process had died while it was called
    again = Coroutine.resume(calls, Log.load(log.dump()), provide={Bank: bank})
    if isinstance(came, OutcomeUnknown):
        assert isinstance(again.state, Errored)
        assert isinstance(again.state.error, OutcomeUnknown)
        assert str(again.state.error) == str(came)
        assert len(bank.calls) == 1
    else:
        assert again.state == came
        assert len(bank.calls) == 2


def test_of_several_calls_that_were_under_way_each_has_its_end() -> None:
    async def pays(amount: int) -> str:
        return await (await use(Bank)).pay(amount)

    async def all_at_once() -> object:
        fibers = [await fiber(pays, amount) for amount in range(4)]
        return await await_all(*fibers)

    bank, log = Counter(), Log()
    whole = Coroutine(all_at_once, provide={Bank: bank}, log=log)
    assert whole.run() == Completed(("paid",) * 4)
    data = log.dump()
    for length in range(1, len(log.frames) + 1):
        part = Log.load(data)
        del part.frames[length:]
        bank.calls.clear()
        again = Coroutine.resume(all_at_once, part, provide={Bank: bank})
        if length == len(log.frames):
            assert again.state == whole.state
        else:
            assert isinstance(again.state, Errored)
            assert isinstance(again.state.error, OutcomeUnknown)
        assert bank.calls == []


def test_a_journal_hears_only_what_is_new() -> None:
    log = Log()
    coroutine = Coroutine(signup, 3, provide={Users: Directory()}, log=log)
    coroutine.run()
    coroutine.run(Signup.NameGiven("Ada"))
    told = Recording()
    again = Coroutine.resume(signup, log, provide={Users: Directory()}, journal=told)
    assert told.lines() == []
    again.run(Signup.NameGiven("Bo"))
    assert told.lines()[0].endswith("<- NameGiven(name='Bo')   (for yield 2)")


def test_what_is_interrupted_is_not_kept() -> None:
    async def asks() -> str:
        name = (await Signup.AskName()).name
        if name == "Eve" and hit:
            raise hit.pop()
        return (await Signup.AskName(f"not {name}")).name

    hit = [KeyboardInterrupt()]
    log = Log()
    coroutine = Coroutine(asks, log=log)
    coroutine.run()
    with pytest.raises(KeyboardInterrupt):
        coroutine.run(Signup.NameGiven("Eve"))
    with pytest.raises(UsageError, match="was interrupted from the keyboard in the middle of a"):
        coroutine.cancel()
    with pytest.raises(UsageError, match=r"take it up before that, with Coroutine\.resume"):
        Coroutine.resume(asks, log).run(Signup.NameGiven("Bo"))
    again = Coroutine.resume(asks, Log.load(log.dump()))
    assert again.run(Signup.NameGiven("Eve")) == Suspended(Signup.AskName("not Eve"))


def test_what_is_provided_is_checked_as_for_a_new_one() -> None:
    log = Log()
    Coroutine(signup, 1, log=log)
    with pytest.raises(NotProvided):
        Coroutine.resume(signup, log, provide={Users: Directory})
    with pytest.raises(UsageError, match="takes an async function and its arguments, not 3"):
        Coroutine.resume(3, log)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


PROGRAM = """
    import sys
    from spindle import Coroutine, Log, Suspended
    from tests.core.replay.signup import Directory, Signup, Users, signup

    users = Directory()
    saved = sys.stdin.buffer.read()
    if saved:
        log = Log.load(saved)
        coroutine = Coroutine.resume(signup, log, provide={Users: users})
        coroutine.run(Signup.NameGiven(sys.argv[1]))
    else:
        log = Log()
        coroutine = Coroutine(signup, 5, provide={Users: users}, log=log)
        coroutine.run()
    print(coroutine.state, users.calls, file=sys.stderr)
    sys.stdout.buffer.write(log.dump())
"""


def test_it_goes_on_in_another_process() -> None:
    saved, told = b"", list[str]()
    for seed, name in enumerate(["", "Ada", "Eve", "Bo"]):
        done = subprocess.run(
            [sys.executable, "-c", dedent(PROGRAM), name],
            input=saved,
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        )
        saved = done.stdout
        told.append(done.stderr.decode().strip())
    assert told == [
        "Suspended(ask=AskName(hint='')) []",
        "Suspended(ask=AskName(hint='Ada is taken')) ['is_free Ada']",
        "Suspended(ask=AskName(hint='Eve is taken')) ['is_free Eve']",
        "Completed(value='Bo #7') ['is_free Bo', 'add Bo']",
    ]
