"""The shop under load: `python -m spindle.stress examples.checkout.stress:busy_shop`."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from examples.checkout.app import tea_shop
from examples.checkout.bank import REFUSED, TAKEN
from examples.checkout.contract import Card, Checkout
from examples.checkout.shop import TEAS, open_shop
from spindle.stress import SiteLoad

__all__ = ["busy_shop"]

PLENTY = tuple(replace(offer, left=1_000_000) for offer in TEAS)


@contextmanager
def busy_shop() -> Generator[SiteLoad]:
    """Open a shop that does not sell out, in a temporary folder, for the length of a run.

    Raises:
        AssertionError: when all visitors have gone, something is still held for one of them.
    """
    with TemporaryDirectory(prefix="tea-") as folder:
        path = Path(folder, "shop.db")
        with open_shop(path, PLENTY) as shop:
            yield SiteLoad(
                tea_shop(shop),
                ("/buy/earl-grey", "/buy/gyokuro"),
                values={Checkout.PaymentGiven: _pay},
            )
            held = _held(path)
            assert not held, f"{held} units are held for nobody"


def _pay(draw: random.Random) -> Checkout.PaymentGiven:
    return Checkout.PaymentGiven(Card(draw.choice((TAKEN, REFUSED))))


def _held(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        held: int = db.execute("SELECT count(*) FROM reservation").fetchone()[0]
    return held
