"""Calls whose end is not in the log, for the process that made them has died."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from spindle._core.apart import apart
from spindle._core.errors import OutcomeUnknown, UsageError
from spindle._core.names import error_shown, name_of, shown
from spindle._core.operations.port import Call, Repeat
from spindle._core.operations.reconciling import offered, takes_arguments
from spindle._core.replay.declared import result_of
from spindle._core.replay.kept import keep

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from spindle._core.replay.formats import Format

__all__ = ["made_again", "unknown"]

_NOT_DONE: Final = object()


def made_again(call: Call[Any], form: Format) -> Call[Any] | None:
    """What is to be done in the place of such a call; it ends as the call does.

    Args:
        call: as it was begun when it was told again.
        form: how the log writes.

    Returns:
        A call of the same name and key, or the call itself; None if it must not be made again, and
        nobody can tell what became of it.
    """
    teller = None if call.keyed is None else offered(call.given, call.name.rpartition(".")[2])
    if teller is None:
        return None if call.repeat is Repeat.ONCE else call
    tells = teller

    async def reconciled() -> object:
        found = await _told(call, tells, form)
        return await call.begin() if found is _NOT_DONE else found

    instead = Call(call.name, reconciled, (), {}, call.repeat, call.given)
    instead.keyed = call.keyed
    return instead


def unknown(call: Call[Any]) -> OutcomeUnknown:
    """What is raised in the spindle where nobody can tell."""
    return OutcomeUnknown(f"{call.name} had begun: nobody knows whether it was done")


async def _told(
    call: Call[Any], teller: Callable[..., Coroutine[Any, Any, object]], form: Format
) -> object:
    """What the call has come to; `_NOT_DONE` if to nothing.

    Raises:
        OutcomeUnknown: that is not known.
    """
    name, keyed = name_of(teller), call.keyed
    assert keyed is not None
    try:
        if takes_arguments(teller):
            args, keywords = apart((keyed.args, {**keyed.keywords}))
            value = await teller(*args, **keywords)
        else:
            value = await teller()
        return _read(value, call, name, form)
    except OutcomeUnknown:
        raise
    except Exception as error:
        said = f"{unknown(call)}, for {name} raised {error_shown(error, 1000)}"
        raise OutcomeUnknown(said) from error


def _read(value: object, call: Call[Any], name: str, form: Format) -> object:
    kind = result_of(call)
    if kind is not NoneType:
        return _NOT_DONE if value is None else keep(value, kind, f"what {name} returned", form)[1]
    if not isinstance(value, bool):
        raise UsageError(f"{name} returned {shown(value)}; it has to return whether it was done")
    return None if value else _NOT_DONE
