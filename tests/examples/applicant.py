"""Somebody who renews a passport, and what they have answered."""

from __future__ import annotations

from datetime import date

from examples.passport.contract import Receipt
from examples.passport.form import Form
from examples.passport.office import OFFERS

__all__ = ["BORN", "EXPRESS", "NORMAL", "RECEIPT", "RENEWED", "TODAY"]

TODAY, BORN = date(2025, 3, 1), date(1990, 12, 10)
NORMAL, EXPRESS = OFFERS
RECEIPT = Receipt(1, date(2025, 3, 4))
RENEWED = Form(
    "Ada", BORN, 168, "renewal", "K12345678", "express",
    done=("name", "born", "height", "before", "old", "speed"),
)  # fmt: skip
