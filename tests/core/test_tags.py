"""Whose code it is that logs something."""

from __future__ import annotations

from contextvars import copy_context

from spindle._core.tags import Tag, Tags


def test_code_is_marked_by_its_context() -> None:
    tags, page, spindle = Tags(), Tag("shop #1", "-"), Tag("shop #1", "Shop.Till")
    inner = copy_context()
    tags.put_into(inner, spindle)
    outer = copy_context()
    outer.run(tags.put, page)
    assert inner.run(tags.current) == spindle
    assert outer.run(tags.current) == page
    assert tags.current() is None
