"""What every request is answered with, and who may open the socket."""

from __future__ import annotations

from base64 import b64decode
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode, urlsplit

import trio

from spindle._core.errors import PageClosed
from spindle.durable.errors import NoSuchPage, StoreError
from spindle.web.errors import BadParameter, NotFound
from spindle.web.http.asset import Asset, Assets
from spindle.web.http.document import SOCKET_PATH, document
from spindle.web.http.link import id_in, link_to
from spindle.web.http.response import Response, html, nothing, notice
from spindle.web.live.lasting import is_page_id, new_page_id
from spindle.web.log import log_error
from spindle.web.page import Page, find_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spindle.web.http.guard import Guard
    from spindle.web.http.request import Request
    from spindle.web.live.birth import Birthplace
    from spindle.web.live.page import LivePage

__all__ = ["LEAVING_COOKIE", "Front"]

LEAVING_COOKIE = "spindle-leaving"


class _Visit(NamedTuple):
    """A page that is to be born, and the parameters of its mount function."""

    page: Page
    values: Mapping[str, object]


class Front:
    """Answers requests, from the cheapest refusal to the birth of a page.

    Args:
        pages: as declared.
        guard: judges hosts and origins.
        birthplace: where pages are started.
        script: the browser script; None where no browser comes, as in tests.
        socket: where browsers find the socket, see `App.open`; by default below the app's root.
    """

    def __init__(
        self,
        pages: Sequence[Page],
        guard: Guard,
        birthplace: Birthplace,
        script: Asset | None,
        socket: str = "",
    ) -> None:
        self._socket = socket
        self._pages = pages
        self._guard = guard
        self._birthplace = birthplace
        self._assets = Assets()
        self._script = self._assets.add(script) if script else None
        for page in pages:
            for sheet in page.stylesheets:
                self._assets.add(sheet)

    async def respond(self, request: Request) -> Response:
        """Answer a request. An error of the app's own code is logged and answered 500."""
        await trio.lowlevel.checkpoint()
        try:
            found = self._refusal(request) or self._found(request)
            return found if isinstance(found, Response) else await self._born(found, request)
        except Exception as error:
            log_error(error, "%s %.200r failed", request.method, request.path)
            return _went_wrong()

    def refuse_socket(self, request: Request) -> Response | None:
        """Answer a request to open the socket if it has to be refused; else None."""
        host = request.header("host")
        if not self._guard.serves(host):
            return _misdirected(host)
        origins = [value for name, value in request.headers if name == "origin"]
        if len(origins) > 1 or not self._guard.lets_in(
            origins[0] if origins else None, host, request.scheme
        ):
            return notice(HTTPStatus.FORBIDDEN, "Forbidden", "Another site may not connect here.")
        return None

    def refuse_upgrade(self, request: Request) -> Response | None:
        """The same for a request that is not checked to be a websocket handshake yet."""
        refused = self.refuse_socket(request)
        if refused is not None:
            return refused
        if request.header("sec-websocket-version") != "13":
            return nothing(HTTPStatus.UPGRADE_REQUIRED).with_header("Sec-WebSocket-Version", "13")
        if not _is_key(request.header("sec-websocket-key")):
            return _bad_request("The websocket key is not one.")
        return None

    def _refusal(self, request: Request) -> Response | None:
        host = request.header("host")
        if not self._guard.serves(host):
            return _misdirected(host)
        if request.method not in ("GET", "HEAD"):
            return nothing(HTTPStatus.METHOD_NOT_ALLOWED).with_header("Allow", "GET, HEAD")
        if not request.path and request.prefix:
            return nothing(HTTPStatus.TEMPORARY_REDIRECT).with_header("Location", _rooted(request))
        if not request.path.startswith("/"):
            return _bad_request("The address does not begin with a slash.")
        if request.path == SOCKET_PATH:
            return nothing(HTTPStatus.UPGRADE_REQUIRED).with_header("Upgrade", "websocket")
        return None

    def _found(self, request: Request) -> Response | _Visit:
        asset = self._assets.find(request.path)
        if asset is not None:
            return asset
        found = find_page(self._pages, request.path)
        if found is None:
            return _nothing_at(request.path)
        page, path = found
        try:
            values = page.parameters.decode(path, request.query)
        except BadParameter as error:
            return _not_found(f"There is no such page: {error}")
        if request.method == "HEAD":
            return html(HTTPStatus.OK, "")
        if request.is_speculative:
            # Not 204: a browser may keep that for the visit itself, which would then do nothing.
            return nothing(HTTPStatus.SERVICE_UNAVAILABLE)
        return _Visit(page, values)

    async def _born(self, visit: _Visit, request: Request) -> Response:
        leaving = request.cookies.get(LEAVING_COOKIE)
        if leaving is not None:
            await self._birthplace.leave(leaving)
        if not visit.page.durable:
            live = await self._birthplace.birth(visit.page, request, visit.values)
            response = self._answer(live, request.prefix)
        elif (page_id := id_in(request)) is None:
            response = (await self._made(visit, request)).not_referred()
        else:
            response = (await self._taken_up(visit.page, page_id, request)).not_referred()
        if leaving is None:
            return response
        return response.with_header(
            "Set-Cookie", f"{LEAVING_COOKIE}=; Max-Age=0; Path=/; SameSite=Strict"
        )

    async def _made(self, visit: _Visit, request: Request) -> Response:
        """Make a durable page, and lead to its link."""
        page_id = new_page_id()
        live = await self._birthplace.make(visit.page, page_id, request, visit.values)
        if live is None:
            return _busy()
        if (failed := _failed(live)) is not None:
            return failed
        return nothing(HTTPStatus.SEE_OTHER).with_header("Location", link_to(request, page_id))

    async def _taken_up(self, page: Page, page_id: str, request: Request) -> Response:
        """Show a durable page as it is, whoever follows its link."""
        await trio.lowlevel.checkpoint()
        live = None
        if is_page_id(page_id):
            live = await self._birthplace.take_up(page, page_id, request)
            if live is None:
                return _busy()
        if live is None or isinstance(live.failure, NoSuchPage):
            return _not_found("There is no such page. Perhaps the address is not complete.")
        if live.failure is None:
            self._birthplace.pages.load(live)
        return self._answer(live, request.prefix)

    def _answer(self, live: LivePage | None, prefix: str) -> Response:
        if live is None:
            return _busy()
        if (failed := _failed(live)) is not None:
            return failed
        root = live.be_born()
        status = HTTPStatus.INTERNAL_SERVER_ERROR if live.screen.broken else HTTPStatus.OK
        response = html(
            status,
            document(
                root,
                title=live.born_title,
                lang=live.page.lang,
                page=live.token,
                leave=live.leave_token,
                socket=self._socket or prefix + SOCKET_PATH,
                stylesheets=[prefix + sheet.url for sheet in live.page.stylesheets],
                script=prefix + self._script if self._script else None,
                lasting=live.lasting is not None,
            ),
        )
        elsewhere = urlsplit(self._socket)
        if elsewhere.netloc:
            return response.connecting_to(f"{elsewhere.scheme}://{elsewhere.netloc}")
        return response


def _failed(live: LivePage) -> Response | None:
    """What is said of a page that is not there; why is in the log of the server."""
    failure = live.failure
    if failure is None and (live.lasting is None or not live.ended.is_set()):
        return None
    if isinstance(failure, NotFound):
        return _not_found(str(failure))
    if live.lasting is None:
        return _went_wrong()
    if live.lasting.new:
        return _away("") if isinstance(failure, StoreError) else _went_wrong()
    if failure is None or isinstance(failure, (StoreError, PageClosed)):
        return _away(" What you have entered is kept.")
    return _kept()


def _rooted(request: Request) -> str:
    """The address of the app's root: its prefix alone is a file beside it, to browsers."""
    return f"{request.prefix}/" + (f"?{urlencode(request.query)}" if request.query else "")


def _is_key(text: str) -> bool:
    try:
        return len(b64decode(text, validate=True)) == 16
    except ValueError:
        return False


def _misdirected(host: str) -> Response:
    text = f"This server does not answer for {host[:200] or 'a request without a host'}."
    return notice(HTTPStatus.MISDIRECTED_REQUEST, "Wrong host", text)


def _bad_request(text: str) -> Response:
    return notice(HTTPStatus.BAD_REQUEST, "Bad request", text)


def _nothing_at(path: str) -> Response:
    # Browsers ask for the icon unasked; a 404 would stand in every visitor's console.
    if path == "/favicon.ico":
        return nothing(HTTPStatus.NO_CONTENT)
    return _not_found("There is nothing at this address.")


def _not_found(text: str) -> Response:
    return notice(HTTPStatus.NOT_FOUND, "Page not found", text)


def _busy() -> Response:
    text = "There are too many visitors just now. Please try again in a moment."
    return notice(HTTPStatus.SERVICE_UNAVAILABLE, "Busy", text).with_header("Retry-After", "5")


def _away(kept: str) -> Response:
    text = f"This page cannot be shown just now.{kept} Please try again."
    response = notice(HTTPStatus.SERVICE_UNAVAILABLE, "Not available just now", text)
    return response.with_header("Retry-After", "5")


def _kept() -> Response:
    text = "This page cannot be shown at present. What you have entered is kept."
    return notice(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", text)


def _went_wrong() -> Response:
    text = "The page could not be shown. Please try again later."
    return notice(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", text)
