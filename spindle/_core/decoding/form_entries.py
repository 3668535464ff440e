"""What a browser posted, as a tree: the dotted names of a form's fields nest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["DEEPEST", "Entry"]

DEEPEST = 32
"""Most names that a dotted name may join."""

_INDEX = re.compile("[0-9]{1,6}")


class Entry:
    """What was posted under one name: the texts given to it, and the entries below it."""

    __slots__ = ("below", "name", "texts")

    def __init__(self, name: str | None = None, texts: Iterable[str] = ()) -> None:
        self.name = name
        self.texts = list(texts)
        self.below: dict[str, Entry] = {}

    def name_below(self, key: str) -> str:
        """Return the full name of a field below this one; the form itself has none."""
        return key if self.name is None else f"{self.name}.{key}"

    def grow(self, names: Iterable[str], text: str) -> None:
        """Add a text under the names, each below the one before."""
        entry = self
        for key in names:
            if key not in entry.below:
                entry.below[key] = Entry(entry.name_below(key))
            entry = entry.below[key]
        entry.texts.append(text)

    def field(self, key: str) -> Entry:
        """Return what was posted for a field: nothing, maybe."""
        return self.below.get(key) or Entry(self.name_below(key))

    @property
    def empty(self) -> bool:
        """Whether nothing was posted under this name."""
        return not self.texts and not self.below

    def everything(self) -> Iterator[Entry]:
        """Yield this entry and all below it."""
        waiting: list[Entry] = [self]
        while waiting:
            entry = waiting.pop()
            yield entry
            waiting.extend(entry.below.values())

    def below_without_index(self) -> Iterator[Entry]:
        """Yield what stands below and is no row of a list."""
        return (entry for key, entry in self.below.items() if not _INDEX.fullmatch(key))

    def rows(self) -> tuple[Entry, ...]:
        """Return the items of a list: the texts of a repeated name, then `name.0`, `name.1` ...

        Rows that were taken out in the browser leave gaps; their neighbours close up.
        """
        repeated = [Entry(self.name, [text]) for text in self.texts]
        indexed = sorted(filter(_INDEX.fullmatch, self.below), key=int)
        return (*repeated, *(self.below[index] for index in indexed))
