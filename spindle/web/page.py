"""A page as it is declared: where it is, what runs on it, what it looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.contracts.contract import Contract, Spindle
from spindle.view.check import check_view
from spindle.view.view import View
from spindle.web.errors import PageDeclarationError
from spindle.web.http.asset import Asset, read_stylesheets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from spindle._core.contracts.contract import Declared
    from spindle.web.http.parameters import Mount, Parameters
    from spindle.web.http.route import Route

__all__ = ["Page", "find_page"]


class Page:
    """One page of an app; that contract and view fit together is checked when it is declared.

    Raises:
        PageDeclarationError: contract or view are none; or it is durable, and not to be hosted.
        ViewError: the view lacks a handler.
    """

    def __init__(
        self,
        route: Route,
        contract: Declared,
        view: type[View],
        mount: Mount[...],
        parameters: Parameters,
        *,
        title: str,
        stylesheets: Path | Sequence[Path],
        lang: str,
        hosted: bool | None,
        durable: bool = False,
    ) -> None:
        _check_classes(route.where, contract, view)
        check_view(view, contract)
        if durable and hosted is False:
            raise PageDeclarationError(
                f"{route.where}: durable=True and hosted=False do not go together: what a durable "
                f"page does has to follow from its log, so its spindles are hosted. Leave out one."
            )
        self.route = route
        self.contract = contract
        self.view = view
        self.mount = mount
        self.parameters = parameters
        self.title = title
        self.lang = lang
        self.hosted = bool(hosted) or durable
        self.durable = durable
        self.stylesheets: tuple[Asset, ...] = read_stylesheets(stylesheets)


def find_page(pages: Iterable[Page], path: str) -> tuple[Page, dict[str, str]] | None:
    """Return the page of a path and its decoded parameters; literals win over parameters."""
    for page in sorted(pages, key=lambda page: page.route.rank):
        parameters = page.route.match(path)
        if parameters is not None:
            return page, parameters
    return None


def _check_classes(where: str, contract: object, view: object) -> None:
    if _is_class(contract, View) and _is_class(view, (Contract, Spindle)):
        raise PageDeclarationError(
            f"{where}: contract and view are swapped. "
            f"Write {_named(view)}, then {_named(contract)}."
        )
    if not _is_class(contract, (Contract, Spindle)):
        raise PageDeclarationError(
            f"{where}: expected a contract, got {_named(contract)}. "
            f"Give the class that declares the page's spindles: a Contract, or one Spindle block."
        )
    if not _is_class(view, View):
        raise PageDeclarationError(
            f"{where}: expected a view, got {_named(view)}. "
            f"Give the subclass of View itself; every visitor gets one of their own."
        )


def _is_class(value: object, bases: type | tuple[type, ...]) -> bool:
    return isinstance(value, type) and issubclass(value, bases)


def _named(value: object) -> str:
    return value.__qualname__ if isinstance(value, type) else repr(value)
