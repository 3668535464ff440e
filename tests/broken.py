"""Tests that are to fail, because a fault was sown: what they say, and nothing left of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spindle._core.kernel import groups
from spindle.testing.laboratory.leftovers import complaints

__all__ = ["failure_of"]


def failure_of(test: Callable[..., Any], **given: Any) -> BaseException:
    """The innermost error that a test fails with, without its traceback.

    What runs when it fails is cut off; it is collected when the tests of its file are over.
    """
    with complaints(), pytest.raises(BaseException) as found:  # noqa: PT011 - whatever it is
        test(**given)
    first = next(iter(groups.leaves(found.value)))
    first.__traceback__ = first.__context__ = first.__cause__ = None
    return first
