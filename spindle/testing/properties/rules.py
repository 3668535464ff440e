"""What is played with, and what must hold then."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from spindle._core.contracts.contract import Declared, describe
from spindle._core.errors import RestartsSpent, UsageError
from spindle._core.kernel.groups import leaves
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.names import name_of, shown
from spindle._core.operations.port import Port, declared_in

if TYPE_CHECKING:
    from spindle.testing.properties.played_page import PlayedPage

__all__ = ["Failures", "Invariant", "PortMethod", "Provide", "Rules", "port_of"]

Invariant: TypeAlias = "Callable[[PlayedPage], bool | None]"
"""Asserts what must hold; answering False counts as not holding, too."""
PortMethod: TypeAlias = Callable[..., Coroutine[Any, Any, object]]
Failures: TypeAlias = Mapping[PortMethod, Sequence[Exception]]
Provide: TypeAlias = Callable[[], Mapping[type, object]]


def _nothing() -> Mapping[type, object]:
    return {}


@dataclass(frozen=True)
class Rules:
    """Of one test."""

    contract: Declared
    provide: Provide = _nothing
    invariants: Sequence[Invariant] = ()
    at_end: Sequence[Invariant] = ()
    failures: Failures = field(default_factory=dict[PortMethod, Sequence[Exception]])
    lost: Failures = field(default_factory=dict[PortMethod, Sequence[Exception]])
    may_raise: tuple[type[Exception], ...] = ()
    may_wait_for_ever: bool = False
    may_end_at_once: bool = False
    bound: float = 10.0
    limits: PageLimits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        describe(self.contract)
        for name in ("provide", "invariants", "at_end"):
            _check_functions(name, getattr(self, name))
        kinds: object = self.may_raise
        if not isinstance(kinds, tuple) or not _is_listed(kinds, _is_error_class):
            raise UsageError(f"may_raise= takes a tuple of classes of errors, not {shown(kinds)}")
        if not (isinstance(self.bound, (int, float)) and self.bound >= 0):
            raise UsageError(f"bound= takes seconds, 0 or more, not {shown(self.bound)}")
        for name in ("failures", "lost"):
            _check_failures(name, getattr(self, name))

    def failing(self) -> Iterator[PortMethod]:
        """The methods that may fail."""
        yield from self.failures
        yield from self.lost

    def faults(self) -> list[tuple[PortMethod, Exception, bool]]:
        """Each way in which a call may fail, and whether it is done all the same."""
        return [
            (method, each, done)
            for failures, done in ((self.failures, False), (self.lost, True))
            for method, errors in failures.items()
            for each in errors
        ]

    def unexcused(self, error: BaseException, made: Sequence[Exception]) -> Iterator[BaseException]:
        """What of an error nobody has allowed; `made` are those that were let happen."""
        for each in leaves(error):
            spent = isinstance(each, RestartsSpent) and each.__cause__ is not None
            if spent and not list(self.unexcused(each.__cause__ or each, made)):
                continue
            if not isinstance(each, self.may_raise) and not any(each is one for one in made):
                yield each


def _check_functions(name: str, given: object) -> None:
    if name == "provide":
        if not callable(given):
            raise UsageError(
                f"provide= takes a function that makes what an example is given, anew each time, "
                f"as in provide=lambda: {{Stock: MyStock()}}, not {shown(given)}"
            )
    elif not _is_listed(given, callable):
        raise UsageError(f"{name}= takes a list of functions of a page, not {shown(given)}")


def _is_error_class(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exception)


def _is_error(value: object) -> bool:
    return isinstance(value, Exception)


def _is_listed(given: object, fits: Callable[[object], bool]) -> bool:
    listed: Any = given
    return isinstance(given, (list, tuple)) and all(fits(each) for each in listed)


def _check_failures(taker: str, failures: object) -> None:
    if not isinstance(failures, Mapping):
        raise UsageError(
            f"{taker}= takes the errors of methods, as in {{Orders.place: [Offline()]}}, not "
            f"{shown(failures)}"
        )
    listed: Mapping[object, object] = failures  # pyright: ignore[reportUnknownVariableType]
    for method, errors in listed.items():
        name = name_of(method)
        if not hasattr(method, "__repeat__"):
            raise UsageError(
                f"{taker}= goes by the methods of ports, as in {{Orders.place: [Offline()]}}, not "
                f"by {name}"
            )
        if not _is_listed(errors, _is_error):
            raise UsageError(
                f"{taker}= gives {name} a list of errors as they are raised, such as [Offline()], "
                f"not {shown(errors)}"
            )


def port_of(method: PortMethod, ports: Sequence[type]) -> type[Port] | None:
    """The port, of these, that has the method."""
    name = name_of(method).rpartition(".")[2]
    for port in ports:
        if issubclass(port, Port) and declared_in(port).get(name) is method:
            return port
    return None
