"""How errors and the wire name what a program declares.

Nothing here fails, whatever a value's own methods do: names are made where a page decides what
becomes of a spindle, and an error there would be everybody's.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "bounded",
    "call_shown",
    "error_shown",
    "is_wire_name",
    "kind_of",
    "name_of",
    "prints_plainly",
    "shortened",
    "shown",
]

LONGEST_WIRE_NAME = 200

# Past what a metaclass, or an error, says.
_qualified_name: Final[Any] = type.__dict__["__qualname__"].__get__
_short_name: Final[Any] = type.__dict__["__name__"].__get__
_bases: Final[Any] = type.__dict__["__mro__"].__get__
_members: Final[Any] = type.__dict__["__dict__"].__get__
_flags: Final[Any] = type.__dict__["__flags__"].__get__
_args: Final[Any] = BaseException.__dict__["args"].__get__


def name_of(value: object) -> str:
    """Return the name a class or function is known by where it is written: `Store.Checkout`."""
    named: Any = value
    if type(named) is partial:
        return name_of(named.func)
    try:
        of_class = issubclass(type(value), type)
        qualified: object = _qualified_name(value) if of_class else named.__qualname__
    except Exception:
        qualified = None
    if type(qualified) is not str:
        return shown(value)
    return qualified.rpartition("<locals>.")[2]


def kind_of(value: object) -> str:
    """Return the name of a value's class, without what it stands in: `Checkout`."""
    return str(_short_name(type(value)))


def is_wire_name(name: object) -> bool:
    """Say whether `name` can stand in an attribute, a frame and a log: no blanks, no controls."""
    return isinstance(name, str) and 0 < len(name) <= LONGEST_WIRE_NAME and not _has_blanks(name)


def _has_blanks(name: str) -> bool:
    if name.isascii():
        return " " in name or not name.isprintable()
    import unicodedata

    return any(unicodedata.category(letter)[0] in "CZ" for letter in name)


def shortened(text: str, limit: int = 80) -> str:
    """Cut text that came from outside to `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def bounded(text: str, limit: int = 80) -> str:
    """Quote text that came from outside: escaped, on one line, cut to `limit` characters."""
    return repr(shortened(text, limit))


def shown(value: object, limit: int = 100) -> str:
    """Return a repr that cannot fail, whatever the value's own does, cut to `limit` characters."""
    try:
        return shortened(repr(value), limit)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: ASYNC103 - of a repr that is not async
        return f"<{kind_of(value)}, whose repr fails>"  # noqa: ASYNC104


def call_shown(name: str, args: tuple[object, ...], keywords: Mapping[str, object]) -> str:
    """Return a call with its arguments, as it is written: `Orders.place('tea', count=2)`."""
    given = [*map(shown, args), *(f"{key}={shown(keywords[key])}" for key in keywords)]
    return f"{name}({', '.join(given)})"


def error_shown(error: BaseException, limit: int = 100) -> str:
    """Return what an error says, without a call of its own code, which may be slow or endless.

    Of one with a `repr` of its own, or with other arguments than texts and numbers, that is the
    name of its class.
    """
    kind = kind_of(error)
    printed_by = next(base for base in _bases(type(error)) if "__repr__" in _members(base))
    if printed_by is not BaseException:
        return kind
    said = [_plain(each, limit) for each in _args(error)]
    return kind if None in said else shortened(f"{kind}({', '.join(map(str, said))})", limit)


def prints_plainly(error: BaseException) -> bool:
    """Whether the traceback of an error, and of what led to it, is made without code of its own."""
    left: list[object] = [error]
    for each in left:
        if not isinstance(each, BaseException):
            continue
        if len(left) > _LONGEST_CHAIN or not _is_plain(each):
            return False
        left += (each.__cause__, each.__context__)
    return True


def _is_plain(error: BaseException) -> bool:
    if _has_own(type(type(error)), _LOOKED_UP_BY) or _has_own(type(error), _PRINTED_BY):
        return False
    notes: Any = getattr(error, "__notes__", ())
    if isinstance(error, BaseExceptionGroup) or type(notes) not in (list, tuple):
        return False
    return all(map(_of_builtin, _args(error))) and all(map(_of_builtin, notes))


def _has_own(kind: type, names: tuple[str, ...]) -> bool:
    """Whether a class, or a base, has one of these of its own, and is no one's whom we know."""
    return any(
        name in _members(base)
        for base in _bases(kind)
        if _flags(base) & _WRITTEN_IN_PYTHON and not _is_known(_members(base).get("__module__"))
        for name in names
    )


def _is_known(module: object) -> bool:
    return type(module) is str and module.partition(".")[0] in _KNOWN


def _of_builtin(value: object) -> bool:
    kind = type(value)
    if value is None or kind in (bool, float):
        return True
    if kind in (bytes, str):
        return len(cast("str", value)) <= _LONGEST_TEXT
    if kind is int:
        return abs(cast("int", value)) < _LARGEST_NUMBER
    bare = type(kind) is type and kind.__repr__ is object.__repr__
    return bare and kind.__str__ is object.__str__


_LONGEST_TEXT: Final = 10_000
_LARGEST_NUMBER: Final = 10**100
_KNOWN: Final = frozenset({"spindle", "trio"})
_WRITTEN_IN_PYTHON: Final = 1 << 9  # Py_TPFLAGS_HEAPTYPE
_LOOKED_UP_BY: Final = ("__getattr__", "__getattribute__")
_LONGEST_CHAIN: Final = 64
_PRINTED_BY: Final = (
    "__cause__",
    "__class__",
    "__context__",
    "__getattr__",
    "__getattribute__",
    "__notes__",
    "__repr__",
    "__str__",
    "__suppress_context__",
    "__traceback__",
)


def _plain(value: object, limit: int) -> str | None:
    if type(value) is str:
        return bounded(value, limit)
    if value is None or type(value) in (bool, float):
        return repr(value)
    if type(value) is int and abs(value) < 10**limit:
        return repr(value)
    return None
