"""What a page is given under a type, and how a spindle sees it: a port as operations to await."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, TypeAlias

from spindle._core.errors import NotProvided, UsageError, hides_frames
from spindle._core.functions import is_async_function
from spindle._core.names import shown
from spindle._core.operations.batch import Form, Load, forms_of, is_offered, takes_the_keys
from spindle._core.operations.port import Call, Port, Repeat, declared_in, methods_of, port_calls
from spindle._core.operations.reconciling import faults_of, reconcilers_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["check_provided", "provided"]

__tracebackhide__ = hides_frames


def provided(kind: type, *scopes: Mapping[Any, object]) -> object:
    """Find what was given under `kind`, in the first of `scopes` that has it.

    Raises:
        NotProvided: none of them has it.
    """
    for scope in scopes:
        if kind in scope:
            given = scope[kind]
            return _calls(kind)(given) if issubclass(kind, Port) else given
    known = ", ".join(sorted({key.__name__ for scope in scopes for key in scope})) or "nothing"
    raise NotProvided(
        f"use({kind.__name__}): nothing was provided under {kind.__name__} (provided: {known}). "
        f"Give it where the page is opened: provide={{{kind.__name__}: ...}}"
    )


_NOTHING: Mapping[Any, object] = {}


def check_provided(provide: Mapping[Any, object] | None) -> Mapping[Any, object]:
    """Check that each port of `provide` is given a whole implementation.

    Raises:
        NotProvided: a key is not a class, or an implementation is not one; all faults are named.
    """
    if not provide:
        return _NOTHING
    if not hasattr(provide, "items"):
        raise NotProvided(
            f"provide= is a mapping of classes to what use() hands out for them, as in "
            f"provide={{Inventory: SqliteInventory(...)}}, not {shown(provide)}"
        )
    faults = [fault for kind, given in provide.items() for fault in _faults(kind, given)]
    if faults:
        raise NotProvided("provide= cannot be used:\n" + "\n".join(f"  - {f}" for f in faults))
    return provide


def _faults(kind: object, given: object) -> list[str]:
    if not isinstance(kind, type):
        return [f"the key {shown(kind)} is not a class: use the class that is handed to use()"]
    if not issubclass(kind, Port):
        return []
    name = kind.__name__
    if isinstance(given, type):
        return [f"{name} was given a class: give an instance, {given.__name__}(...)"]
    if not isinstance(given, kind):
        return [f"{name} was given {type(given).__name__}, which does not subclass {name}"]
    forms = {form.batched: form for form in forms_of(kind).values()}
    return faults_of(kind, given) + [
        fault
        for method in methods_of(kind)
        for fault in (
            _fault_of_batched(name, given, forms[method])
            if method in forms
            else _fault_of_method(name, given, method)
        )
    ]


def _fault_of_method(port: str, given: Port, method: str) -> list[str]:
    member: object = getattr(type(given), method)
    if not hasattr(member, "__repeat__") and is_async_function(member):
        return []
    return [f"{type(given).__name__} does not implement {port}.{method} with an async method"]


def _fault_of_batched(port: str, given: Port, form: Form) -> list[str]:
    member: object = getattr(type(given), form.batched)
    if hasattr(member, "__repeat__") or (is_async_function(member) and takes_the_keys(member)):
        return []
    return [
        f"{type(given).__name__}.{form.batched}, many of {port}.{form.name}, is not an async "
        f"method of self and the keys"
    ]


_CALLS: dict[type, type] = {}

_Caller: TypeAlias = "Callable[..., Awaitable[object]]"


def _calls(port: type[Port]) -> Callable[[object], object]:
    """The class of objects that turn calls of `port`'s methods into operations; built once."""
    if port not in _CALLS:
        members: dict[str, object] = {"__slots__": ("_given",), "__init__": _take}
        forms = forms_of(port)
        for name, method in declared_in(port).items():
            label, form = f"{port.__name__}.{name}", forms.get(name)
            caller = _caller(label, name, method.__repeat__)
            if form is not None:
                caller = _loader(port, form, caller)
            elif hasattr(method, "__form__"):
                caller = _batch_caller(method.__form__, caller)
            seconds: float | None = getattr(method, "__within__", None)
            if seconds is not None:
                caller = _limited(label, caller, seconds)
            members[name] = _named(caller, label, form)
        for name, method in reconcilers_in(port).items():
            members[name] = _no_call(f"{port.__name__}.{name}", method)
        _CALLS[port] = type(f"{port.__name__}Calls", (), members)
    return _CALLS[port]


def _take(self: Any, given: object) -> None:
    self._given = given


def _named(caller: _Caller, label: str, form: Form | None) -> _Caller:
    marked: Any = caller
    marked.__name__ = label.rpartition(".")[2]
    marked.__qualname__ = label
    if form is not None:
        marked.__form__ = form
    return caller


def _caller(label: str, name: str, repeat: Repeat) -> _Caller:
    kind = port_calls(label, repeat)

    def call(self: Any, *args: object, **keywords: object) -> Call[object]:
        made = kind()
        made.given = given = self._given
        made.fn = getattr(given, name)
        made.args = args
        made.keywords = keywords
        return made

    return call


def _no_call(label: str, method: str) -> Callable[..., object]:
    def refuse(self: object, *args: object, **keywords: object) -> object:
        raise UsageError(
            f"{label} tells what became of a call of {method}, and is asked when a conversation is "
            f"taken up from its log: a spindle cannot call it"
        )

    return refuse


def _loader(port: type[Port], form: Form, alone: _Caller) -> _Caller:
    def load(self: Any, *args: object, **keywords: object) -> Awaitable[object]:
        if len(args) == 1 and not keywords:
            return Load[object](port.__name__, self._given, form, args[0])
        if not args and len(keywords) == 1 and form.parameter in keywords:
            return Load[object](port.__name__, self._given, form, keywords[form.parameter])
        return alone(self, *args, **keywords)  # it says what is wrong with the arguments

    return load


def _batch_caller(form: Form, whole: _Caller) -> _Caller:
    """Who has all keys at hand: a call like others, of the method that reads many if there is."""

    def call(self: Any, *args: object, **keywords: object) -> Awaitable[object]:
        if is_offered(self._given, form):
            return whole(self, *args, **keywords)
        one = getattr(self._given, form.name)

        async def each(keys: tuple[object, ...]) -> Mapping[object, object]:  # noqa: ASYNC124
            return {key: await one(key) for key in keys}  # noqa: ASYNC910

        name = f"{type(self).__name__.removesuffix('Calls')}.{form.batched}"
        return Call[object](name, each, args, keywords, Repeat.READ, self._given)

    return call


def _limited(label: str, caller: _Caller, seconds: float) -> _Caller:
    from spindle._core.operations.within import CallLimit

    async def call(self: Any, *args: object, **keywords: object) -> object:
        async with CallLimit(label, seconds):
            return await caller(self, *args, **keywords)

    return call
