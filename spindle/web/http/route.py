"""The path pattern of a page: `/buy/{sku}`."""

from __future__ import annotations

import re
from urllib.parse import unquote

from spindle.web.errors import PageDeclarationError

__all__ = ["RESERVED", "Route"]

RESERVED = "/spindle/"

_PARAMETER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Route:
    """Literal segments and `{name}` segments; a name stands for one whole, non-empty segment.

    Args:
        pattern: the path, `/buy/{sku}`.
        caller: what declares it, for errors: the decorator of `App`.

    Raises `PageDeclarationError` for a pattern that is none, or lies under `/spindle/`.
    """

    def __init__(self, pattern: str, caller: str = "page") -> None:
        self.pattern = pattern
        self.where = f"{caller}({pattern!r})"
        """What errors begin with."""
        if not pattern.startswith("/"):
            raise self._wrong("it does not begin with '/'")
        if f"{pattern}/".startswith(RESERVED):
            raise self._wrong(f"{RESERVED} is where the script and the socket live")
        self._segments = tuple(self._segment(text) for text in pattern[1:].split("/"))
        self.names = tuple(name for name, _ in self._segments if name)
        if len(set(self.names)) != len(self.names):
            raise self._wrong("a name occurs twice")

    @property
    def shape(self) -> tuple[str | None, ...]:
        """The literals, with None for each parameter: equal for routes that match the same."""
        return tuple(None if name else literal for name, literal in self._segments)

    @property
    def rank(self) -> tuple[bool, ...]:
        """The order to try routes in: a literal before a parameter, from the left."""
        return tuple(bool(name) for name, _ in self._segments)

    def match(self, path: str) -> dict[str, str] | None:
        """Return the decoded parameters of a path, or None if it is not this page's."""
        parts = path[1:].split("/")
        if not path.startswith("/") or len(parts) != len(self._segments):
            return None
        values: dict[str, str] = {}
        for (name, literal), part in zip(self._segments, parts, strict=True):
            text = _decoded(part)
            if text is None or (text != literal if not name else not text):
                return None
            if name:
                values[name] = text
        return values

    def _segment(self, text: str) -> tuple[str, str]:
        parameter = _PARAMETER.fullmatch(text)
        if parameter:
            return parameter[1], ""
        if "{" in text or "}" in text:
            raise self._wrong(f"{text!r} is not a whole segment such as '{{sku}}'")
        if "?" in text or "#" in text:
            raise self._wrong("query parameters are declared by the function, not here")
        return "", text

    def _wrong(self, why: str) -> PageDeclarationError:
        return PageDeclarationError(f"{self.where}: {why}. A route looks like '/buy/{{sku}}'.")


def _decoded(part: str) -> str | None:
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        return None
