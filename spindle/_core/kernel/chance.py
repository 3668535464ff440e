"""Numbers that look random and follow from a seed: the same for the same seed, on every Python.

Each draw is a keyed hash of a counter (BLAKE2, RFC 7693, in counter mode), so the state is one
number, and who sees some draws cannot tell the next without the seed.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from spindle._core.errors import UsageError
from spindle._core.names import shown

__all__ = ["Chance", "seed_from"]


def seed_from(number: int) -> bytes:
    """The seed that a number stands for, the same in every driver.

    Raises:
        UsageError: `number` is none.
    """
    if not isinstance(number, int):
        raise UsageError(f"seed= takes a whole number, not {shown(number)}")
    # Hashed, since BLAKE2 takes no key of more than 64 bytes; in hexadecimal, however large it is.
    return blake2b(f"{number:x}".encode(), digest_size=16).digest()


class Chance:
    """A source of chance. Its draws are counted: the same draw gives the same number."""

    __slots__ = ("_seed", "drawn")

    def __init__(self, seed: bytes | Callable[[], bytes], drawn: int = 0) -> None:
        """Draw from `seed`, or from what it gives when it is called for the first draw.

        So many numbers have been `drawn` before.
        """
        self._seed = seed
        self.drawn = drawn

    def random_float(self) -> float:
        """A number, 0 <= x < 1, of 53 random bits."""
        return (int.from_bytes(self._draw(8), "big") >> 11) / (1 << 53)

    def unique_id(self) -> str:
        """A random UUID (version 4, RFC 9562) as text."""
        drawn = int.from_bytes(self._draw(16), "big")
        drawn = drawn & ~(0xF << 76) & ~(0x3 << 62) | (0x4 << 76) | (0x2 << 62)
        text = f"{drawn:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _draw(self, size: int) -> bytes:
        if not isinstance(self._seed, bytes):
            self._seed = self._seed()
        self.drawn += 1
        counted = self.drawn.to_bytes(8, "big")
        return blake2b(counted, digest_size=size, key=self._seed).digest()
