"""What goes through a page's socket, as the browser sees it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocket


class Frames:
    """Notes the frames of every socket that a page opens from now on."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self._page = page
        page.on("websocket", self._listen)

    @property
    def received(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.texts]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.received if frame["t"] == kind]

    def wait_for(self, kind: str, times: int) -> list[dict[str, Any]]:
        """Wait until so many frames of a kind have come, and return them."""
        while len(self.of(kind)) < times:
            self._page.evaluate("0")  # its answer comes after the frames that have come before
        return self.of(kind)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: self.texts.append(str(payload)))
        socket.on("framesent", lambda payload: self.sent.append(json.loads(payload)))
