"""D3: causes that are likely where the log has something else, or nothing more."""

from __future__ import annotations

import pytest

from spindle import Coroutine, Event, Log, Port, ReplayMismatch, Spindle, Yield, read, use
from spindle._core.replay.commands import Command
from spindle._core.replay.mismatch import mismatch_at_mark


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


@pytest.mark.parametrize(
    ("end", "cause", "mend"),
    [
        ("completed", "it ends here now", "let the code do what it did"),
        ("failed", "it fails here now", "what the error says"),
    ],
)
def test_D3_an_end_where_the_log_has_nothing_more_is_no_addition(
    end: str, cause: str, mend: str
) -> None:
    ends = Command("ends", "", end, said=": UsageError('...')")
    said = str(mismatch_at_mark("page", "Shop", [], [ends]))
    assert "in the log: nothing more" in said
    assert f"likely cause: {cause}\n  to mend it: {mend}" in said
