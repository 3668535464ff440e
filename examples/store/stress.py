"""The store under load: `python -m spindle.stress examples.store.stress:busy_store`."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from examples.checkout.bank import REFUSED, TAKEN
from examples.checkout.contract import Card
from examples.store.app import store_site
from examples.store.assortment import KINDS, assortment
from examples.store.contract import Cart, Checkout, Search
from examples.store.shop import open_store
from spindle.stress import SiteLoad

__all__ = ["busy_store"]

TEAS = [(tea, 1_000_000) for tea, _ in islice(assortment(), 200)]


@contextmanager
def busy_store() -> Generator[SiteLoad]:
    """Open a store that does not sell out, in a temporary folder, for the length of a run.

    Raises:
        AssertionError: when all visitors have gone, something is still held for one of them.
    """
    with TemporaryDirectory(prefix="teas-") as folder:
        path = Path(folder, "store.db")
        with open_store(path, lambda: TEAS) as store:
            yield SiteLoad(
                store_site(store),
                ("/", "/?q=honey"),
                values={
                    Search.QueryTyped: lambda draw: Search.QueryTyped(draw.choice(("", "malt"))),
                    Search.Filtered: lambda draw: Search.Filtered(draw.choice(("", *KINDS))),
                    Search.BuyPressed: lambda draw: Search.BuyPressed(_sku(draw)),
                    Cart.Added: lambda draw: Cart.Added(_sku(draw)),
                    Checkout.PaymentGiven: _pay,
                },
            )
            held = _held(path)
            assert not held, f"{held} bags are held for nobody"


def _sku(draw: random.Random) -> str:
    return draw.choice(TEAS)[0].sku


def _pay(draw: random.Random) -> Checkout.PaymentGiven:
    return Checkout.PaymentGiven(Card(draw.choice((TAKEN, REFUSED))))


def _held(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        held: int = db.execute("SELECT count(*) FROM reserved").fetchone()[0]
    return held
