"""D3: code that does something else than the log says is told apart, before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from spindle import Coroutine as ByHand
from spindle import (
    Event,
    Log,
    Port,
    ReplayMismatch,
    Spindle,
    Suspended,
    Yield,
    fork,
    patched,
    read,
    use,
    write,
)
from tests.core.replay.by_hand import changed_by_hand


class Shop(Spindle[str]):
    class Chosen(Event):
        sku: str

    class AskWhat(Yield[Chosen]): ...

    class AskAgain(Yield[Chosen]):
        hint: str = ""


class Aside(Spindle): ...


class Orders(Port):
    @read
    async def price(self, sku: str) -> int: ...
    @write
    async def reserve(self, sku: str, amount: int = 1) -> str: ...


class Real(Orders):
    def __init__(self) -> None:
        self.calls: list[str] = []

    async def price(self, sku: str) -> int:
        self.calls.append(f"price {sku}")
        return 4

    async def reserve(self, sku: str, amount: int = 1) -> str:
        self.calls.append(f"reserve {sku} {amount}")
        return "r1"


async def shop() -> str:
    orders = await use(Orders)
    sku = (await Shop.AskWhat()).sku
    await orders.price(sku)
    made = await orders.reserve(sku, amount=2)
    return made + (await Shop.AskAgain()).sku


async def with_one_more() -> str:
    orders = await use(Orders)
    sku = (await Shop.AskWhat()).sku
    await orders.price("another")
    await orders.price(sku)
    made = await orders.reserve(sku, amount=2)
    return made + (await Shop.AskAgain()).sku


async def with_one_less() -> str:
    orders = await use(Orders)
    sku = (await Shop.AskWhat()).sku
    made = await orders.reserve(sku, amount=2)
    return made + (await Shop.AskAgain()).sku


async def with_another_argument() -> str:
    orders = await use(Orders)
    sku = (await Shop.AskWhat()).sku
    await orders.price(sku)
    made = await orders.reserve(sku, amount=3)
    return made + (await Shop.AskAgain()).sku


async def in_another_order() -> str:
    orders = await use(Orders)
    sku = (await Shop.AskWhat()).sku
    made = await orders.reserve(sku, amount=2)
    await orders.price(sku)
    return made + (await Shop.AskAgain()).sku


async def with_another_question() -> str:
    return (await Shop.AskAgain()).sku


async def that_ends_early() -> str:
    orders = await use(Orders)
    sku = (await Shop.AskWhat()).sku
    await orders.price(sku)
    return sku


async def that_fails() -> str:
    raise LookupError("gone")


async def that_forks() -> str:
    await fork(Aside, aside)
    return await shop()


async def aside() -> None:
    pass


async def that_takes_more(more: str) -> str:
    return more + await shop()


async def with_long_arguments() -> str:
    return await (await use(Orders)).reserve("x" * 200, 1)


async def with_other_long_arguments() -> str:
    return await (await use(Orders)).reserve("x" * 200, 2)


def told(fn: Callable[[], Coroutine[Any, Any, str]]) -> str:
    """What is said if `fn` takes up a conversation of `shop`; nothing is done, or changed."""
    log = Log()
    conversation = ByHand(shop, provide={Orders: Real()}, log=log)
    conversation.run()
    conversation.run(Shop.Chosen("tea"))
    data, real = log.dump(), Real()
    again = Log.load(data)
    with pytest.raises(ReplayMismatch) as caught:
        ByHand.resume(fn, again, provide={Orders: real})
    assert real.calls == []
    assert again.dump() == data
    assert resumed(shop, again).state == Suspended(Shop.AskAgain())
    return str(caught.value)


def resumed(fn: Callable[[], Coroutine[Any, Any, str]], log: Log) -> ByHand[str]:
    return ByHand.resume(fn, log, provide={Orders: Real()})


def line(text: str, begin: str) -> str:
    return next(each.strip() for each in text.splitlines() if each.strip().startswith(begin))


@pytest.mark.parametrize(
    ("fn", "then", "now", "cause"),
    [
        (
            with_one_more,
            "shop calls Orders.price('tea')",
            "shop calls Orders.price('another')",
            "its arguments are others: ('tea') then, ('another') now",
        ),
        (
            with_one_less,
            "shop calls Orders.price('tea')",
            "shop calls Orders.reserve('tea', amount=2)",
            "this was taken out, or comes later now",
        ),
        (
            with_another_argument,
            "shop calls Orders.reserve('tea', amount=2)",
            "shop calls Orders.reserve('tea', amount=3)",
            "its arguments are others: ('tea', amount=2) then, ('tea', amount=3) now",
        ),
        (
            that_ends_early,
            "shop calls Orders.reserve('tea', amount=2)",
            "shop ends completed",
            "it ends here now",
        ),
        (
            with_another_question,
            "shop asks Shop.AskWhat",
            "shop asks Shop.AskAgain",
            "this was taken out, or comes later now",
        ),
        (
            that_fails,
            "shop asks Shop.AskWhat",
            "shop ends failed: LookupError('gone')",
            "it fails here now",
        ),
        (
            that_forks,
            "shop asks Shop.AskWhat",
            "Aside starts aside",
            "what is done now was added before it",
        ),
        (
            in_another_order,
            "shop calls Orders.price('tea')",
            "shop calls Orders.reserve('tea', amount=2)",
            "this was taken out, or comes later now",
        ),
    ],
)
def test_D3_both_sides_are_shown_and_the_likely_cause(
    fn: Callable[[], Coroutine[Any, Any, str]], then: str, now: str, cause: str
) -> None:
    text = told(fn)
    assert line(text, "in the log:").startswith(f"in the log: {then}")
    assert line(text, "now:").removeprefix("now:").strip().startswith(now)
    assert line(text, "likely cause:") == f"likely cause: {cause}"
    assert "test_mismatch.py:" in line(text, "in the log:")
    assert text.splitlines()[-1].strip() == "nothing was executed, and the log is unchanged"


@pytest.mark.parametrize(
    ("fn", "mend"),
    [
        (with_one_more, "if only a class among them has changed, a field with another name is"),
        (with_one_less, "let the code do what it did in conversations that are past this place"),
        (that_fails, "see to it that this is not raised here; or let the code do what it did"),
        (that_takes_more, "if it is about what the function is given, let the function take what"),
    ],
)
def test_D3_what_helps_is_told(fn: Callable[..., Coroutine[Any, Any, str]], mend: str) -> None:
    assert line(told(fn), "to mend it:").startswith(f"to mend it: {mend}")


def test_D3_what_helps_where_nothing_is_provided_any_more() -> None:
    log = Log()
    ByHand(shop, provide={Orders: Real()}, log=log).run()
    with pytest.raises(ReplayMismatch, match=r"to mend it: give what .*: provide=\{\.\.\.\}"):
        ByHand.resume(shop, Log.load(log.dump()))


def test_D3_what_helps_where_the_port_was_renamed() -> None:
    class Ordering(Port):
        @read
        async def price(self, sku: str) -> int: ...

    class Other(Ordering):
        async def price(self, sku: str) -> int:
            return 4

    async def with_another_port() -> str:
        await (await use(Ordering)).price((await Shop.AskWhat()).sku)
        return ""

    log = Log()
    conversation = ByHand(shop, provide={Orders: Real()}, log=log)
    conversation.run()
    conversation.run(Shop.Chosen("tea"))
    with pytest.raises(ReplayMismatch, match="if the port or its method was renamed, give it its"):
        ByHand.resume(with_another_port, Log.load(log.dump()), provide={Ordering: Other()})


def test_D3_arguments_that_look_alike_are_told_to_be_others() -> None:
    log = Log()
    ByHand(with_long_arguments, provide={Orders: Real()}, log=log).run()
    with pytest.raises(ReplayMismatch) as caught:
        resumed(with_other_long_arguments, Log.load(log.dump()))
    assert line(str(caught.value), "likely cause:") == (
        "likely cause: its arguments are others, though they look alike"
    )


def test_D3_the_lines_are_those_of_the_code() -> None:
    text = told(with_another_argument)
    first = shop.__code__.co_firstlineno
    other = with_another_argument.__code__.co_firstlineno
    assert line(text, "in the log:").endswith(f"replay/test_mismatch.py:{first + 4} shop")
    assert line(text, "now:").endswith(f"replay/test_mismatch.py:{other + 4} with_another_argument")
    assert line(text, "agreed up to:") == (
        "agreed up to: shop asks Shop.AskWhat · shop calls Orders.price('tea')"
    )


def test_D3_an_answer_that_nobody_asks_for_any_more() -> None:
    class Other(Spindle[str]):
        class Given(Event): ...

        class Ask(Yield[Given]): ...

    log = Log()
    conversation = ByHand(shop, provide={Orders: Real()}, log=log)
    conversation.run()
    conversation.run(Shop.Chosen("tea"))

    async def asks_else() -> str:
        await Other.Ask()
        return ""

    with pytest.raises(ReplayMismatch, match=r"now: +shop asks .*Other\.Ask"):
        resumed(asks_else, Log.load(log.dump()))


def test_D3_an_answer_of_a_type_that_was_changed() -> None:
    log = Log(json=True)
    conversation = ByHand(shop, provide={Orders: Real()}, log=log)
    conversation.run()
    conversation.run(Shop.Chosen("tea"))
    changed = changed_by_hand(log, b'{"sku":"tea"}', b'{"number":"tea"}')
    with pytest.raises(ReplayMismatch, match=r"input 2 of the log cannot be told again: what was"):
        resumed(shop, changed)


async def patient() -> str:
    orders = await use(Orders)
    if await patched("greets"):
        await Shop.AskAgain("hello")
    sku = (await Shop.AskWhat()).sku
    await orders.price(sku)
    made = await orders.reserve(sku, amount=2)
    last = (await Shop.AskAgain()).sku
    if await patched("thanks"):
        return f"thanks for {made}"
    return made + last


def test_a_change_that_is_named_is_taken_by_new_conversations() -> None:
    log = Log()
    new = ByHand(patient, provide={Orders: Real()}, log=log)
    assert new.run() == Suspended(Shop.AskAgain("hello"))
    for answer in ("", "tea", "milk"):
        assert resumed(patient, Log.load(log.dump())).state == new.state
        new.run(Shop.Chosen(answer))
    assert resumed(patient, Log.load(log.dump())).state == new.state


def test_a_change_that_is_named_is_not_taken_where_an_old_conversation_has_passed() -> None:
    log = Log()
    old = ByHand(shop, provide={Orders: Real()}, log=log)
    old.run()
    old.run(Shop.Chosen("tea"))
    taken = resumed(patient, log)
    assert taken.state == Suspended(Shop.AskAgain())
    done = taken.run(Shop.Chosen("milk"))
    assert done == taken.state
    assert "thanks for r1" in str(done), "it had not come there when the code was changed"
    assert resumed(patient, Log.load(log.dump())).state == done


async def greets_in_a_loop() -> str:
    while True:
        if await patched("greets"):
            await Shop.AskAgain("hello")
        sku = (await Shop.AskWhat()).sku
        if sku == "no more":
            return sku


async def asks_in_a_loop() -> str:
    while (sku := (await Shop.AskWhat()).sku) != "no more":
        pass
    return sku


def test_a_change_that_was_not_taken_once_is_not_taken_in_the_next_turn_of_the_loop() -> None:
    log = Log()
    ByHand(asks_in_a_loop, provide={Orders: Real()}, log=log).run()
    taken = resumed(greets_in_a_loop, log)
    for _ in range(3):
        assert taken.run(Shop.Chosen("tea")) == Suspended(Shop.AskWhat())
        assert resumed(greets_in_a_loop, Log.load(log.dump())).state == taken.state


def test_a_change_that_is_taken_out_again_is_a_mismatch() -> None:
    log = Log()
    ByHand(patient, provide={Orders: Real()}, log=log).run()
    with pytest.raises(ReplayMismatch, match="patient takes the change 'greets'") as caught:
        resumed(shop, Log.load(log.dump()))
    assert line(str(caught.value), "to mend it:").startswith(
        "to mend it: put the `if await patched(...)` of the change 'greets' back"
    )


def test_without_a_log_every_change_is_taken() -> None:
    assert ByHand(patient, provide={Orders: Real()}).run() == Suspended(Shop.AskAgain("hello"))
