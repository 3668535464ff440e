"""What the searches of a test run came to, for its summary."""

from __future__ import annotations

from collections import Counter

__all__ = ["TALLY"]

TALLY: Counter[str] = Counter()
"""By the name of a search, how many runs it made."""
