"""Calls of which it is not known how they ended: a port may declare who can tell."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import lru_cache
from inspect import Parameter, signature
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    ParamSpec,
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from spindle._core.errors import ContractError
from spindle._core.functions import is_async_function
from spindle._core.names import name_of, shown
from spindle._core.operations.port import Repeat

if TYPE_CHECKING:
    from spindle._core.operations.port import Port

__all__ = ["Reconciling", "faults_of", "offered", "reconcilers_in", "reconciles", "takes_arguments"]

S = TypeVar("S")
T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")


class Reconciling(Protocol[S, P, R]):
    """Marks a method that tells what became of a call; it takes what that was given, or nothing."""

    @overload
    def __call__(
        self, teller: Callable[[S], Coroutine[Any, Any, R]], /
    ) -> Callable[[S], Coroutine[Any, Any, R]]: ...
    @overload
    def __call__(  # type: ignore[overload-cannot-match] # of a P that is not known yet
        self, teller: Callable[Concatenate[S, P], Coroutine[Any, Any, R]], /
    ) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]: ...


@overload
def reconciles(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, None]], /
) -> Reconciling[S, P, bool]: ...
@overload
def reconciles(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]], /
) -> Reconciling[S, P, T | None]: ...
def reconciles(method: Callable[..., Any], /) -> Any:
    """Mark a port's method as the one that tells what became of a call of `method`.

    Below `@once async def charge(self, card: str, cents: int) -> Receipt` of a port, write
    `@reconciles(charge) async def charged(self, card: str, cents: int) -> Receipt | None`, with a
    body that raises NotImplementedError: it is never run. An implementation that can tell has a
    `charged` of its own, which looks for the call by its `call_key()`. It is asked when a
    conversation is taken up from its log, for each call whose end is not there. What it returns the
    call returns. None says that the call was not done: then it is made. If `method` returns
    nothing, it returns whether it was done. If it cannot tell, it raises `OutcomeUnknown`, which is
    raised in the spindle; so it is, with what was raised as the cause, if it raises anything else.

    An implementation need not have it. Then a `write` is made again, and a `once` raises
    `OutcomeUnknown`. Spindles cannot call it.

    Args:
        method: the method, a `write` or `once`; what it is declared to return is not None, or
            nothing but None.

    Raises:
        ContractError: it is no such method, or has one that tells already; or the method below is
            not async, has a mark of its own, takes anything but nothing or what `method` takes, or
            is declared to return something else.
    """
    _check_reconciled(method)

    def declare(teller: Callable[..., Any]) -> Callable[..., Any]:
        marked: Any = teller
        _check_teller(teller, method)
        reconciled: Any = method
        reconciled.__reconciler__ = marked.__name__
        marked.__reconciles__ = reconciled.__name__
        return teller

    return declare


# ── Declared ─────────────────────────────────────────────────────────────────────────────────────


def _check_reconciled(method: object) -> None:
    repeat = getattr(method, "__repeat__", None)
    name = name_of(method) if callable(method) else shown(method)
    if repeat not in (Repeat.WRITE, Repeat.ONCE):
        why = "which is simply made again" if repeat is Repeat.READ else "which is none"
        raise ContractError(
            f"reconciles() takes a method of the same port that is marked `write` or `once`, as in "
            f"`@reconciles(charge)` below `@once async def charge(self)`, not {name}, {why}"
        )
    other = getattr(method, "__reconciler__", None)
    if other is not None:
        raise ContractError(f"{name} has a method that tells what became of it already: {other}")
    parts = _parts(_returned(method))
    if len(parts) > 1 and NoneType in parts:
        raise ContractError(
            f"{name} may return None, so that None could not say that it was not done: let it "
            f"return something else, so that reconciles() can be used"
        )


def _check_teller(teller: object, method: object) -> None:
    name, of = name_of(teller), name_of(method)
    if not is_async_function(teller):
        raise ContractError(f"{name}, which tells of {of}, has to be an `async def`")
    if hasattr(teller, "__repeat__"):
        raise ContractError(
            f"{name}, which tells of {of}, has a mark of its own: leave out `read`, `write` or "
            f"`once`, for it is no call of a spindle"
        )
    if not _takes_the_same(teller, method):
        raise ContractError(
            f"{name}, which tells of {of}, takes ({_listed(teller)}); it has to take self and "
            f"nothing else, or what {of} takes: ({_listed(method)})"
        )
    wanted = _wanted(method)
    if wanted and not _fits(_returned(teller), method):
        raise ContractError(f"{name}, which tells of {of}, has to be declared to return {wanted}")


def _takes_the_same(teller: object, method: object) -> bool:
    mine, its = _parameters(teller)[1:], _parameters(method)[1:]
    return not mine or [(p.name, p.kind) for p in mine] == [(p.name, p.kind) for p in its]


def _parameters(method: object) -> list[Parameter]:
    called: Any = method
    return list(signature(called).parameters.values())


def _listed(method: object) -> str:
    return ", ".join(map(str, _parameters(method)))


def _returned(method: Any) -> object:
    """The type that is declared; `Any` where none is, or it cannot be looked up yet."""
    try:
        return get_type_hints(method).get("return", Any)
    except (NameError, TypeError, AttributeError):
        return Any


def _parts(kind: object) -> tuple[object, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _wanted(method: object) -> str:
    """What has to be declared, in words; empty if anything may be."""
    kind = _returned(method)
    if kind is Any:
        return ""
    if kind is NoneType:
        return "bool: whether it was done"
    return f"`{name_of(kind)} | None`, None if it was not done"


def _fits(told: object, method: object) -> bool:
    kind = _returned(method)
    if kind is NoneType:
        return told is bool or told is Any
    parts = [each for each in _parts(told) if each is not NoneType]
    return bool(parts) and all(_is_one_of(each, _parts(kind)) for each in parts)


def _is_one_of(kind: object, kinds: tuple[object, ...]) -> bool:
    classes = tuple(each for each in kinds if isinstance(each, type))
    return kind is Any or kind in kinds or (isinstance(kind, type) and issubclass(kind, classes))


# ── Provided ─────────────────────────────────────────────────────────────────────────────────────


@lru_cache(256)  # each conversation asks when it is made
def reconcilers_in(port: type[Port]) -> Mapping[str, str]:
    """The methods of a port that tell, and what each tells of."""
    return {
        name: member.__reconciles__
        for base in reversed(port.__mro__)
        for name, member in vars(base).items()
        if hasattr(member, "__reconciles__")
    }


def faults_of(kind: type[Port], given: Port) -> list[str]:
    """What is wrong with those of an implementation that tell."""
    own, faults = type(given), list[str]()
    for name, method in reconcilers_in(kind).items():
        member: object = getattr(own, name)
        if hasattr(member, "__reconciles__"):
            continue
        if not is_async_function(member) or not _takes_the_same(member, getattr(own, method)):
            faults.append(
                f"{own.__name__}.{name}, which tells of {kind.__name__}.{method}, is not an async "
                f"method that takes nothing, or what that takes"
            )
    return faults


def offered(given: object, method: str) -> Callable[..., Coroutine[Any, Any, object]] | None:
    """What an implementation has that tells of one of its methods; None if it cannot."""
    for base in type(given).__mro__:
        name = getattr(vars(base).get(method), "__reconciler__", None)
        if name is not None and not hasattr(getattr(given, name), "__reconciles__"):
            found: Callable[..., Coroutine[Any, Any, object]] = getattr(given, name)
            return found
    return None


def takes_arguments(teller: Callable[..., object]) -> bool:
    """Whether it is given what the call was given."""
    return bool(signature(teller).parameters)
