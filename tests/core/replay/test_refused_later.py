"""What a log has, and its class refuses by now."""

from __future__ import annotations

import pytest

from spindle import Coroutine, Log, ReplayMismatch, Yield, perform
from tests.core.replay.test_kept import Item


def test_what_its_class_refuses_when_it_is_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Sell(Yield[None]): ...

    async def gives() -> Item:
        return Item(1)

    async def sells() -> None:
        await perform(gives)
        await Sell()

    log = Log()
    Coroutine(sells, log=log).run()
    monkeypatch.setattr(Item, "least", 2)
    with pytest.raises(ReplayMismatch, match=r"its class refuses it now: NoneLeft\('tea'\)"):
        Coroutine.resume(sells, Log.load(log.dump()))
