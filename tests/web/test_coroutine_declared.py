"""How a coroutine is declared as a page: its address, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Literal

import pytest

from spindle import (
    PageMachine,
    Yield,
)
from spindle.view import (
    WENT_WRONG,
    Markup,
    View,
    ViewError,
    on,
)
from spindle.web import App, PageDeclarationError, Request
from spindle.web.memory import visit
from spindle.web.site import open_site
from tests.web.store import PATIENT, Checkout, Store, StoreView
from tests.web.test_coroutine import Wizard, WizardView

Plan = Literal["free", "gold"]


async def test_W3_its_parameters_come_from_the_address_and_are_given_in_order() -> None:
    given: list[tuple[object, ...]] = []
    app = App(limits=PATIENT)

    async def wizard(seats: int, plan: Plan, offer: str = "", count: int = 7) -> str:
        given.append((seats, plan, offer, count))
        return plan

    app.coroutine("/{plan}/{seats}", wizard, Wizard, WizardView)

    async with open_site(app) as site:
        assert "Signed up: gold" in (await visit(site, "/gold/3?count=2")).html
        assert "Signed up: free" in (await visit(site, "/free/1?offer=x")).html
        assert (await visit(site, "/silver/3")).response.status == 404
        assert (await visit(site, "/gold/many")).response.status == 404
    assert given == [(3, "gold", "", 2), (1, "free", "x", 7)]


# --- slips ----------------------------------------------------------------------------------------


class Stray(Yield[Wizard.Agreed]): ...


async def test_W3_a_question_of_no_block_is_refused_where_it_is_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def wizard() -> str:
        return str(await Stray())

    app = App(limits=PATIENT)
    app.coroutine("/", wizard, Wizard, WizardView)
    async with open_site(app) as site:
        assert WENT_WRONG in (await visit(site, "/")).html
    assert "Stray, which belongs to no block: declare it inside Wizard" in caplog.text


async def wizard() -> str:
    return ""


async def by_keyword(plan: str, *, seats: int) -> str:
    return plan


async def mounting(page: PageMachine, request: Request) -> str:
    return ""


async def generating() -> Any:
    yield ""


def plain() -> str:
    return ""


class Half(View):
    @on(Wizard.AskName)
    def ask(self, ask: Wizard.AskName) -> None: ...

    def render(self) -> Markup:
        return Markup()


def declare(
    fn: object = wizard, block: object = Wizard, view: object = WizardView, route: str = "/"
) -> None:
    app: Any = App()
    app.coroutine(route, fn, block, view)


@pytest.mark.parametrize(
    ("block", "view", "said"),
    [
        (Store, StoreView, "Store is a contract, but a coroutine speaks for one block."),
        (Store, StoreView, "Name the block, Store.Checkout; to start several"),
        (Store, StoreView, "@app.page('/', Store, StoreView)"),
        (WizardView, Wizard, "swapped. Write Wizard, then WizardView."),
        (str, WizardView, "expected a contract, got str"),
        (Wizard, str, "expected a view, got str"),
    ],
)
def test_W3_a_coroutine_page_names_a_block_and_a_view(
    block: object, view: object, said: str
) -> None:
    with pytest.raises(PageDeclarationError) as caught:
        declare(block=block, view=view)
    assert said in str(caught.value)
    assert str(caught.value).startswith("coroutine('/')")


@pytest.mark.parametrize(
    ("fn", "said", "fix"),
    [
        (plain, "plain is not an async function", "'async def "),
        (generating, "generating is not an async function", "'async def "),
        (by_keyword, "'seats' is taken by keyword only", "before the '*'"),
        (mounting, "'page' is of type PageMachine", "write a mount function"),
        (Wizard, "async function after the route, not Wizard", "('/', sign_up, SignUp, SignUp"),
    ],
)
def test_W3_a_coroutine_page_takes_a_function_that_an_address_can_call(
    fn: object, said: str, fix: str
) -> None:
    with pytest.raises(PageDeclarationError) as caught:
        declare(fn)
    assert said in str(caught.value)
    assert fix in str(caught.value)
    assert str(caught.value).startswith("coroutine('/')")


def test_W3_a_coroutine_page_takes_no_coroutine_object() -> None:
    running: Coroutine[Any, Any, str] = wizard()
    with pytest.raises(PageDeclarationError, match=r"write wizard, not wizard\(\.\.\.\)"):
        declare(running)


def test_W3_a_view_that_lacks_a_handler_is_refused() -> None:
    with pytest.raises(ViewError, match=r"Wizard\.Confirm"):
        declare(view=Half)


@pytest.mark.parametrize("route", ["wizard", "/{plan}/x{y}", "/{plan}", "/spindle/x"])
def test_W3_a_route_that_does_not_fit_names_the_decorator(route: str) -> None:
    with pytest.raises(PageDeclarationError, match=r"^coroutine\('"):
        declare(route=route)


def test_W3_an_address_is_a_page_or_a_coroutine() -> None:
    app = App()

    @app.page("/", Store, StoreView)
    async def mount(page: PageMachine, request: Request) -> None:
        page.start(Checkout, wizard)  # type: ignore[arg-type]

    with pytest.raises(PageDeclarationError, match=r"^coroutine\('/'\): '/' matches the same"):
        app.coroutine("/", wizard, Wizard, WizardView)
