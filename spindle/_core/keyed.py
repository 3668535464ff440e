"""Which call that changes something code belongs to: a context variable of each such call.

A call is known by its conversation and by its number among all calls of the conversation, in the
order in which they were begun. That order follows from what came in, so the call has the same
number whenever it is made again: by another process that takes the conversation up from its log,
behind a mark, under another driver. Calls that only read are counted, too: of newer code a method
may be another kind than it was when the conversation began.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar, Token
from typing import Final, TypeAlias

__all__ = ["KEYS", "Before", "KeyedCall", "Keys"]


class KeyedCall:
    """A call of a `write` or `once` method, as often as it is made."""

    __slots__ = ("args", "conversation", "keywords", "name", "number", "transacted")

    def __init__(
        self,
        conversation: bytes,
        number: int,
        name: str,
        args: tuple[object, ...],
        keywords: Mapping[str, object],
    ) -> None:
        self.conversation = conversation
        self.number = number
        self.name = name
        self.args = args
        self.keywords = keywords
        self.transacted = False
        """Whether it has had its transaction, or has it now; all threads of the call see that."""

    @property
    def key(self) -> str:
        """What tells it from all others of the world (BLAKE2b, RFC 7693)."""
        from hashlib import blake2b

        place = self.conversation + self.number.to_bytes(8, "big")
        return blake2b(place + self.name.encode(), digest_size=16).hexdigest()


Before: TypeAlias = Token["KeyedCall"]
"""What was there before a call."""


class Keys:
    """What marks the code of such calls."""

    def __init__(self) -> None:
        self.wanted = False
        """Whether anybody can ask for a key: where a mark would cost, it is put only then."""
        self._call: ContextVar[KeyedCall] = ContextVar("spindle call")

    def put(self, call: KeyedCall | None) -> Before:
        """Mark what runs with the context variables at hand."""
        assert call is not None, "a call that changes something was not counted"
        return self._call.set(call)

    def take_back(self, before: Before) -> None:
        """Let the mark be as it was."""
        with suppress(ValueError):  # dropped half-way, a coroutine is closed by anybody
            self._call.reset(before)

    def current(self) -> KeyedCall | None:
        """The call whose code this is called from; None if there is no mark."""
        return self._call.get(None)


KEYS: Final = Keys()
"""Those of the process."""
