from __future__ import annotations

import pytest

from spindle._core.errors import UsageError
from spindle.web.app import App
from spindle.web.http.guard import Guard, checked_socket


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "localhost:8000", "127.0.0.1:1", "[::1]", "[::1]:8000"],
)
def test_P6_the_local_hosts_are_served_on_any_port(host: str) -> None:
    assert Guard().serves(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "localhost:8000:1",
        "localhost:",
        "localhost:x",
        "localhost:\u0661",
        "::1",
        "127.0.0.1.",
        "localhost, evil.example",
    ],
)
def test_P6_no_other_host_is_served(host: str) -> None:
    assert not Guard().serves(host)


def test_a_configured_host_is_served_beside_the_local_ones() -> None:
    guard = Guard(hosts=("Shop.example", "other.example:8443"))
    assert guard.serves("shop.example")
    assert guard.serves("SHOP.example:9000")
    assert guard.serves("other.example:8443")
    assert guard.serves("localhost")
    assert not guard.serves("other.example")


def test_P6_an_origin_is_the_page_itself_or_a_configured_site() -> None:
    guard = Guard(origins=("https://shop.example",))
    assert guard.lets_in("http://localhost:8000", "localhost:8000")
    assert guard.lets_in("HTTP://LOCALHOST:8000", "localhost:8000")
    assert guard.lets_in("https://shop.example", "localhost:8000")


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "http://evil.example",
        "https://localhost:8000",
        "http://localhost",
        "http://localhost:8001",
        "http://localhost:8000.evil.example",
        "http://localhost:8000/",
        "localhost:8000",
    ],
)
def test_P6_no_other_origin_may_open_the_socket(origin: str | None) -> None:
    assert not Guard().lets_in(origin, "localhost:8000")


def test_a_missing_origin_passes_only_where_that_is_configured() -> None:
    guard = Guard(require_origin=False)
    assert guard.lets_in(None, "localhost")
    assert not guard.lets_in("null", "localhost")


@pytest.mark.parametrize("host", ["", "*", "http://shop.example", "shop.example/", " shop"])
def test_what_is_no_host_is_said_at_once(host: str) -> None:
    with pytest.raises(UsageError, match=r"'shop\.example'"):
        Guard(hosts=(host,))


@pytest.mark.parametrize(
    "origin", ["", "null", "shop.example", "ws://x", "https://x/", "https://*"]
)
def test_what_is_no_origin_is_said_at_once(origin: str) -> None:
    with pytest.raises(UsageError, match=r"'https://shop\.example'"):
        Guard(origins=(origin,))


def test_further_origins_are_let_in_beside_the_others_and_nothing_else_changes() -> None:
    guard = Guard(("shop.example",), ("https://a.example",), require_origin=False)
    wider = guard.also(["http://b.example"])
    assert wider.serves("shop.example")
    assert wider.lets_in("https://a.example", "localhost")
    assert wider.lets_in("http://b.example", "localhost")
    assert wider.lets_in(None, "localhost")
    assert not guard.lets_in("http://b.example", "localhost")
    with pytest.raises(UsageError, match="origins"):
        guard.also(["b.example"])


def test_P6_where_the_server_ends_tls_a_page_itself_is_one_of_https() -> None:
    assert Guard().lets_in("https://localhost:8000", "localhost:8000", "https")
    assert not Guard().lets_in("http://localhost:8000", "localhost:8000", "https")


@pytest.mark.parametrize(
    "address", ["", "/live", "/a%20b/live", "ws://127.0.0.1:9000/shop", "wss://live.example/"]
)
def test_where_a_socket_can_be(address: str) -> None:
    assert checked_socket(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "live",
        "//evil.example/live",
        "http://live.example/",
        "wss://live.example",
        "ws://user@live.example/",
        "ws://*/live",
        "ws://a;script-src */live",
        "/live; script-src *",
        "/live?x",
        "/li've",
        "wss://a.example/x y",
    ],
)
def test_what_is_no_address_of_a_socket_is_said_at_once(address: str) -> None:
    with pytest.raises(UsageError, match=r"'wss://live\.shop\.example/socket'"):
        checked_socket(address)


def test_an_app_is_opened_for_servers_that_are_there_already() -> None:
    with pytest.raises(UsageError, match="is not where a socket can be"):
        App().open(socket="live")
    with pytest.raises(UsageError, match="is not an origin"):
        App().open(origins=["shop"])
