"""Of a call whose end is not in the log an implementation may tell what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Struct

from spindle import (
    Completed,
    ContractError,
    Coroutine,
    Errored,
    Log,
    NotProvided,
    OutcomeUnknown,
    Port,
    UsageError,
    call_key,
    once,
    read,
    reconciles,
    use,
    write,
)
from spindle.testing import Fake, Recording


class Receipt(Struct):
    number: str
    cents: int


class Bank(Port):
    @once
    async def charge(self, card: str, cents: int) -> Receipt: ...

    @reconciles(charge)
    async def charged(self, card: str, cents: int) -> Receipt | None:
        raise NotImplementedError

    @write
    async def block(self, card: str) -> None: ...

    @reconciles(block)
    async def blocked(self) -> bool:
        raise NotImplementedError


class Unable(Bank):
    """Cannot tell."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def called(self, *what: object) -> None:
        self.calls.append((*what, call_key()))

    async def charge(self, card: str, cents: int) -> Receipt:
        self.called("charge", card, cents)
        return Receipt(str(len(self.calls)), cents)

    async def block(self, card: str) -> None:
        self.called("block", card)


class Able(Unable):
    """Tells what it was told to."""

    def __init__(self, tells: object = None) -> None:
        super().__init__()
        self.tells = tells

    def told(self, *what: object) -> Any:
        self.called(*what)
        if isinstance(self.tells, Exception):
            raise self.tells
        return self.tells

    async def charged(self, card: str, cents: int) -> Receipt | None:
        return self.told("charged", card, cents)  # type: ignore[no-any-return]

    async def blocked(self) -> bool:
        return self.told("blocked")  # type: ignore[no-any-return]


async def charges() -> Receipt:
    return await (await use(Bank)).charge("4242", cents=5)


async def blocks() -> None:
    return await (await use(Bank)).block("4242")


def in_doubt(fn: Callable[[], Any], *, json: bool = False) -> tuple[Log, str]:
    """A log that has the beginning of a call and not its end, and the key of the call."""
    bank, log = Unable(), Log(json=json)
    Coroutine(fn, provide={Bank: bank}, log=log).run()
    del log.frames[1:]
    return Log.load(log.dump()), str(bank.calls[0][-1])


@pytest.mark.parametrize("json", [True, False])
def test_what_it_has_found_the_call_returns(json: bool) -> None:
    log, key = in_doubt(charges, json=json)
    bank = Able(Receipt("17", 5))
    taken = Coroutine.resume(charges, log, provide={Bank: bank})
    assert taken.state == Completed(Receipt("17", 5))
    assert bank.calls == [("charged", "4242", 5, key)]
    again = Coroutine.resume(charges, Log.load(log.dump()), provide={Bank: Unable()})
    assert again.state == taken.state, "the end is not in the log"


def test_a_call_that_was_not_done_is_made() -> None:
    log, key = in_doubt(charges)
    bank = Able(None)
    taken = Coroutine.resume(charges, log, provide={Bank: bank})
    assert taken.state == Completed(Receipt("2", 5))
    assert bank.calls == [("charged", "4242", 5, key), ("charge", "4242", 5, key)]


@pytest.mark.parametrize("done", [True, False])
def test_of_a_call_that_returns_nothing_it_says_whether_it_was_done(done: bool) -> None:
    log, key = in_doubt(blocks)
    bank = Able(done)
    taken = Coroutine.resume(blocks, log, provide={Bank: bank})
    assert taken.state == Completed(None)
    assert bank.calls == [("blocked", key), *([] if done else [("block", "4242", key)])]


def came_to(fn: Callable[[], Any], bank: Bank) -> Exception:
    log, _ = in_doubt(fn)
    state = Coroutine.resume(fn, log, provide={Bank: bank}).state
    assert isinstance(state, Errored)
    again = Coroutine.resume(fn, Log.load(log.dump()), provide={Bank: Unable()}).state
    assert isinstance(again, Errored)
    assert str(again.error) == str(state.error)
    return state.error


BEGAN = "Bank.charge had begun: nobody knows whether it was done"


@pytest.mark.parametrize("bank", [Unable(), Fake(Bank)], ids=["unable", "fake"])
def test_where_nobody_can_tell_it_is_unknown(bank: Bank) -> None:
    error = came_to(charges, bank)
    assert isinstance(error, OutcomeUnknown)
    assert str(error) == BEGAN


@pytest.mark.parametrize("fn", [charges, blocks])
def test_who_does_not_know_says_so(fn: Callable[[], Any]) -> None:
    bank = Able(OutcomeUnknown("the bank is closed"))
    error = came_to(fn, bank)
    assert isinstance(error, OutcomeUnknown)
    assert str(error) == "the bank is closed"
    assert len(bank.calls) == 1


@pytest.mark.parametrize(
    ("fn", "tells", "says"),
    [
        (charges, LookupError("away"), f"{BEGAN}, for Able.charged raised LookupError('away')"),
        (charges, 3, "raised UsageError('what Able.charged returned cannot be kept in the log: 3"),
        (blocks, None, "Able.blocked returned None; it has to return whether it was done"),
    ],
)
def test_what_it_raises_and_what_does_not_fit_leaves_it_unknown(
    fn: Callable[[], Any], tells: object, says: str
) -> None:
    error = came_to(fn, Able(tells))
    assert isinstance(error, OutcomeUnknown)
    assert says in str(error)


def test_a_write_of_which_nobody_can_tell_is_made_again() -> None:
    log, key = in_doubt(blocks)
    bank = Unable()
    taken = Coroutine.resume(blocks, log, provide={Bank: bank})
    assert taken.state == Completed(None)
    assert bank.calls == [("block", "4242", key)]


def test_a_journal_hears_of_the_call_that_it_settles() -> None:
    log, _ = in_doubt(charges)
    told = Recording()
    Coroutine.resume(charges, log, provide={Bank: Able(Receipt("1", 5))}, journal=told)
    assert "<- Bank.charge returned Receipt(number='1', cents=5)" in told.lines()[0]


def test_it_is_asked_for_no_call_whose_end_is_there() -> None:
    bank, log = Able(None), Log()
    Coroutine(charges, provide={Bank: bank}, log=log).run()
    Coroutine.resume(charges, log, provide={Bank: bank})
    assert [what for what, *_ in bank.calls] == ["charge"]


def test_one_that_a_port_inherits_is_asked() -> None:
    class Branch(Bank):
        @read
        async def balance(self) -> int: ...

    class Office(Able, Branch):
        async def balance(self) -> int:
            return 0

    async def charges_there() -> Receipt:
        return await (await use(Branch)).charge("4242", cents=5)

    log = Log()
    bank = Office(Receipt("9", 5))
    Coroutine(charges_there, provide={Branch: bank}, log=log).run()
    del log.frames[1:]
    taken = Coroutine.resume(charges_there, log, provide={Branch: bank})
    assert taken.state == Completed(Receipt("9", 5))


# ── Misused ──────────────────────────────────────────────────────────────────────────────────────


def test_a_spindle_cannot_call_it() -> None:
    async def asks() -> object:
        return await (await use(Bank)).charged("4242", 5)

    state = Coroutine(asks, provide={Bank: Able()}).run()
    assert isinstance(state, Errored)
    assert isinstance(state.error, UsageError)
    assert str(state.error) == (
        "Bank.charged tells what became of a call of charge, and is asked when a conversation is "
        "taken up from its log: a spindle cannot call it"
    )


@pytest.mark.parametrize("fits", [True, False])
def test_an_implementation_that_does_not_fit_is_refused(fits: bool) -> None:
    class Other(Unable):
        async def charged(self) -> Receipt | None:  # type: ignore[override] # either may be
            return None

        if not fits:

            async def blocked(self, account: str) -> bool:  # type: ignore[override]
                return False

    if fits:
        Coroutine(charges, provide={Bank: Other()})
        return
    with pytest.raises(NotProvided) as refused:
        Coroutine(charges, provide={Bank: Other()})
    assert str(refused.value) == (
        "provide= cannot be used:\n  - Other.blocked, which tells of Bank.block, is not an async "
        "method that takes nothing, or what that takes"
    )


def test_one_that_is_not_async_is_refused() -> None:
    class Other(Unable):
        def charged(self, card: str, cents: int) -> Any:
            return None

    with pytest.raises(NotProvided, match=r"Other\.charged, which tells of Bank\.charge, is not"):
        Coroutine(charges, provide={Bank: Other()})


@once
async def pay(self: Any, card: str) -> str: ...  # type: ignore[empty-body]
@once
async def finds(self: Any, card: str) -> str | None: ...
@read
async def looks(self: Any) -> int: ...  # type: ignore[empty-body]
@write
async def tries(self: Any): ...  # type: ignore[no-untyped-def]
@write
async def does(self: Any, card: str) -> None: ...
async def plain(self: Any) -> int: ...  # type: ignore[empty-body]


def not_async(self: Any) -> str: ...  # type: ignore[empty-body]
async def other_arguments(self: Any, account: str) -> str | None: ...
async def nothing(self: Any) -> None: ...
async def number(self: Any) -> int | None: ...
async def text(self: Any) -> str | None: ...
async def anything(self: Any, card: str) -> Any: ...
async def done(self: Any) -> bool: ...  # type: ignore[empty-body]
async def later(self: Any) -> Unheard | None: ...  # type: ignore[name-defined] # noqa: F821


@pytest.mark.parametrize(
    ("method", "says"),
    [
        (
            looks,
            "reconciles() takes a method of the same port that is marked `write` or `once`",
        ),
        (looks, "not looks, which is simply made again"),
        (plain, "not plain, which is none"),
        ("pay", "not 'pay', which is none"),
        (finds, "finds may return None, so that None could not say that it was not done: let it"),
    ],
)
def test_it_is_about_a_method_that_changes_something(method: Any, says: str) -> None:
    with pytest.raises(ContractError) as error:
        reconciles(method)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("method", "teller", "says"),
    [
        (pay, not_async, "not_async, which tells of pay, has to be an `async def`"),
        (pay, looks, "looks, which tells of pay, has a mark of its own: leave out `read`, `write`"),
        (
            pay,
            other_arguments,
            "other_arguments, which tells of pay, takes (self: 'Any', account: 'str'); it has to "
            "take self and nothing else, or what pay takes: (self: 'Any', card: 'str')",
        ),
        (pay, nothing, "has to be declared to return `str | None`, None if it was not done"),
        (pay, number, "number, which tells of pay, has to be declared to return `str | None`"),
        (does, text, "text, which tells of does, has to be declared to return bool: whether it"),
    ],
)
def test_who_tells_is_checked_when_it_is_declared(method: Any, teller: Any, says: str) -> None:
    declare = reconciles(method)
    with pytest.raises(ContractError, match=re.escape(says)):
        declare(teller)
    assert not hasattr(method, "__reconciler__")


@pytest.mark.parametrize(
    ("method", "teller"),
    [(pay, text), (pay, anything), (pay, later), (tries, number), (does, done), (does, anything)],
)
def test_what_fits_may_tell(method: Any, teller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for each, mark in ((method, "__reconciler__"), (teller, "__reconciles__")):
        monkeypatch.setattr(each, mark, None, raising=False)
    assert reconciles(method)(teller) is teller


def test_one_method_tells_of_each() -> None:
    with pytest.raises(ContractError, match=r"charge has a method that tells .* already: charged"):
        reconciles(Bank.charge)
