"""The sign-up under load: `python -m spindle.stress examples.wizard.stress:many_sign_ups`."""

from __future__ import annotations

import random
from collections.abc import Generator
from contextlib import contextmanager

from examples.wizard.page import sign_up_page
from examples.wizard.signup import Book, SignUp
from spindle.stress import SiteLoad

__all__ = ["many_sign_ups"]


@contextmanager
def many_sign_ups() -> Generator[SiteLoad]:
    """Make the site for the length of a run.

    Raises:
        AssertionError: when all visitors have gone, a name is kept for one who has no account.
    """
    book = Book()
    free = set(book.names)
    yield SiteLoad(sign_up_page(book), values={SignUp.EmailGiven: _email})
    kept = book.names - free - {account.name for account in book.accounts}
    assert not kept, f"{len(kept)} names are kept for nobody"


def _email(draw: random.Random) -> SignUp.EmailGiven:
    return SignUp.EmailGiven(draw.choice(("ada@example.org", "nowhere")))
