"""A browser with the client in it, and a server that does what the test says."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route, WebSocketRoute

REPOSITORY = Path(__file__).parents[3]
CLIENT = REPOSITORY / "client"
BUNDLE = REPOSITORY / "spindle" / "web" / "assets" / "client.js"
# A name that browsers trust without TLS: Trusted Types need that.
ORIGIN = "http://localhost:1"
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types spindle",
    )
)
DOCUMENT = """<!doctype html><html lang="en"><head><title>born</title>
<script src="{script}"></script></head><body>
<span id="outside" tabindex="0">Outside</span>
<div id="spindle" data-page="{page}" data-leave="LEAVE" data-socket="/spindle/socket"{more}
>{root}</div>
</body></html>"""


@pytest.fixture(scope="session")
def bundle() -> Path:
    subprocess.run([sys.executable, CLIENT / "build.py", "--no-types"], check=True)
    return BUNDLE


@pytest.fixture
def tab(new_visitor: Callable[..., Page]) -> Page:
    """An empty page; what goes wrong in it without being seen fails the test."""
    return new_visitor(viewport={"width": 800, "height": 600})


@pytest.fixture
def server(tab: Page, bundle: Path) -> Server:
    return Server(tab, bundle)


class Server:
    """Speaks the server's side of the protocol, one frame at a time."""

    def __init__(self, tab: Page, bundle: Path) -> None:
        self.tab = tab
        self.text = ""
        self.births = 0
        self.connections = 0
        self.lasting = False
        self.tokens = "TOKEN"
        self.script = "/client.js"
        self.status = 200
        self.socket: WebSocketRoute | None = None
        self._bundle = bundle
        self._in_step = False
        self._sent: list[dict[str, Any]] = []
        self._titles = count(1)
        tab.route(f"{ORIGIN}/**", self._fulfill)
        tab.route_web_socket(f"{ORIGIN.replace('http', 'ws')}/**", self._connect)

    # --- what happens -----------------------------------------------------------------------------

    def open(self, text: str) -> Page:
        """Open a page that was born with this text and has said hello."""
        self.text = text
        self.tab.goto(f"{ORIGIN}/")
        self._in_step = self.hello["hash"] == checksum(text)
        return self.tab

    def show(self, text: str) -> None:
        """Bring the page to this text, and wait until it is there."""
        if not self._in_step:
            self.full(text)
            return
        start = _common(self.text, text)
        end = min(_common(self.text[::-1], text[::-1]), len(self.text) - start, len(text) - start)
        new = text[start : len(text) - end]
        self.patch([[0, start], new, [len(self.text) - end, end]], text)

    def patch(self, ops: list[object], text: str) -> None:
        self.text = text
        self._send_and_wait({"t": "patch", "ops": ops, "hash": checksum(text)})

    def full(self, text: str) -> None:
        self.text = text
        self._in_step = True
        self._send_and_wait({"t": "full", "html": text, "hash": checksum(text)})

    def settle(self, seq: int, settlement: str = "handled", reason: str = "") -> None:
        self.send({"t": "settled", "seq": seq, "settlement": settlement, "reason": reason})

    def send(self, frame: dict[str, Any]) -> None:
        assert self.socket is not None
        self.socket.send(json.dumps(frame))

    # --- what has happened ------------------------------------------------------------------------

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The frames from the browser so far, without the hello."""
        self.tab.evaluate("0")  # comes after everything that the page has sent
        return self._sent[1:]

    def wait_for(self, count: int) -> None:
        """Wait until the browser has sent so many frames beside the hello."""
        while len(self._sent) < count + 1:
            self.tab.evaluate("0")

    @property
    def hello(self) -> dict[str, Any]:
        """The first frame of the document that is shown now."""
        while not (self._sent and self._sent[0]["t"] == "hello"):
            self.tab.evaluate("0")
        return self._sent[0]

    # --- how --------------------------------------------------------------------------------------

    def _send_and_wait(self, frame: dict[str, Any]) -> None:
        title = f"shown {next(self._titles)}"
        self.send({**frame, "title": title})
        self.tab.wait_for_function("title => document.title === title", arg=title)

    def _fulfill(self, route: Route) -> None:
        if route.request.url.endswith("/client.js"):
            route.fulfill(content_type="text/javascript", path=self._bundle)
        elif route.request.url == f"{ORIGIN}/":
            self.births += 1
            headers = {
                "content-type": "text/html; charset=utf-8",
                "content-security-policy": POLICY,
            }
            document = DOCUMENT.format(
                root=self.text,
                page=self.tokens,
                script=self.script,
                more=" data-lasting" if self.lasting else "",
            )
            route.fulfill(status=self.status, headers=headers, body=document)
        else:
            route.fulfill(status=204)

    def _connect(self, socket: WebSocketRoute) -> None:
        self.socket = socket
        self.connections += 1
        self._sent.clear()
        socket.on_message(self._receive)

    def _receive(self, frame: str | bytes) -> None:
        self._sent.append(json.loads(frame))


def checksum(text: str) -> int:
    return zlib.crc32(text.encode())


def _common(one: str, other: str) -> int:
    """Length of the common start; the texts of these tests stay within the basic plane."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
