"""Forks: a spindle starts another one beside it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack, cast

from spindle._core.errors import UsageError, hides_frames
from spindle._core.functions import check_function, is_coroutine
from spindle._core.names import name_of, shown
from spindle._core.operations.handle import Start
from spindle._core.operations.provision import check_provided
from spindle._core.supervision import REPORT, Policy

if TYPE_CHECKING:
    from spindle._core.contracts.block import Block
    from spindle._core.contracts.contract import Spindle
    from spindle._core.operations.handle import Handle
    from spindle._core.operations.operation import Operation

__all__ = ["Fork", "fork", "names_a_block"]

__tracebackhide__ = hides_frames

R = TypeVar("R")
Ts = TypeVarTuple("Ts")
F = TypeVar("F", bound=Callable[..., object])


class Fork(Start[R]):
    """Start a spindle."""

    __slots__ = (
        "args",
        "block",
        "fn",
        "instance",
        "policy",
        "provide",
        "replace",
        "significant",
    )

    starter = "fork"

    def __init__(
        self,
        block: type[Block],
        fn: Callable[..., Coroutine[Any, Any, R]],
        args: tuple[object, ...],
        *,
        instance: str | None = None,
        replace: bool = False,
        provide: Mapping[type, object] | None = None,
        policy: Policy = REPORT,
        significant: bool = False,
    ) -> None:
        self.block = block
        self.fn = fn
        self.args = args
        self.instance = instance
        self.replace = replace
        self.provide = provide
        self.policy = policy
        self.significant = significant


def names_a_block(start: F) -> F:
    """Tell who forgot the block, or the function, before Python complains of missing arguments.

    Who gives the function's arguments by keyword is told, too.
    """
    name = start.__name__
    own: Any = start
    keys = frozenset(own.__kwdefaults__)

    @wraps(start)
    def checked(*args: object, **keywords: object) -> object:
        given = args[1:] if name == "start" else args
        if len(given) == 1:
            check_is_class(name, given[0])
            raise UsageError(f"{name}({name_of(given[0])}) lacks the function to start under it")
        foreign = keywords.keys() - keys
        if foreign:
            key = min(foreign)
            raise UsageError(
                f"{name}() has no {key}=: what the function takes is given by position, as in "
                f"{name}(SomeBlock, fn, {shown(keywords[key])})"
            )
        return start(*args, **keywords)

    return cast("F", checked)


def check_is_class(caller: str, block: object) -> None:
    """Refuse a function where the block stands.

    Raises:
        UsageError: `block` is not a class.
    """
    if not isinstance(block, type):
        if is_coroutine(block):
            block.close()
        raise UsageError(
            f"{caller}() takes the block first: write {caller}(SomeBlock, {name_of(block)}, ...)"
        )


@names_a_block
def fork(
    block: type[Spindle[R]],
    fn: Callable[[Unpack[Ts]], Coroutine[Any, Any, R]],
    /,
    *args: *Ts,
    instance: str | None = None,
    replace: bool = False,
    provide: Mapping[type, object] | None = None,
    policy: Policy = REPORT,
    significant: bool = False,
) -> Operation[Handle[R]]:
    """Start `fn(*args)` as the spindle of `block`, beside the one that awaits this.

    It outlives its forker and runs from its next turn on. It is given what the forker was given,
    and `provide` before that.

    Args:
        block: the block it speaks for; one spindle at a time runs under it, unless named.
        fn: the spindle's async function.
        args: its arguments.
        instance: a name of its own for a further spindle of the same block.
        replace: cancel the spindle that runs under the block and instance, if there is one, and
            start when it is gone.
        provide: what `use` hands out to this spindle before all else.
        policy: what happens when it fails or ends, as for `PageMachine.start`.
        significant: whether the page ends with it.

    Returns:
        When awaited: its handle, at once.

    Raises:
        UsageError: `fn` is no function; when awaited: `block` is not part of the page's contract,
            or `instance`, `policy` or `significant` of another type than is declared.
        SpindleIsLive: when awaited: the key is taken, and nothing said what to do about that.
        NotProvided: an implementation in `provide` does not implement its port.
        PageClosing: when awaited: the page is being stopped.
        PageClosed: when awaited: the page is ending, and this stands in a `cleanup()`.
        LimitReached: when awaited: the page has as many spindles as it may.
    """
    check_is_class("fork", block)
    check_function("fork", fn)
    given = check_provided(provide) if provide else None
    return Fork(
        block,
        fn,
        args,
        instance=instance,
        replace=replace,
        provide=given,
        policy=policy,
        significant=significant,
    )
