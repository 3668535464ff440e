"""Stores that keep other bytes, fewer frames, or fewer names than they are given."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import normalize

from spindle.durable import Kept, Lease
from tests.durable.broken import Open, breaks


@breaks("G6")
class CutsWhatIsLarge(Open):
    """A field has a length of 16 bits; what does not fit is dropped."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        await super().append(lease, expected_head, [each[:65535] for each in frames])


@breaks("G6")
class CutsLargeSnapshots(Open):
    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        await super().snapshot(lease, seq, blob[:65535], prune_to=prune_to)


def text(data: bytes) -> bytes:
    return data.decode("utf-8", "replace").encode()


@breaks("G6")
class KeepsTexts(Open):
    """Its columns are texts."""

    async def create(
        self, page: str, meta: bytes, frames: Sequence[bytes], *, owner: str, ttl: float
    ) -> Lease:
        return await super().create(page, text(meta), frames, owner=owner, ttl=ttl)

    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        await super().snapshot(lease, seq, text(blob), prune_to=prune_to)


@breaks("G6")
class EndsSnapshotsWithZero(Open):
    """A byte of zero ends what is kept."""

    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        await super().snapshot(lease, seq, blob.split(b"\0")[0], prune_to=prune_to)


@breaks("G6")
class StripsSnapshots(Open):
    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        await super().snapshot(lease, seq, blob.strip(b"\0 \n"), prune_to=prune_to)


@breaks("G4 G5 G7")
class TakesTheFirstHundred(Open):
    """Of more frames than fit into one statement the rest is dropped."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        await super().append(lease, expected_head, frames[:100])


class Renames(Open):
    """Several names are one."""

    def renamed(self, page: str) -> str:
        return page

    async def create(
        self, page: str, meta: bytes, frames: Sequence[bytes], *, owner: str, ttl: float
    ) -> Lease:
        return await super().create(self.renamed(page), meta, frames, owner=owner, ttl=ttl)

    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        return await super().acquire(self.renamed(page), owner=owner, ttl=ttl)

    async def look(self, page: str) -> Kept:
        return await super().look(self.renamed(page))


@breaks("G3 G4 G5 G7")
class FoldsNames(Renames):
    """Case does not count."""

    def renamed(self, page: str) -> str:
        return page.lower()


@breaks("G3 G4 G5 G7 names")
class CutsNames(Renames):
    """64 characters of a name count."""

    def renamed(self, page: str) -> str:
        return page[:64]


@breaks("G3 G4 G5 G7")
class ComposesNames(Renames):
    """A letter and its accent are one."""

    def renamed(self, page: str) -> str:
        return normalize("NFC", page)
