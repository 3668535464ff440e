"""A tab of a browser."""

from __future__ import annotations

from http import HTTPStatus
from json import loads
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
import trio
from typing_extensions import override

from spindle._core.errors import hides_frames
from spindle.testing.client.controls import link_by, sender_of_click, submitter_by
from spindle.testing.client.document import Document
from spindle.testing.client.errors import ElementError, PageEnded
from spindle.testing.client.faults import overheard
from spindle.testing.client.filling import Choice, Ticked, Typed
from spindle.testing.client.forms import form_of
from spindle.testing.client.inputs import Held
from spindle.testing.client.markup import attribute, named, tags, within
from spindle.testing.client.rest import until
from spindle.testing.client.seen import Outcome
from spindle.testing.client.tab import CLOSED, By, Tab
from spindle.testing.client.watch import AT_REST, CHANGED, PLACE_OF, SNAPSHOT, SUBMIT
from spindle.view.patch import checksum

if TYPE_CHECKING:
    from collections.abc import Callable

    from bs4.element import Tag
    from playwright.sync_api import ElementHandle, Page, Response

    from spindle.testing.client.server import Server
    from spindle.testing.client.worker import Worker
    from spindle.web.live.page import LivePage

__all__ = ["BrowserTab"]

__tracebackhide__ = hides_frames

T = TypeVar("T")

_KEYS: Final = {" ": "Space"}


class _Snapshot(msgspec.Struct, frozen=True):
    """A document in the browser, as it was looked at."""

    html: str = "<body></body>"
    title: str = ""
    url: str = ""
    leave: str = ""
    version: int = 0
    outcomes: tuple[tuple[str, str], ...] = ()
    connected: bool = False


class _Rest(msgspec.Struct, frozen=True):
    """Whether a document came to rest in time, and if not, why not."""

    held: bool
    connected: bool
    open: int
    stands: bool
    hash: int | None
    """Of the text that the page shows."""
    frames: int
    """How many have come."""

    def why(self) -> str:
        """Say what was still to come."""
        if not self.stands:
            return "its connection does not stand"
        if self.open:
            return f"{self.open} events are not settled"
        return "its script waits, or it does not show what the server has rendered"


class BrowserTab(Tab):
    """Drives a tab by Playwright, in the worker's thread; looks at copies of its document.

    Args:
        server: answers it.
        worker: the thread of the browser.
        page: Playwright's, empty as yet.
        origin: where the server is.
    """

    def __init__(self, server: Server, worker: Worker, page: Page, origin: str) -> None:
        self._server = server
        self._worker = worker
        self._page = page
        self._origin = origin
        self._snapshot = _Snapshot()
        self._shown = Document(self._snapshot.html)
        self._places: dict[int, int] = {}
        self._closed = False
        self._dismissed = ""

    @property
    @override
    def url(self) -> str:
        return self._snapshot.url

    @property
    @override
    def title(self) -> str:
        return self._snapshot.title

    @property
    @override
    def connected(self) -> bool:
        return self._snapshot.connected and not self._closed

    @property
    @override
    def outcomes(self) -> list[Outcome]:
        return [Outcome(*each) for each in self._snapshot.outcomes]

    # --- the tab itself -------------------------------------------------------------------------

    @override
    async def visit(self, target: str) -> None:
        self._check_open()
        await self._go(target, lambda: self._page.goto(self._origin + target))

    @override
    async def reload(self) -> None:
        self._check_open()
        await self._go(self.url, self._page.reload)

    @override
    async def disconnect(self) -> None:
        self._check_open()
        live = self._live()
        await self._evaluate("spindleWatch.socket.close()", None, type(None))
        await self._server.ended(live)
        await self.settle()

    @override
    async def close(self) -> None:
        live, self._closed = self._live(), True
        await self._worker.run(self._page.close)
        await self._server.ended(live)

    @override
    async def settle(self) -> None:
        self._check_open()
        deadline = trio.current_time() + self._server.patience
        seen: int | None = None
        while (seen := await self._unseen(seen, deadline)) is not None:
            pass
        await self._look()

    @override
    async def wait_for(self, selector: str) -> None:
        self._check_open()
        deadline = trio.current_time() + self._server.patience
        while True:
            await self._look()
            if self._shown.all(selector):
                return
            wait = [self._snapshot.version, 1000 * (deadline - trio.current_time())]
            if not await self._evaluate(CHANGED, wait, bool):
                raise self._server.not_shown(self.url, selector, self._shown)

    # --- rest -----------------------------------------------------------------------------------

    async def _unseen(self, seen: int | None, deadline: float) -> int | None:
        """Wait for the browser to be at rest, and for the server.

        Args:
            seen: how many frames had come when the browser did not show yet what the server has.
            deadline: for both.

        Returns:
            None if the browser shows what the server has; else how many frames have come.
        """
        left = deadline - trio.current_time()
        rest = await self._evaluate(AT_REST, [seen, left * 1000], _Rest)
        await self._look()
        if not rest.held:
            raise self._late(rest.why())
        if not await until(
            lambda: not (self._busy() or self._dismisses()), deadline - trio.current_time()
        ):
            raise self._late(self._busy())
        text = self._rendered()
        return None if not rest.connected or text in (None, rest.hash) else rest.frames

    def _rendered(self) -> int | None:
        """The hash of the page's text as the server has it; None if there is no page."""
        live = self._live()
        return None if live is None or live.machine is None else checksum(live.render())

    def _dismisses(self) -> bool:
        """Whether the server has yet to hear of a message that was closed: it answers nothing."""
        live = self._live()
        return bool(self._dismissed) and live is not None and self._dismissed in live.render()

    def _busy(self) -> str:
        return self._server.busy(self._live())

    def _late(self, why: str) -> Exception:
        return self._server.unsettled(self.url, why, self._live(), self._shown)

    # --- what the visitor does ------------------------------------------------------------------

    @override
    async def _click(self, tag: Tag) -> None:
        handle = await self._handle(tag)
        sender = sender_of_click(tag, self._shown.root)
        flash = None if sender is None else attribute(sender, "data-sp-dismiss")
        self._dismissed = "" if flash is None else f'data-sp-dismiss="{flash}"'
        leads_to = self._leads_to(tag)
        if leads_to is None:
            await self._run(tag, handle.click)
        else:
            await self._go(leads_to, lambda: self._clicked_away(handle))

    def _clicked_away(self, handle: ElementHandle) -> Response | None:
        with self._page.expect_navigation() as navigation:
            handle.click()
        return navigation.value

    def _leads_to(self, tag: Tag) -> str | None:
        """Where a click leads the whole tab; None if it stays."""
        if any("spindle-lost" in (attribute(each, "class") or "") for each in within(tag)):
            return self.url
        link, button = link_by(tag, self._shown.root), submitter_by(tag, self._shown.root)
        form = None if button is None else form_of(button)
        if form is not None and not form.has_attr("data-sp-submit"):
            return attribute(form, "action") or self.url
        return None if link is None else attribute(link, "href")

    @override
    async def _put(self, choice: Typed | Ticked | Choice) -> None:
        handle = await self._handle(choice.control)
        match choice:
            case Typed(control, text):
                await self._run(control, lambda: handle.fill(text))
            case Ticked(box, on):
                if self._shown.inputs.of(box).checked != on:
                    await self._run(box, handle.click)
            case Choice(select, places):
                await self._run(select, lambda: handle.select_option(index=list(places)))

    @override
    async def _submit(self, form: Tag, button: Tag | None) -> None:
        if button is not None:
            await self._click(button)
        else:
            await self._evaluate(SUBMIT, self._places[id(form)], type(None))

    @override
    async def _key(self, tag: Tag, key: str) -> None:
        handle = await self._handle(tag)
        await self._run(tag, lambda: handle.press(_KEYS.get(key, key)))

    @override
    async def _point(self, tag: Tag, x: float, y: float, by: By) -> None:
        await self._handle(tag)
        at, mouse = [self._places[id(tag)], x, y, by], self._page.mouse
        left, top = await self._evaluate(PLACE_OF, at, tuple[float, float])
        if by == "pointermove":
            await self._run(tag, lambda: mouse.move(left, top))
        elif by == "click":
            await self._run(tag, lambda: mouse.click(left, top))
        else:
            await self._run(tag, lambda: mouse.click(left, top, button="right"))

    # --- the browser ----------------------------------------------------------------------------

    async def _go(self, target: str, leave: Callable[[], Response | None]) -> None:
        with overheard() as errors:
            response = await self._worker.run(leave)
            status = 0 if response is None else response.status
            await self._look()
            if status != HTTPStatus.OK or self._shown.root is None:
                raise errors.visit_failed(target, status, self._snapshot.html)
            await self.settle()

    @override
    async def _look(self) -> None:
        self._check_open()
        self._snapshot = await self._evaluate(SNAPSHOT, None, _Snapshot)
        self._shown = Document(self._snapshot.html)
        self._places = {}
        for tag in list(tags(self._shown.soup)):
            self._learn(tag)

    def _learn(self, tag: Tag) -> None:
        """Take out of the copy what the watcher has written into it."""
        self._places[id(tag)] = int(str(tag.attrs.pop("data-sp-at", "0")))
        if tag.attrs.pop("data-sp-focused", None) is not None:
            self._shown.inputs.focused = tag
        holds = tag.attrs.pop("data-sp-holds", None)
        if holds is not None:
            holding = loads(str(holds))
            picked = tuple(holding["picked"])
            self._shown.inputs.put(tag, Held(holding["value"], holding["checked"], picked))

    async def _handle(self, tag: Tag) -> ElementHandle:
        place = self._places[id(tag)]

        def find() -> ElementHandle | None:
            found = self._page.evaluate_handle("at => spindleWatch.elements[at]", place)
            return found.as_element()

        handle = await self._worker.run(find)
        if handle is None:
            raise ElementError(f"{named(tag)} has gone while it was looked for")
        return handle

    async def _run(self, tag: Tag, act: Callable[[], object]) -> None:
        from playwright.sync_api import Error

        try:
            await self._worker.run(act)
        except Error as error:
            raise ElementError(f"{named(tag)} cannot be used: {error.message}") from error

    async def _evaluate(self, script: str, argument: object, kind: type[T]) -> T:
        """Run a script in the page, again if the page was loaded anew meanwhile."""
        from playwright.sync_api import Error

        while True:
            try:
                found = await self._worker.run(self._page.evaluate, script, argument)
                return msgspec.convert(found, kind)
            except Error as error:
                if "context was destroyed" not in error.message:
                    raise
                await self._worker.run(self._page.wait_for_load_state)

    def _check_open(self) -> None:
        if self._closed:
            raise PageEnded(CLOSED)

    @override
    def _document(self) -> Document:
        return self._shown

    @override
    def _live(self) -> LivePage | None:
        return self._server.site.live_page(self._snapshot.leave)

    @override
    def _why_gone(self) -> str:
        return "has ended on the server" if self._snapshot.connected else "has lost its connection"
