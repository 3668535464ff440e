"""A coroutine with a lone block as a page: one runner for each visitor, none after they left."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Completed,
    Event,
    Spindle,
    Suspended,
    Yield,
    cancel_reason,
    cleanup,
    open_coroutine,
)
from spindle.view import (
    WENT_WRONG,
    Markup,
    View,
    click,
    fields,
    on,
    on_cancel,
    on_complete,
    submit,
)
from spindle.web import App
from spindle.web.memory import Visitor, visit
from spindle.web.site import Site, open_site
from tests.drivers import HOSTED
from tests.web.store import PATIENT
from tests.web.visitors import connected


class Wizard(Spindle[str]):
    class NameGiven(Event):
        name: str

    class Agreed(Event): ...

    class AskName(Yield[NameGiven]):
        plan: str

    class Confirm(Yield[Agreed]):
        name: str


class WizardView(View):
    panel: Wizard.AskName | Wizard.Confirm | str = "Loading"

    @on(Wizard.AskName)
    def ask_name(self, ask: Wizard.AskName) -> None:
        self.panel = ask

    @on(Wizard.Confirm)
    def confirm(self, ask: Wizard.Confirm) -> None:
        self.panel = ask

    @on_complete(Wizard)
    def done(self, outcome: str) -> None:
        self.panel = f"Signed up: {outcome}"

    @on_cancel(Wizard)
    def cancelled(self, cancelled: Cancelled) -> None:
        self.panel = f"Cancelled: {cancelled.reason}"

    def render(self) -> Markup:
        match self.panel:
            case Wizard.AskName(plan) as ask:
                name = self.field(fields(Wizard.NameGiven).name)
                return Markup("<h1>Name ({})</h1><form {}><input {f.control}></form>").format(
                    plan, submit(Wizard.NameGiven, to=ask), f=name
                )
            case Wizard.Confirm(name) as ask:
                sends = click(Wizard.Agreed(), to=ask)
                return Markup("<h1>{}?</h1><button {}>Yes</button>").format(name, sends)
            case str(text):
                return Markup("<p>{}</p>").format(text)


class Runners:
    """The wizard, and which runs of it there are."""

    def __init__(self) -> None:
        self.started = 0
        self.running: set[int] = set()
        self.reasons: list[str] = []

    async def wizard(self, plan: str = "free") -> str:
        self.started += 1
        number = self.started
        self.running.add(number)
        try:
            name = (await Wizard.AskName(plan)).name
            if name == "nobody":
                raise RuntimeError("secret")
            _ = await Wizard.Confirm(name)
            return name
        finally:
            async with cleanup(1):
                reason = await cancel_reason()
                if reason is not None:
                    self.reasons.append(reason.reason)
            self.running.discard(number)


@pytest.fixture
def runners() -> Runners:
    return Runners()


def wizard_app(runners: Runners, *, hosted: bool = False) -> App:
    app = App(limits=PATIENT)
    app.coroutine("/", runners.wizard, Wizard, WizardView, title="Sign up", hosted=hosted)
    return app


async def at_confirm(site: Site, name: str = "Ada") -> Visitor:
    visitor = await connected(site, "/")
    settled = await visitor.settled(await visitor.submit(Wizard.NameGiven, {"name": name}))
    assert settled.settlement == "handled"
    return visitor


@HOSTED
async def test_W3_the_wizard_as_a_page(runners: Runners, hosted: bool) -> None:
    async with open_site(wizard_app(runners, hosted=hosted)) as site:
        first = await visit(site, "/")
        assert "Name (free)" in first.html, "the first question is in the document"
        assert first.title == "Sign up"
        visitor = await at_confirm(site)
        assert "<h1>Ada?</h1>" in visitor.html
        settled = await visitor.settled(await visitor.click(Wizard.Agreed()))
        assert settled.settlement == "handled"
        assert "Signed up: Ada" in visitor.html
        assert runners.running == {1}
        await visitor.settle()
        assert site.live_pages == 2, "how it ended stays on show"
        await visitor.close()
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 1
    assert runners.running == set()


async def test_W3_the_same_function_runs_without_a_page(runners: Runners) -> None:
    _ = wizard_app(runners)
    async with open_coroutine(runners.wizard, "gold") as runner:
        match await runner.run():
            case Suspended(Wizard.AskName("gold") as ask):
                state = await runner.resume(ask, Wizard.NameGiven("Ada"))
            case other:
                raise AssertionError(other)
        assert isinstance(state, Suspended)
        assert isinstance(state.ask, Wizard.Confirm)
        assert await runner.resume(state.ask, Wizard.Agreed()) == Completed("Ada")


@HOSTED
async def test_W3_five_reloads_leave_one_runner(runners: Runners, hosted: bool) -> None:
    async with open_site(wizard_app(runners, hosted=hosted)) as site:
        visitor = await at_confirm(site)
        for number in range(2, 7):
            visitor = await visitor.reload()
            assert runners.running == {number}, "the one before was cancelled first"
            assert "Name (free)" in visitor.html
            await visitor.connect()
        await visitor.settle()
        assert (runners.started, runners.running, site.live_pages) == (6, {6}, 1)
        assert set(runners.reasons) == {"the visitor went to another page, or loaded it anew"}
        settled = await visitor.settled(await visitor.submit(Wizard.NameGiven, {"name": "Bob"}))
        assert settled.settlement == "handled"


@HOSTED
async def test_W3_reloads_without_a_socket_in_between_leave_one_runner(
    runners: Runners, hosted: bool
) -> None:
    async with open_site(wizard_app(runners, hosted=hosted)) as site:
        visitor = await visit(site, "/")
        for _ in range(5):
            visitor = await visitor.reload()
        assert (runners.running, site.live_pages) == ({6}, 1)


@HOSTED
async def test_W3_leaving_cancels_the_runner_and_its_cleanup_has_run(
    runners: Runners, hosted: bool
) -> None:
    async with open_site(wizard_app(runners, hosted=hosted)) as site:
        visitor = await at_confirm(site)
        await visitor.close()
        await trio.testing.wait_all_tasks_blocked()
        assert (runners.running, site.live_pages) == (set(), 0)
        assert runners.reasons == ["the visitor left"]


async def test_W3_a_lost_socket_cancels_the_runner(runners: Runners) -> None:
    async with open_site(wizard_app(runners)) as site:
        visitor = await at_confirm(site)
        assert visitor.transport is not None
        await visitor.transport.aclose(1006, "")
        await trio.testing.wait_all_tasks_blocked()
        assert (runners.running, site.live_pages) == (set(), 0)


async def test_W3_a_runner_whose_socket_never_comes_is_cancelled(
    runners: Runners, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_site(wizard_app(runners)) as site:
        _ = await visit(site, "/")
        await trio.sleep(10.1)
        assert (runners.running, site.live_pages) == (set(), 0)
        assert runners.reasons == ["its socket did not come in time"]


async def test_W3_a_second_tab_has_a_runner_of_its_own(runners: Runners) -> None:
    async with open_site(wizard_app(runners)) as site:
        first, second = await at_confirm(site, "Ada"), await connected(site, "/")
        assert runners.running == {1, 2}
        await second.settle()
        assert "Name (free)" in second.html
        assert second.received == []
        await first.close()
        await trio.testing.wait_all_tasks_blocked()
        assert runners.running == {2}
        settled = await second.settled(await second.submit(Wizard.NameGiven, {"name": "Bob"}))
        assert settled.settlement == "handled"
        assert "<h1>Bob?</h1>" in second.html


async def test_W3_a_runner_that_fails_says_so_and_hurts_nobody(
    runners: Runners, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_site(wizard_app(runners)) as site:
        other, visitor = await connected(site, "/"), await connected(site, "/")
        settled = await visitor.settled(await visitor.submit(Wizard.NameGiven, {"name": "nobody"}))
        assert settled.settlement == "dead-lettered"
        await visitor.shows(WENT_WRONG)
        assert "secret" not in visitor.html
        assert "RuntimeError: secret" in caplog.text
        assert runners.running == {1}
        settled = await other.settled(await other.submit(Wizard.NameGiven, {"name": "Ada"}))
        assert settled.settlement == "handled"
        again = await visitor.reload()
        assert "Name (free)" in again.html


async def test_W3_a_stopping_server_ends_its_runners(runners: Runners) -> None:
    async with open_site(wizard_app(runners)) as site:
        _ = await at_confirm(site)
        _ = await visit(site, "/")
        assert runners.running == {1, 2}
    assert runners.running == set()


async def test_W3_an_answer_to_a_question_before_is_stale(runners: Runners) -> None:
    async with open_site(wizard_app(runners)) as site:
        visitor = await connected(site, "/")
        first = await visitor.submit(Wizard.NameGiven, {"name": "Ada"})
        second = await visitor.submit(Wizard.NameGiven, {"name": "Bob"})
        assert (await visitor.settled(first)).settlement == "handled"
        settled = await visitor.settled(second)
        assert settled.settlement == "refused"
        assert settled.reason.startswith("stale")
        assert "<h1>Ada?</h1>" in visitor.html
