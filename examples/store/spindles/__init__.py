"""The behaviour of the page, a coroutine a file."""

from __future__ import annotations

from examples.store.spindles.cart import cart
from examples.store.spindles.checkout import checkout
from examples.store.spindles.dashboard import dashboard
from examples.store.spindles.search import search
from examples.store.spindles.suggestions import suggestions

__all__ = ["cart", "checkout", "dashboard", "search", "suggestions"]
