"""What passes between an ASGI server and an application, as far as types can say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

__all__ = ["Receive", "Received", "Scope", "Send", "Sent"]

Scope: TypeAlias = Mapping[str, object]
"""What the server knows of a connection: https://asgi.readthedocs.io/en/latest/specs/www.html."""

Received: TypeAlias = Mapping[str, object]
"""An event from the server."""

Sent: TypeAlias = dict[str, object]
"""An event to the server."""

Receive: TypeAlias = Callable[[], Awaitable[Received]]
Send: TypeAlias = Callable[[Sent], Awaitable[None]]
