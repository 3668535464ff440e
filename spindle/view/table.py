"""Which method of a view class handles what: one table per class, made with the class."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import NamedTuple

from spindle._core.names import name_of
from spindle.view.errors import ViewError
from spindle.view.handlers import Kind, Subject, handled_by

__all__ = ["Handler", "handler_table"]


class Handler(NamedTuple):
    """A method by its name, so that a subclass may override it."""

    name: str
    takes_source: bool


def handler_table(view: type, base: type) -> Mapping[Subject, Handler]:
    """Return the handlers of `view`, inherited ones included; a subclass's come first.

    Args:
        view: The class that is being defined.
        base: The class whose own methods no handler may replace.

    Raises:
        ViewError: two methods of one class handle the same, or a handler cannot be called.
    """
    names: dict[Subject, str] = {}
    for parent in reversed(view.__mro__):
        names |= _declared_in(parent, base)
    return {subject: _handler(view, subject, name) for subject, name in names.items()}


def _declared_in(view: type, base: type) -> dict[Subject, str]:
    names: dict[Subject, str] = {}
    for name, attribute in vars(view).items():
        for subject in handled_by(attribute):
            if hasattr(base, name):
                raise ViewError(
                    f"{name_of(view)}.{name}: {subject} would replace {base.__name__}.{name}, "
                    f"which the page needs. Give the handler another name"
                )
            if subject in names:
                raise ViewError(
                    f"{name_of(view)}: {subject} stands above both {names[subject]} and "
                    f"{name}. A message has one handler; call the other one from it"
                )
            names[subject] = name
    return names


def _handler(view: type, subject: Subject, name: str) -> Handler:
    where = f"{name_of(view)}.{name}"
    function = inspect.getattr_static(view, name)
    subjects = handled_by(function)
    if subjects and subject not in subjects:
        raise ViewError(
            f"{where} overrides the handler of {subject} with one of {subjects[0]}. Give it "
            f"another name, or the same decorator"
        )
    if not inspect.isfunction(function):
        raise ViewError(f"{where}, {subject}: expected a method, got {function!r}")
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise ViewError(
            f"{where}, {subject}, is async: a handler only updates the view. What waits belongs "
            f"in the spindle; write `def {name}`"
        )
    if inspect.isgeneratorfunction(function):
        raise ViewError(f"{where}, {subject}, has a `yield`: its body would never run")
    return Handler(name, _takes_source(where, subject, inspect.signature(function)))


def _takes_source(where: str, subject: Subject, signature: inspect.Signature) -> bool:
    """Tell whether a third parameter is there to be given the source."""
    most = 2 if subject.kind is Kind.REFUSED else 3
    parameters = [each for each in signature.parameters.values() if each.kind in _POSITIONAL]
    wanted = 3 if len(parameters) >= 3 and _is_source(parameters[2]) else 2
    try:
        signature.bind(*[None] * wanted)
    except TypeError:
        fits = False
    else:
        fits = wanted <= most
    if not fits:
        source = "" if most == 2 else " or (self, message, source)"
        raise ViewError(f"{where}, {subject}, takes {signature}: expected (self, message){source}")
    return wanted == 3


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _is_source(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty or parameter.name == "source"
