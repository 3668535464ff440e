"""The typed parameters that an address fills: checked when declared, decoded from a request."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeAlias

import msgspec
from msgspec import inspect as types

from spindle._core.names import name_of
from spindle.web.errors import BadParameter, PageDeclarationError

if TYPE_CHECKING:
    from spindle.web.http.request import Pairs
    from spindle.web.http.route import Route

__all__ = ["MOUNT", "Mount", "Parameter", "Parameters"]

P = ParamSpec("P")
Mount: TypeAlias = Callable[Concatenate[Any, Any, P], Awaitable[None]]

MOUNT = ("page", "request")
"""What a mount function is given before the parameters."""

_SCALARS = (
    types.StrType,
    types.IntType,
    types.FloatType,
    types.BoolType,
    types.EnumType,
    types.LiteralType,
    types.UUIDType,
    types.DateType,
    types.DateTimeType,
    types.TimeType,
    types.DecimalType,
)
_COLLECTIONS = (types.ListType, types.VarTupleType, types.SetType, types.FrozenSetType)


class Parameter:
    """One parameter: its name, its type, and whether it may be absent."""

    def __init__(self, where: str, name: str, kind: Any, default: object) -> None:
        self.name = name
        self.required = default is inspect.Parameter.empty
        self._kind = kind
        shape = _shape(where, name, kind)
        self.repeats = isinstance(shape, _COLLECTIONS)
        self._takes_text = _takes_text(shape)

    def decode(self, texts: list[str]) -> object:
        """Make the typed value of what the address has under the name.

        Raises:
            BadParameter: it is not of the type, or given twice where one value is wanted.
        """
        if self.repeats:
            return self._convert(texts, ", ".join(texts))
        if len(texts) > 1:
            raise BadParameter(f"{self.name} is given {len(texts)} times, but takes one value.")
        return self._convert(texts[0], texts[0])

    def is_absent(self, texts: list[str]) -> bool:
        """Whether the address has nothing under the name; an empty number counts as nothing."""
        return not texts or (texts == [""] and not self.required and not self._takes_text)

    def _convert(self, value: object, text: str) -> object:
        try:
            return msgspec.convert(value, self._kind, strict=False)
        except (msgspec.ValidationError, ValueError):
            raise BadParameter(f"{self.name} cannot be {_shortened(text)!r}.") from None


class Parameters:
    """What a mount function takes beside page and request, or a coroutine at all.

    Those named in the route come from the path, the others from the query; the function's own
    defaults stand in for what the query lacks. Every other name of a query is ignored.

    Args:
        route: names those of the path.
        fn: the function.
        given: what the function is given before them.

    Raises `PageDeclarationError` for a function that cannot be called so.
    """

    def __init__(
        self, route: Route, fn: Callable[..., Awaitable[object]], given: tuple[str, ...] = MOUNT
    ) -> None:
        self._name = name_of(fn)
        self._where = f"{route.where}: {self._name}"
        self._given = given
        if not inspect.iscoroutinefunction(fn):
            raise PageDeclarationError(
                f"{self._where} is not an async function. Write '{self._example}'."
            )
        declared = self._declared(fn)
        self._path = [declared.pop(name) for name in self._checked(route, declared)]
        self._query = list(declared.values())

    def decode(self, path: Mapping[str, str], query: Pairs) -> dict[str, object]:
        """Make the keyword arguments of the mount function from an address.

        Raises:
            BadParameter: one is missing, or not of its type. The text is for the visitor.
        """
        values = {one.name: one.decode([path[one.name]]) for one in self._path}
        given: defaultdict[str, list[str]] = defaultdict(list)
        for name, text in query:
            given[name].append(text)
        for one in self._query:
            if not one.is_absent(given[one.name]):
                values[one.name] = one.decode(given[one.name])
            elif one.required:
                raise BadParameter(f"{one.name} is missing from the address.")
        return values

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called."""
        return tuple(one.name for one in (*self._path, *self._query))

    @property
    def _example(self) -> str:
        if not self._given:
            return f"async def {self._name}(...)"
        return f"async def mount({', '.join(self._given)}, ...)"

    def _declared(self, fn: Callable[..., Awaitable[object]]) -> dict[str, Parameter]:
        try:
            signature = inspect.signature(fn, eval_str=True)
        except NameError as error:
            raise PageDeclarationError(
                f"{self._where}: {error}. The types of its parameters must be visible at the top "
                f"of its module when the page is declared."
            ) from error
        parameters = list(signature.parameters.values())
        count = len(self._given)
        first = parameters[:count]
        self._before = [one.name for one in first]
        if len(first) < count or any(one.kind not in _POSITIONAL for one in first):
            raise PageDeclarationError(
                f"{self._where} does not take the page and the request. "
                f"Its first two parameters are those: '{self._example}'."
            )
        return {one.name: self._parameter(one) for one in parameters[count:]}

    def _parameter(self, one: inspect.Parameter) -> Parameter:
        if not self._given and one.kind is one.KEYWORD_ONLY:
            raise PageDeclarationError(
                f"{self._where}: parameter {one.name!r} is taken by keyword only, but what starts "
                f"a coroutine gives it its arguments in order. Take it before the '*'."
            )
        if one.kind not in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY):
            raise PageDeclarationError(
                f"{self._where}: {one} cannot be filled from an address. "
                f"Name every parameter: 'sku: str, page_number: int = 1'."
            )
        if one.annotation is one.empty:
            raise PageDeclarationError(
                f"{self._where}: parameter {one.name!r} has no type. "
                f"Give it one, such as '{one.name}: str'."
            )
        try:
            return Parameter(self._where, one.name, one.annotation, one.default)
        except PageDeclarationError as error:
            if self._given:
                raise
            raise PageDeclarationError(
                f"{error} For anything else write a mount function, which makes it and starts the "
                f"coroutine: 'page.start(Block, {self._name}, ...)'."
            ) from error

    def _checked(self, route: Route, declared: Mapping[str, Parameter]) -> tuple[str, ...]:
        for name in route.names:
            if name in self._before:
                raise PageDeclarationError(
                    f"{self._where}: the route names {name!r}, and that name is taken: so the "
                    f"function calls what it is given before the address. Write "
                    f"'{{{name}_name}}' in the route, and add '{name}_name: str' to the function."
                )
            if name not in declared:
                raise PageDeclarationError(
                    f"{self._where} has no parameter {name!r}, which the route names. "
                    f"Add '{name}: str' to the function, or take it out of the route."
                )
            if declared[name].repeats:
                raise PageDeclarationError(
                    f"{self._where}: parameter {name!r} takes several values, but a path gives "
                    f"one. Take it out of the route to read it from the query."
                )
        return route.names


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _shape(where: str, name: str, kind: Any) -> types.Type:
    try:
        shape = _bare(types.type_info(kind))
    except TypeError as error:
        raise _no_text(where, name, kind) from error
    inner = _bare(shape.item_type) if isinstance(shape, _COLLECTIONS) else shape
    members = inner.types if isinstance(inner, types.UnionType) else (inner,)
    if not all(isinstance(_bare(one), _SCALARS) for one in members):
        raise _no_text(where, name, kind)
    return shape


def _bare(shape: types.Type) -> types.Type:
    while isinstance(shape, types.Metadata):
        shape = shape.type
    if isinstance(shape, types.UnionType):
        others = tuple(one for one in shape.types if not isinstance(one, types.NoneType))
        return _bare(others[0]) if len(others) == 1 else types.UnionType(others)
    return shape


def _takes_text(shape: types.Type) -> bool:
    members = shape.types if isinstance(shape, types.UnionType) else (shape,)
    return any(isinstance(_bare(one), types.StrType) for one in members)


def _no_text(where: str, name: str, kind: object) -> PageDeclarationError:
    return PageDeclarationError(
        f"{where}: parameter {name!r} is of type {_spelled(kind)}, which no address can spell. "
        f"Use str, int, float, bool, an enum, a Literal, a date, a UUID, or a list of those."
    )


def _spelled(kind: object) -> str:
    return kind.__qualname__ if isinstance(kind, type) else str(kind)


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
