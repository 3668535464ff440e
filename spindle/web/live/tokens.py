"""Secrets that name a page: one for its socket, one for the cookie of its leaving."""

from __future__ import annotations

import hashlib
import secrets

__all__ = ["digest", "new_token"]


def new_token() -> str:
    """Make a secret of 256 bits that is safe in an attribute and a cookie."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """Give what a secret is looked up by: how long a look-up takes then tells nothing of it."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
