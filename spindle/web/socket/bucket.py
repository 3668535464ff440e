"""A token bucket: how many frames a socket may send."""

from __future__ import annotations

__all__ = ["TokenBucket"]


class TokenBucket:
    """Refills at `rate` a second up to `size`; each take costs one. Pure: the caller tells time."""

    def __init__(self, rate: float, size: int, now: float) -> None:
        self._rate = rate
        self._size = size
        self._tokens = float(size)
        self._filled_at = now

    def take(self, now: float) -> bool:
        """Take one token; False when there is none."""
        gained = (now - self._filled_at) * self._rate
        self._tokens = min(self._size, self._tokens + gained)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
