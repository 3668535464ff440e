from __future__ import annotations

import pytest

from spindle._core.errors import UsageError
from spindle.web.http.guard import Guard


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
