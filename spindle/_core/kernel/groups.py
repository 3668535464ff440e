"""What an exception is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["leaves"]


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The exceptions in a group and its groups; of any other exception, itself.

    Without recursion, as the group's own methods have it: groups may be nested a thousand deep.
    """
    left = [error]
    while left:
        each = left.pop()
        if isinstance(each, BaseExceptionGroup):
            left.extend(each.exceptions)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        else:
            yield each
