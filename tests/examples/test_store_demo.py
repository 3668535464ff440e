"""What `make demo` serves: a process of its own, and what its log says of a visitor who leaves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from examples.store.contract import Checkout, Search
from tests.examples.guest import Guest
from tests.examples.program import running

SKU = "green-arya-spring-leaf"
HOME = {
    "shipping.name": "Ada Smith",
    "shipping.street": "Main St 1",
    "shipping.postcode": "89073",
    "shipping.city": "Ulm",
}


@pytest.mark.slow
async def test_E8_all_that_is_cancelled_when_the_tab_closes_is_seen_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow, since it starts an interpreter, and since a page waits for a tab that may come back."""
    monkeypatch.setenv("DEMO", str(tmp_path))
    async with running("examples.demo") as demo:
        guest = await Guest.load(f"{demo.url}?q=arya+green")
        async with guest.connected():
            await guest.shows(SKU)
            assert await guest.click(Search.BuyPressed(SKU)) == "handled"
            await guest.shows("Where shall we send it?")
            assert await guest.submit(Checkout.ShippingGiven, HOME) == "handled"
            await guest.shows("How would you like to pay?")
        await demo.says("/ #1 has ended")
        cancelled = re.findall(
            r"^INFO / #1 Store\.(\S+) was cancelled: (.*)$", demo.said, re.MULTILINE
        )
        assert {name for name, _ in cancelled} == {
            "Search",
            "Checkout",
            "Cart",
            "Suggestions",
            "Dashboard",
        }
        assert len({why for _, why in cancelled}) == 1, cancelled
        await demo.stop()
