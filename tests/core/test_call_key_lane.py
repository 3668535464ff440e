"""In a lane, where a mark on each call would cost, calls have the keys that they have on a page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import spindle
from spindle import Completed, Suspended, call_key, now, use
from spindle._core.keyed import KEYS
from tests.core.test_call_key import ID, Bank, Till, Vault

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("leaves_at", [None, 0, 1, 2, 3])
def test_in_a_lane_they_are_counted_as_on_a_page(leaves_at: int | None) -> None:
    async def lane_or_page(amounts: list[int]) -> None:
        bank = await use(Bank)
        for turn, amount in enumerate(amounts):
            if turn == leaves_at:
                await now()  # that is for the kernel
            await bank.balance()
            await bank.deposit(amount)
            try:
                await bank.pay(amount)
            except LookupError:
                await bank.deposit(1)
            await Till.AskPayment()

    class Poor(Vault):
        async def pay(self, amount: int) -> str:
            await super().pay(amount)
            if amount > 2:
                raise LookupError(amount)
            return ""

    def keys(bank: Poor, journal: Any = None) -> list[str]:
        coroutine = spindle.Coroutine(
            lane_or_page, [1, 2, 3, 4], provide={Bank: bank}, journal=journal
        )
        for each in (coroutine._lane, coroutine._page and coroutine._page.hand.kernel):
            if each is not None:
                each.conversation = ID
        coroutine.run()
        while isinstance(coroutine.state, Suspended):
            coroutine.run(Till.Paid(1))
        assert coroutine.state == Completed(None)
        return bank.keys

    class Deaf:
        def record(self, at: float, entry: object) -> None: ...

    on_a_page = keys(Poor(), Deaf())
    assert len(set(on_a_page)) == 10
    assert keys(Poor()) == on_a_page


def test_a_call_that_has_not_begun_in_its_lane_is_counted_once() -> None:
    async def goes_on() -> None:
        bank = await use(Bank)
        with pytest.raises(TypeError):
            await bank.deposit()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
        await bank.pay(1)

    coroutine = spindle.Coroutine(goes_on, provide={Bank: Vault()})
    coroutine.run()
    assert coroutine._page is not None
    assert coroutine._page.hand.kernel.called == 2


def test_nothing_is_put_into_a_lane_before_somebody_can_ask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(KEYS, "wanted", False)
    found: list[object] = []

    class Looking(Vault):
        async def pay(self, amount: int) -> str:
            found.append(KEYS.current())
            return call_key()

    async def pays_twice() -> tuple[str, str]:
        bank = await use(Bank)
        return await bank.pay(1), await bank.pay(1)

    state = spindle.Coroutine(pays_twice, provide={Bank: Looking()}).run()
    assert found == [None, None]
    assert isinstance(state, Completed)
    assert len(set(state.value)) == 2


def test_the_first_who_asks_gets_it_though_nobody_could_ask_when_the_call_began() -> None:
    code = """
        import sys
        import spindle
        from spindle import Coroutine, Port, once, use

        class Bank(Port):
            @once
            async def pay(self) -> str: ...

        class Vault(Bank):
            async def pay(self) -> str:
                return spindle.call_key()

        async def pays() -> list[str]:
            bank = await use(Bank)
            return [await bank.pay(), await bank.pay()]

        coroutine = spindle.Coroutine(pays, provide={Bank: Vault()})
        assert "spindle._core.call_key" not in sys.modules
        first, second = coroutine.run().value
        assert coroutine._lane is not None
        assert len(first) == len(second) == 32 and first != second
        print("seen")
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stdout == "seen\n", done.stderr
