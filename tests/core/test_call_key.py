"""The key of a call is the same whenever that call is made again, and no other call has it."""

from __future__ import annotations

import json
import re
import threading
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from copy import copy
from typing import Any

import msgspec
import pytest
import trio

from spindle import (
    Completed,
    Coroutine,
    Errored,
    Event,
    Log,
    Port,
    Spindle,
    Suspended,
    TracedCall,
    Tracer,
    UsageError,
    Yield,
    await_all,
    call_key,
    fiber,
    mark,
    once,
    open_coroutine,
    open_page,
    perform,
    read,
    use,
    write,
)
from spindle._core.kernel.hand import Hand
from spindle._core.keyed import KEYS, KeyedCall
from spindle._core.operations.port import Repeat, port_calls
from spindle._core.replay.dumped import written
from spindle._core.replay.formats import Format
from tests.drivers import play


class Till(Spindle[Any]):
    class Paid(Event):
        amount: int

    class AskPayment(Yield[Paid]):
        due: int = 0


class Bank(Port):
    @read
    async def balance(self) -> int: ...
    @write
    async def deposit(self, amount: int) -> None: ...
    @once
    async def pay(self, amount: int) -> str: ...


class Vault(Bank):
    """Notes the key of each call."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    async def balance(self) -> int:
        return 5

    async def deposit(self, amount: int) -> None:
        self.keys.append(call_key())

    async def pay(self, amount: int) -> str:
        self.keys.append(call_key())
        return "paid"


async def pays(turns: int) -> None:
    bank = await use(Bank)
    for _ in range(turns):
        await bank.deposit((await Till.AskPayment()).amount)
        await bank.pay(1)


def paid(coroutine: Coroutine[None], turns: int) -> Coroutine[None]:
    coroutine.run()
    for _ in range(turns):
        coroutine.run(Till.Paid(3))
    return coroutine


# ── One key a call ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("logged", [True, False])
def test_each_call_of_each_conversation_has_its_own(logged: bool) -> None:
    bank = Vault()
    for _ in range(3):
        log = Log() if logged else None
        paid(Coroutine(pays, 4, provide={Bank: bank}, log=log), 4)
    assert len(set(bank.keys)) == len(bank.keys) == 24
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in bank.keys)


def test_it_is_the_same_as_often_as_it_is_asked_for_in_one_call() -> None:
    seen: list[str] = []

    class Trying(Vault):
        async def pay(self, amount: int) -> str:
            seen.extend([await self.attempt() for _ in range(3)])
            return "paid"

        async def attempt(self) -> str:
            return call_key()

    paid(Coroutine(pays, 1, provide={Bank: Trying()}), 1)
    assert len(seen) == 3
    assert len(set(seen)) == 1


def test_threads_that_are_given_the_context_have_it() -> None:
    seen: list[str] = []

    class Threaded(Vault):
        async def pay(self, amount: int) -> str:
            asks = copy_context()
            thread = threading.Thread(target=asks.run, args=(lambda: seen.append(call_key()),))
            thread.start()
            thread.join()
            return call_key()

    async def pays_once() -> str:
        return await (await use(Bank)).pay(1)

    assert Coroutine(pays_once, provide={Bank: Threaded()}).run() == Completed(seen[0])


# ── The same one again ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("as_json", [False, True])
def test_a_call_that_is_made_again_has_the_key_that_it_had(as_json: bool) -> None:
    bank, log = Vault(), Log(json=as_json)
    paid(Coroutine(pays, 3, provide={Bank: bank}, log=log), 3)
    saved = log.dump()
    for length in range(1, len(log.frames) + 1):
        part, again = Log.load(saved), Vault()
        del part.frames[length:]  # as if the process had died then
        taken = Coroutine.resume(pays, part, provide={Bank: again})
        while isinstance(taken.state, Suspended):
            taken.run(Till.Paid(3))
        assert again.keys == bank.keys[len(bank.keys) - len(again.keys) :]
    assert again.keys == []


def test_calls_of_fibers_that_were_under_way_have_theirs() -> None:
    async def deposits(amount: int) -> None:
        await (await use(Bank)).deposit(amount)

    async def all_at_once() -> None:
        await await_all(*[await fiber(deposits, amount) for amount in range(4)])

    bank, log = Vault(), Log()
    Coroutine(all_at_once, provide={Bank: bank}, log=log).run()
    keys, again = bank.keys, Vault()
    del log.frames[2:]
    assert Coroutine.resume(all_at_once, log, provide={Bank: again}).state == Completed(None)
    assert again.keys == keys[1:]


async def paying(turn: int) -> None:
    bank = await use(Bank)
    while True:
        await mark(turn)
        await bank.deposit((await Till.AskPayment()).amount)
        turn += 1


def test_behind_a_mark_they_go_on() -> None:
    bank, taken_up = Vault(), Vault()
    log = Log()
    whole = Coroutine(paying, 0, provide={Bank: bank}, log=log)
    whole.run()
    for _ in range(5):
        log = Log.load(log.dump())
        Coroutine.resume(paying, log, provide={Bank: taken_up}).run(Till.Paid(1))
        whole.run(Till.Paid(1))
    assert len(log.frames) == 1
    assert taken_up.keys == bank.keys
    assert len(set(bank.keys)) == 5


@pytest.mark.parametrize("as_json", [False, True])
def test_a_log_of_before_there_were_keys_gets_an_id_and_keeps_it(as_json: bool) -> None:
    log = Log(json=as_json)
    whole = Coroutine(paying, 0, provide={Bank: Vault()}, log=log)
    whole.run()
    whole.run(Till.Paid(1))
    saved = as_it_was(log)
    first, other = Log.load(saved), Log.load(saved)
    assert first.conversation != other.conversation, "two that began alike would share their keys"
    assert len(first.conversation) == 16
    assert Log.load(first.dump()).conversation == first.conversation
    taken = Coroutine.resume(paying, first, provide={Bank: Vault()})
    assert taken.run(Till.Paid(1)) == Suspended(Till.AskPayment())


def as_it_was(log: Log) -> bytes:
    """A log as it was written before there were keys: a head and a standing had less."""
    head = log.head
    assert head is not None
    assert head.standing is not None
    assert (head.__struct_fields__[-1], *head.standing.__struct_fields__[-3:]) == NEW
    if log.format is Format.JSON:
        found = json.loads(log.dump()) | {"checksums": None}
        found["head"] = found["head"][:-1]
        found["head"][-1] = found["head"][-1][:-3]
        return json.dumps(found).encode()
    *args, standing, _ = msgspec.structs.astuple(head)
    shorter = [*args, list(msgspec.structs.astuple(standing))[:-3]]
    return b"".join(written([shorter, *log.frames]))


NEW = ("conversation", "called", "least", "batches")


# ── Under every driver ───────────────────────────────────────────────────────────────────────────

ID = bytes(range(16))


def keys_of_a_page(driver: str) -> set[tuple[str, str]]:
    class Told(Vault):
        async def deposit(self, amount: int) -> None:
            keys.add((f"deposit {amount}", call_key()))

        async def pay(self, amount: int) -> str:
            keys.add((f"pay {amount}", call_key()))
            return ""

    bank, keys = Told(), set[tuple[str, str]]()

    async def scenario(page: Any) -> None:
        page.turns.kernel.conversation = ID
        page.start(Till, both, provide={Bank: bank})
        await page.settle()
        page.resume(Till.Paid(2))
        await page.settle()

    async def both() -> None:
        await (await use(Bank)).deposit((await Till.AskPayment()).amount)
        fibers = [await fiber((await use(Bank)).pay, 1), await fiber((await use(Bank)).deposit, 1)]
        await await_all(*fibers)

    play(driver, scenario, contract=Till)
    return keys


def test_they_are_the_same_under_every_driver() -> None:
    by_hand = keys_of_a_page("hand")
    assert len({key for _, key in by_hand}) == 3
    assert keys_of_a_page("hosted") == by_hand
    assert keys_of_a_page("task") == by_hand


# ── Elsewhere ────────────────────────────────────────────────────────────────────────────────────

ELSEWHERE = r"call_key\(\) was called outside of a call that changes something: only the impl"


def test_outside_of_a_call_there_is_none() -> None:
    with pytest.raises(UsageError, match=ELSEWHERE):
        call_key()


@pytest.mark.parametrize("logged", [True, False])
def test_a_read_a_function_that_is_performed_and_a_spindle_have_none(logged: bool) -> None:
    async def performed() -> None:
        call_key()

    async def asks() -> None:
        call_key()

    async def performs() -> None:
        await perform(performed)

    async def reads() -> None:
        bank = await use(Bank)
        await bank.deposit(1)
        await bank.balance()

    class Asking(Vault):
        async def balance(self) -> int:
            return len(call_key())

    for spindle in (asks, performs, reads):
        log = Log() if logged else None
        state = Coroutine(spindle, provide={Bank: Asking()}, log=log).run()
        assert isinstance(state, Errored)
        assert isinstance(state.error, UsageError)
        assert re.match(ELSEWHERE, str(state.error))


@pytest.mark.parametrize("hosted", [True, False])
def test_a_call_that_is_traced_has_its_key_and_its_arguments(hosted: bool) -> None:
    seen: list[object] = []

    class Seeing(Vault):
        async def pay(self, amount: int) -> str:
            call = KEYS.current()
            assert call is not None
            seen.extend([call.name, call.args, call.keywords, call.key == call_key()])
            return ""

    class Tracing(Tracer):
        def call(self, call: TracedCall) -> AbstractContextManager[None]:
            seen.append(call.name)
            return nullcontext()

    async def pays_once() -> None:
        await (await use(Bank)).pay(amount=7)

    async def main() -> None:
        provide = {Bank: Seeing()}
        options = {"hosted": hosted, "provide": provide, "tracer": Tracing()}
        async with open_page(Till, **options) as page:  # type: ignore[arg-type]
            page.start(Till, pays_once)
            await page.wait()

    trio.run(main)
    assert seen == ["Bank.pay", "Bank.pay", (), {"amount": 7}, True]


@pytest.mark.parametrize("hosted", [True, False])
def test_on_trio_a_call_leaves_nothing_behind(hosted: bool) -> None:
    class Waiting(Vault):
        async def pay(self, amount: int) -> str:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.deposit, 1)
            return await trio.to_thread.run_sync(call_key)

    bank, after = Waiting(), list[object]()

    async def pays_once() -> str:
        key = await (await use(Bank)).pay(1)
        after.append(KEYS.current())
        return key

    async def main() -> None:
        async with open_coroutine(pays_once, provide={Bank: bank}, hosted=hosted) as coroutine:
            state = await coroutine.run()
            assert state == Completed(bank.keys[0])

    trio.run(main)
    assert after == [None]


def test_a_copy_of_a_call_has_its_key() -> None:
    made = port_calls("Bank.pay", Repeat.ONCE)()
    made.fn, made.args, made.keywords, made.given = Vault().pay, (1,), {}, Vault()
    assert copy(made).keyed is None, "it has not begun"
    made.keyed = Hand().kernel.keyed(made)
    assert copy(made).keyed is made.keyed
    assert copy(copy(made)).keyed is made.keyed


def test_a_coroutine_that_is_dropped_half_way_is_closed_by_anybody() -> None:
    call = KeyedCall(ID, 1, "Bank.pay", (1,), {})
    KEYS.take_back(copy_context().run(KEYS.put, call))
    assert KEYS.current() is None
