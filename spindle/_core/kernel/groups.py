"""What an exception is made of, and of which kind it really is.

An exception of the user's own may do anything in its methods and properties, and say of itself with
`__class__`, which `isinstance` believes, that it is another: these look past that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import TypeIs

__all__ = ["is_a", "leaves"]

E = TypeVar("E", bound=BaseException)

_exceptions_of: Final[Any] = BaseExceptionGroup.__dict__["exceptions"].__get__


def is_a(error: object, kind: type[E]) -> TypeIs[E]:
    """Whether it is an exception of that kind, not only says so."""
    own = type(error)
    # For trio's Cancelled `issubclass` asks a method in Python: most have the very class.
    return own is kind or issubclass(own, kind)


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The exceptions in a group and its groups, each once; of any other exception, itself.

    Without recursion, as the group's own methods have it: groups may be nested a thousand deep. One
    that is in a group twice is looked at once: forty such levels would take for ever.
    """
    left, seen = [error], {id(error)}
    while left:
        each = left.pop()
        if not is_a(each, BaseExceptionGroup):
            yield each
            continue
        for inner in _exceptions_of(each):
            if id(inner) not in seen:
                seen.add(id(inner))
                left.append(inner)
