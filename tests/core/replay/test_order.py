"""D3: what goes through a set does it in another order in each process."""

from __future__ import annotations

import pytest

from spindle import Coroutine, Event, Log, Port, ReplayMismatch, Spindle, Yield, read, use


class Shop(Spindle[str]):
    class Chosen(Event):
        sku: str

    class AskWhat(Yield[Chosen]): ...


class Orders(Port):
    @read
    async def price(self, sku: str) -> int: ...


class Real(Orders):
    async def price(self, sku: str) -> int:
        return 4


SKUS = ["tea", "jug", "pot"]


async def goes_through_all() -> str:
    orders = await use(Orders)
    for sku in SKUS:
        await orders.price(sku)
    return (await Shop.AskWhat()).sku


def test_D3_another_order_may_be_that_of_a_set(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    Coroutine(goes_through_all, provide={Orders: Real()}, log=log).run()
    monkeypatch.setitem(globals(), "SKUS", ["pot", "tea", "jug"])
    with pytest.raises(ReplayMismatch) as caught:
        Coroutine.resume(goes_through_all, log, provide={Orders: Real()})
    said = str(caught.value)
    assert "it is done in another order now, as what goes through a set is, whose order is" in said
    assert "to mend it: go through that in an order of your own, `for each in sorted(...)`" in said
