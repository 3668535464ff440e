"""The wire protocol's messages: JSON text frames over one websocket. No I/O.

The document carries a token; the first frame hands it in (`Hello`) and with it the hash of the text
the browser has. From then on both sides hold the same text: the server sends splices of it
(`Patched`), each with the hash of the result, and the whole of it (`Full`) whenever the hashes
differ. Events carry a number, and each is answered once, with how it was settled.

A hash is the CRC-32 of the UTF-8 bytes: it guards against drift, not against an attacker, who
would attack only their own page.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

__all__ = [
    "Bye",
    "ClientMessage",
    "Dismissed",
    "Elsewhere",
    "EventSent",
    "FormSent",
    "Full",
    "Gone",
    "Hello",
    "Patched",
    "Ping",
    "Pong",
    "Resync",
    "ServerMessage",
    "Settled",
    "decode",
    "decode_server",
    "encode",
]

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Hash: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]


class _ClientMessage(
    msgspec.Struct, frozen=True, tag_field="t", forbid_unknown_fields=True, omit_defaults=True
):
    """A frame from the browser; a field it does not declare is refused."""


class Hello(_ClientMessage, frozen=True, tag="hello"):
    """The first frame: which page this socket belongs to, and the hash of the text it has."""

    page: str
    hash: Hash


class EventSent(_ClientMessage, frozen=True, tag="event"):
    """A click, a key, a text typed: the event's fields as JSON."""

    seq: Count
    name: str
    data: msgspec.Raw = msgspec.Raw(b"{}")
    to: Count | None = None
    instance: str | None = None


class FormSent(_ClientMessage, frozen=True, tag="form"):
    """A submitted form: its named fields in document order, as text."""

    seq: Count
    name: str
    fields: list[tuple[str, str]] = []
    to: Count | None = None
    instance: str | None = None


class Dismissed(_ClientMessage, frozen=True, tag="dismiss"):
    """The visitor closed a flash message."""

    flash: Count


class Resync(_ClientMessage, frozen=True, tag="resync"):
    """The browser's text does not have the announced hash: it asks for the whole."""


class Pong(_ClientMessage, frozen=True, tag="ping"):
    """The answer to `Ping`: the same frame, sent back."""


class _ServerMessage(
    msgspec.Struct, frozen=True, tag_field="t", omit_defaults=True, forbid_unknown_fields=True
):
    """A frame to the browser."""


class Full(_ServerMessage, frozen=True, tag="full"):
    """The whole text of the page; a title only when it changed."""

    html: str
    hash: int
    title: str | None = None


class Patched(_ServerMessage, frozen=True, tag="patch"):
    """The new text in pieces: literals, and `(start, length)` of the old in UTF-16 units."""

    ops: tuple[str | tuple[int, int], ...]
    hash: int
    title: str | None = None


class Settled(_ServerMessage, frozen=True, tag="settled"):
    """How the event with this number ended; a reason unless it was handled."""

    seq: int
    settlement: Literal["handled", "refused", "dead-lettered"]
    reason: str = ""


class Gone(_ServerMessage, frozen=True, tag="gone"):
    """There is no such page, or another socket has it: the browser loads it anew."""


class Elsewhere(_ServerMessage, frozen=True, tag="elsewhere"):
    """Another socket has this durable page now: it is open in another tab."""


class Bye(_ServerMessage, frozen=True, tag="bye"):
    """The server is stopping."""


class Ping(_ServerMessage, frozen=True, tag="ping"):
    """Is the browser there? Where the transport cannot ask by a means of its own."""


ClientMessage: TypeAlias = Hello | EventSent | FormSent | Dismissed | Resync | Pong
ServerMessage: TypeAlias = Full | Patched | Settled | Gone | Elsewhere | Bye | Ping

_encoder = msgspec.json.Encoder()
_from_client: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_from_server: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)


def encode(message: ServerMessage | ClientMessage) -> str:
    """Spell a message as a frame."""
    return _encoder.encode(message).decode()


def decode(frame: str) -> ClientMessage:
    """Read a frame from the browser, strictly.

    Raises:
        msgspec.DecodeError: not JSON; its subclass `msgspec.ValidationError`: not a message.
        RecursionError: nested too deeply.
    """
    return _from_client.decode(frame)


def decode_server(frame: str) -> ServerMessage:
    """Read a frame from the server, as the browser does."""
    return _from_server.decode(frame)
