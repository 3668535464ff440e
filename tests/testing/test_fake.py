"""Implementations of ports that answer from a script."""

from __future__ import annotations

import pytest

from spindle import Completed, Coroutine, Errored, Port, UsageError, read, use
from spindle._core.operations.provision import check_provided
from spindle.testing import Fake
from tests.talk import Clerk, Desk


async def look(*whats: str) -> list[str]:
    clerk = await use(Clerk)
    return [await clerk.look(what) for what in whats]


def test_a_fake_is_an_implementation_of_its_port() -> None:
    clerk = Fake(Clerk)
    assert isinstance(clerk, Clerk)
    assert check_provided({Clerk: clerk}) == {Clerk: clerk}
    assert type(clerk).__name__ == "FakeClerk"


def test_it_returns_what_it_was_told_the_last_from_then_on() -> None:
    clerk = Fake(Clerk).when(Clerk.look).returns("one", "two")
    assert Coroutine(look, "a", "b", "c", "d", provide={Clerk: clerk}).run() == Completed(
        ["one", "two", "two", "two"]
    )
    assert clerk.calls == [("look", (what,)) for what in "abcd"]


def test_a_script_is_one_queue_of_values_and_errors() -> None:
    error = LookupError("gone")
    clerk = (
        Fake(Clerk)
        .when(Clerk.look)
        .returns("one")
        .when(Clerk.look)
        .raises(error)
        .when(Clerk.look)
        .returns("x")
    )

    async def three() -> list[object]:
        port = await use(Clerk)
        seen: list[object] = []
        for what in "abc":
            try:
                seen.append(await port.look(what))
            except LookupError as raised:
                seen.append(raised)
        return seen

    assert Coroutine(three, provide={Clerk: clerk}).run() == Completed(["one", error, "x"])


def test_what_is_not_scripted_raises_in_the_spindle_that_calls_it() -> None:
    clerk = Fake(Clerk)
    ended = Coroutine(look, "a", provide={Clerk: clerk}).run()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, AssertionError)
    assert str(ended.error) == (
        "Clerk.look('a') was called, but nothing is scripted for it: "
        "write Fake(Clerk).when(Clerk.look).returns(...)"
    )
    clerk.expect_refused(Clerk.look, "a")


def test_each_fake_has_a_script_of_its_own() -> None:
    one, two = Fake(Clerk).when(Clerk.look).returns("one"), Fake(Clerk)
    assert Coroutine(look, "a", provide={Clerk: one}).run() == Completed(["one"])
    assert isinstance(Coroutine(look, "a", provide={Clerk: two}).run(), Errored)
    assert (len(one.calls), len(two.calls)) == (1, 1)
    two.expect_refused(Clerk.look)


def test_only_the_ports_own_operations_can_be_scripted() -> None:
    class Other(Port):
        async def elsewhere(self) -> None: ...

    with pytest.raises(
        UsageError, match="Clerk has no operation elsewhere; it has look, note, pay"
    ):
        Fake(Clerk).when(Other.elsewhere).returns(None)
    with pytest.raises(UsageError, match="Clerk has no operation"):
        Fake(Clerk).when(3)


@pytest.mark.parametrize("nothing", [Desk, "Clerk", 3, object()])
def test_it_is_made_of_a_port_class(nothing: object) -> None:
    with pytest.raises(
        UsageError, match=r"Fake\(\) takes a port class, as in Fake\(Catalog\), not"
    ):
        Fake(nothing)


def test_keywords_are_noted_with_the_arguments() -> None:
    async def pays() -> str:
        return await (await use(Clerk)).pay(3, currency="USD")

    clerk = Fake(Clerk).when(Clerk.pay).returns("paid")
    assert Coroutine(pays, provide={Clerk: clerk}).run() == Completed("paid")
    assert clerk.calls == [("pay", (3, "USD"))]


def test_an_operation_with_a_name_that_a_fake_needs_itself() -> None:
    class Diary(Port):
        @read
        async def calls(self) -> int: ...

    with pytest.raises(UsageError, match=r"Fake\(Diary\) cannot have the operation calls"):
        Fake(Diary)


def test_an_operation_called_answer() -> None:
    class Oracle(Port):
        @read
        async def answer(self, question: str) -> str: ...

    oracle = Fake(Oracle).when(Oracle.answer).returns("yes")

    async def asks() -> str:
        return await (await use(Oracle)).answer("is it?")

    assert Coroutine(asks, provide={Oracle: oracle}).run() == Completed("yes")
    assert oracle.calls == [("answer", ("is it?",))]
