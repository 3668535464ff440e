"""What a visitor sees of the page, a part of it a file."""

from __future__ import annotations

from examples.store.view.page import StoreView

__all__ = ["StoreView"]
