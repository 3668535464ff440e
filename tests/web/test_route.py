from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.web.errors import PageDeclarationError
from spindle.web.http.route import Route


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("/", "/", {}),
        ("/", "", None),
        ("/", "/x", None),
        ("/buy/{sku}", "/buy/tea", {"sku": "tea"}),
        ("/buy/{sku}", "/buy/gr%C3%BCner%20tee", {"sku": "grüner tee"}),
        ("/buy/{sku}", "/buy/a%2Fb", {"sku": "a/b"}),
        ("/buy/{sku}", "/buy/..", {"sku": ".."}),
        ("/buy/{sku}", "/buy/", None),
        ("/buy/{sku}", "/buy", None),
        ("/buy/{sku}", "/buy/tea/", None),
        ("/buy/{sku}", "/buy/%FF", None),
        ("/buy/{sku}", "buy/tea", None),
        ("/{year}/{month}", "/2026/10", {"year": "2026", "month": "10"}),
        ("/caf%C3%A9", "/caf%C3%A9", None),
        ("/café", "/caf%C3%A9", {}),
    ],
)
def test_P4_a_path_is_matched_segment_by_segment(
    pattern: str, path: str, found: dict[str, str] | None
) -> None:
    assert Route(pattern).match(path) == found


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("buy", "does not begin with"),
        ("/spindle/socket", "script and the socket"),
        ("/spindle", "script and the socket"),
        ("/buy-{sku}", "whole segment"),
        ("/{}", "whole segment"),
        ("/{a b}", "whole segment"),
        ("/{sku}/{sku}", "twice"),
        ("/search?q={q}", "whole segment"),
        ("/search?q", "query parameters"),
    ],
)
def test_a_pattern_that_is_none_is_refused_where_it_is_declared(pattern: str, why: str) -> None:
    with pytest.raises(PageDeclarationError, match=why) as caught:
        Route(pattern)
    assert repr(pattern) in str(caught.value)
    assert "/buy/{sku}" in str(caught.value)


def test_a_literal_is_tried_before_a_parameter() -> None:
    routes = [Route("/{a}/{b}"), Route("/buy/{sku}"), Route("/buy/new"), Route("/{a}/new")]
    ranked = sorted(routes, key=lambda route: route.rank)
    assert [route.pattern for route in ranked] == ["/buy/new", "/buy/{sku}", "/{a}/new", "/{a}/{b}"]


@given(st.text())
def test_no_path_trips_a_route(path: str) -> None:
    Route("/buy/{sku}").match(path)
