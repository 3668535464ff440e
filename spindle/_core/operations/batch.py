"""Batched reads: the keys that many ask for one by one, read in one call."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from inspect import Parameter, signature
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from spindle._core.errors import ContractError, UsageError
from spindle._core.functions import is_async_function
from spindle._core.names import kind_of, name_of, shown
from spindle._core.operations.operation import Operation
from spindle._core.operations.port import Call, Repeat, declared_in

if TYPE_CHECKING:
    from spindle._core.operations.port import Port

__all__ = [
    "Forget",
    "Form",
    "Load",
    "forget",
    "forms_of",
    "is_offered",
    "many",
    "takes_the_keys",
]

S = TypeVar("S")
K = TypeVar("K")
T = TypeVar("T")

_EITHER = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_NO_MAPPINGS = frozenset(
    {"None", "Iterable", "Iterator", "Sequence", "frozenset", "list", "set", "tuple"}
)


class Form(NamedTuple):
    """How a port's method is read in batches."""

    name: str
    """Of the method that reads one: `product`."""
    parameter: str
    """What that calls its key."""
    batched: str
    """Of the method that reads many: `products`."""
    keep: float
    """For how many seconds a value is kept."""


def many(
    single: Callable[[S, K], Coroutine[Any, Any, T]], /, *, keep: float = inf
) -> Callable[
    [Callable[[S, tuple[K, ...]], Coroutine[Any, Any, Mapping[K, T]]]],
    Callable[[S, tuple[K, ...]], Coroutine[Any, Any, Mapping[K, T]]],
]:
    """Mark a port's method as the one that reads many of what `single` reads one of.

    Below `@read async def product(self, sku: str) -> Product` of a port, write
    `@many(product) async def products(self, skus: tuple[str, ...]) -> Mapping[str, Product]`, with
    a body that raises NotImplementedError: it is never run. Spindles go on calling `product(sku)`.
    What they ask for is gathered until none of them can run; then `products` is called, once, with
    all keys, each once, in the order in which they were first asked for. An implementation need not
    have it: then `product` is called for each key.

    A value is kept for the page, for each implementation by itself, until `keep` seconds have
    passed, or a `write` or `once` of the same implementation is called, or `forget()` is. Who asks
    for a key that is being read joins that batch.

    Cancelling one that waits leaves the others their batch; the last one takes it along. What a
    batch raises is raised in all that wait for it; where it brings nothing for a key, `NotLoaded`
    is raised in those that asked for that.

    Args:
        single: the method that reads one, a `read` that takes a key and nothing else.
        keep: for how many seconds of the page's clock a value is kept; 0 keeps none.

    Raises:
        ContractError: `single` is no such method, or the method below takes anything but the keys,
            is not async, or is declared to return something that is no mapping.
        UsageError: `keep` is not a number, or below 0.
    """
    form = _form_of(single, keep)

    def declare(
        method: Callable[[S, tuple[K, ...]], Coroutine[Any, Any, Mapping[K, T]]],
    ) -> Callable[[S, tuple[K, ...]], Coroutine[Any, Any, Mapping[K, T]]]:
        marked: Any = method
        _check_batched(method, form)
        marked.__repeat__ = Repeat.READ
        marked.__form__ = form._replace(batched=marked.__name__)
        return method

    return declare


def _form_of(single: object, keep: object) -> Form:
    if getattr(single, "__repeat__", None) is not Repeat.READ:
        raise ContractError(
            f"many() takes the method of the same port that reads one, marked `read`, as in "
            f"`@many(product)` below `@read async def product(self, sku: str)`, not {_said(single)}"
        )
    name, parameters = name_of(single), _parameters(single)
    if len(parameters) != 2 or any(each.kind not in _EITHER for each in parameters):
        raise ContractError(
            f"{name} cannot be read in batches: it takes ({', '.join(map(str, parameters))}), and "
            f"has to take self and one key; several values make a key as a tuple or frozen struct"
        )
    if not isinstance(keep, (int, float)) or not keep >= 0:
        raise UsageError(f"many(keep=) takes seconds, 0 or more, not {shown(keep)}")
    return Form(name.rpartition(".")[2], parameters[1].name, "", keep)


def _check_batched(method: object, form: Form) -> None:
    name = name_of(method)
    if not is_async_function(method):
        raise ContractError(f"{name}, many of {form.name}, has to be an `async def`")
    if not takes_the_keys(method):
        parameters = ", ".join(map(str, _parameters(method)))
        raise ContractError(
            f"{name}, many of {form.name}, takes ({parameters}); it has to take self and the keys, "
            f"a tuple, and nothing else"
        )
    returns = str(method.__annotations__.get("return", ""))
    if returns.partition("[")[0].rpartition(".")[2] in _NO_MAPPINGS:
        raise ContractError(
            f"{name}, many of {form.name}, is declared to return {returns}; it has to return a "
            f"mapping, of the keys to what was found for them"
        )


def takes_the_keys(method: object) -> bool:
    """Whether a method, as it stands in its class, can be called with the keys alone."""
    needed = [each for each in _parameters(method) if each.default is Parameter.empty]
    return len(needed) == 2 and all(each.kind in _EITHER for each in needed)


def _parameters(method: object) -> list[Parameter]:
    called: Any = method
    return list(signature(called).parameters.values())


def _said(single: object) -> str:
    return name_of(single) if callable(single) else shown(single)


def forms_of(port: type[Port]) -> dict[str, Form]:
    """How a port is read in batches, by the names of the methods that read one."""
    declared = declared_in(port).values()
    forms: list[Form] = [each.__form__ for each in declared if hasattr(each, "__form__")]
    return {form.name: form for form in forms}


class Load(Operation[T]):
    """Read one thing, together with what others ask for in the same turn."""

    __slots__ = ("form", "given", "key", "port")

    def __init__(self, port: str, given: object, form: Form, key: object) -> None:
        self.port = port
        self.given = given
        self.form = form
        self.key = key

    @property
    def name(self) -> str:
        """The method, for messages: `Catalog.product`."""
        return f"{self.port}.{self.form.name}"

    @property
    def offered(self) -> bool:
        """Whether the implementation reads many at once."""
        return is_offered(self.given, self.form)

    def batch(self, keys: tuple[object, ...]) -> Call[Mapping[object, object]]:
        """The call that reads all of these keys."""
        name = f"{self.port}.{self.form.batched}"
        read: Callable[..., Coroutine[Any, Any, object]] = getattr(self.given, self.form.batched)

        async def found(keys: tuple[object, ...]) -> Mapping[object, object]:
            # Here, in the code outside of the page, for a mapping may do anything.
            brought: object = await read(keys)
            if not isinstance(brought, Mapping):
                raise UsageError(
                    f"{name} returned {kind_of(brought)}, not a mapping of the keys to what was "
                    f"found for them"
                )
            mapping: Mapping[object, object] = brought  # pyright: ignore[reportUnknownVariableType]
            return {key: mapping[key] for key in keys if key in mapping}

        return Call(name, found, (keys,), {}, Repeat.READ, self.given)

    def call(self) -> Call[T]:
        """The call that reads this one alone."""
        method = getattr(self.given, self.form.name)
        return Call(self.name, method, (self.key,), {}, Repeat.READ, self.given)

    def __written__(self) -> str:
        return f"{self.name}(...)"


def is_offered(given: object, form: Form) -> bool:
    """Whether an implementation has a method of its own that reads many."""
    return not hasattr(getattr(given, form.batched), "__repeat__")


class Forget(Operation[None]):
    """Keep values of a batched read no longer."""

    __slots__ = ("given", "keys", "name")

    __spelling__ = "forget(...)"

    def __init__(self, given: object, name: str, keys: tuple[object, ...]) -> None:
        self.given = given
        self.name = name
        self.keys = keys


def forget(method: Callable[[K], Coroutine[Any, Any, object]], /, *keys: K) -> Operation[None]:
    """Let what a batched read has kept be read anew.

    As in `await forget(catalog.product, "tea")`, for what has changed without a `write` of the same
    implementation. A batch that is under way is not joined any more, and not kept.

    Args:
        method: the method that reads one, of what `use` has given.
        keys: those to forget; all that were read by it, if there are none.

    Raises:
        UsageError: `method` is no method that is read in batches; when awaited: a key cannot be
            hashed.
    """
    form: Form | None = getattr(method, "__form__", None)
    calls: Any = getattr(method, "__self__", None)
    if form is None or calls is None:
        raise UsageError(
            f"forget() takes a method that is read in batches, as in `catalog = await use(Catalog)`"
            f" and `await forget(catalog.product, key)`, not {_said(method)}: see many()"
        )
    return Forget(calls._given, form.name, keys)
