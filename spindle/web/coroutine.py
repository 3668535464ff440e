"""A page that is one coroutine: the server starts it, no mount function does."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from typing_extensions import TypeVar

from spindle._core.contracts.contract import Contract, Spindle, describe
from spindle._core.names import name_of
from spindle.web.errors import PageDeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from spindle._runtime.page import PageMachine
    from spindle.web.http.parameters import Mount
    from spindle.web.http.request import Request
    from spindle.web.http.route import Route

__all__ = ["check_lone", "starting"]

R = TypeVar("R")


def check_lone(route: Route, fn: object, block: object, view: object) -> None:
    """Refuse what cannot be run alone: a contract, a coroutine that runs already, a class.

    Raises:
        PageDeclarationError: with the way to write it.
    """
    if inspect.iscoroutine(fn):
        name = fn.__name__
        fn.close()
        raise PageDeclarationError(
            f"{route.where} takes the function, which is called for every visitor: "
            f"write {name}, not {name}(...)."
        )
    if isinstance(fn, type):
        raise PageDeclarationError(
            f"{route.where} takes an async function after the route, not {name_of(fn)}: write "
            f"coroutine({route.pattern!r}, sign_up, SignUp, SignUpView), that is function, block "
            f"and view."
        )
    if isinstance(block, type) and issubclass(block, Contract):
        raise _is_contract(route, block, view)


def _is_contract(route: Route, contract: type[Contract], view: object) -> PageDeclarationError:
    blocks = " or ".join(name_of(each) for each in describe(contract).blocks)
    page = f"page({route.pattern!r}, {name_of(contract)}, {name_of(view)})"
    return PageDeclarationError(
        f"{route.where}: {name_of(contract)} is a contract, but a coroutine speaks for one block. "
        f"Name the block, {blocks}; to start several there are mount functions: @app.{page}."
    )


def starting(fn: Callable[..., Coroutine[Any, Any, R]], block: type[Spindle[R]]) -> Mount[...]:
    """Make the mount function that starts `fn` under `block` with what the address says."""

    async def start(page: PageMachine, request: Request, **values: object) -> None:  # noqa: ASYNC124, ASYNC910
        parameters = inspect.signature(fn).parameters.values()
        page.start(block, fn, *(values.get(each.name, each.default) for each in parameters))

    return start
