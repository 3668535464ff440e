"""The application for a passport as a page: in a tab in memory, on its file, as a program."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from examples.passport import form
from examples.passport.app import passport_site
from examples.passport.contract import Application, Passport
from examples.passport.office import OFFERS, SqliteOffice, open_office
from spindle.durable import MemoryStore
from spindle.testing.client import Tab, open_client
from spindle.web.memory import visit
from spindle.web.site import open_site
from tests.examples.applicant import BORN, EXPRESS, RECEIPT, RENEWED, TODAY
from tests.examples.guest import Guest
from tests.examples.program import running


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SqliteOffice]:
    with open_office(tmp_path / "office.db", lambda: TODAY) as office:
        yield office


@pytest.fixture
async def tab(office: SqliteOffice) -> AsyncIterator[Tab]:
    async with open_client(passport_site(office, MemoryStore())) as client:
        yield await client.visit("/passport")


async def test_an_application_on_the_page(tab: Tab, office: SqliteOffice) -> None:
    assert tab.title == "Apply for a passport"
    for field, given in (("name", "Ada"), ("born", BORN.isoformat()), ("height", "168")):
        await tab.submit("form", {field: given})
    await tab.submit("form", {"before": "renewal"})
    assert tab.text(".where") == "Question 5 of 6"
    await tab.submit("form", {"number": "k12345678"})
    await tab.submit("form", {"speed": "express"})
    assert tab.yields() == [Passport.Review(RENEWED, EXPRESS)]
    assert tab.texts("dd:not(.change)") == [
        "Ada", "10 December 1990", "168 cm", "To be renewed", "K12345678", "Express", "€84.00",
    ]  # fmt: skip
    await tab.click("button:text('Send it')")
    assert tab.texts("dd") == ["1", "4 March 2025"]
    assert await office.received(Application(RENEWED, 8400)) == RECEIPT


async def test_what_is_wrong_stands_at_its_question(tab: Tab) -> None:
    for field, wrong, problem, right in (
        ("name", " ", "Enter your name.", "Ada"),
        ("born", "10.12.90", "Enter a date, such as 1990-12-31.", "1990-12-10"),
        ("born", "2190-12-10", "This day is still to come.", "1990-12-10"),
        ("height", "1.68 m", "Enter a whole number from 40 to 260.", "168"),
        ("before", None, "Choose what is true of you.", "renewal"),
        ("number", "12", "Enter a letter and eight digits, such as K12345678.", "K12345678"),
        ("number", "K00000000", "There is no passport K00000000.", "K12345678"),
        ("speed", None, "Choose one of the two.", "normal"),
    ):
        if tab.count(f"[name={field}]") == 0:
            await tab.click("button:text('Back')")
        await tab.submit("form", {} if wrong is None else {field: wrong})
        assert tab.texts(".problem") == [problem]
        assert tab.count("[aria-invalid=true]") == 1
        described = tab.attribute("[aria-invalid]", "aria-describedby")
        assert tab.count(f".problem[id='{described}']") == 1
        await tab.submit("form", {field: right})
    assert tab.text("h1") == "Is this right?"


async def test_who_goes_back_finds_what_was_answered(tab: Tab) -> None:
    await tab.submit("form", {"name": "Ada"})
    await tab.submit("form", {"born": "1990-12-10"})
    await tab.submit("form", {"height": "168"})
    await tab.submit("form", {"before": "lost"})
    await tab.click("button:text('Back')")
    assert tab.checked("[value=lost]")
    await tab.click("button:text('Back')")
    assert tab.value("[name=height]") == "168"
    assert tab.texts("aside dd") == ["Ada", "10 December 1990"], "it is asked what comes next"


async def at_height(office: SqliteOffice, store: MemoryStore) -> str:
    """Leave an application at its third question."""
    async with open_client(passport_site(office, store)) as client:
        tab = await client.visit("/passport")
        await tab.submit("form", {"name": "Ada"})
        await tab.submit("form", {"born": "1990-12-10"})
        assert tab.text("h1") == "How tall are you?"
        return tab.url


async def test_newer_code_may_ask_other_questions_before_and_after_the_one_that_waits(
    office: SqliteOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    link = await at_height(office, store)
    monkeypatch.setattr(form, "QUESTIONS", ("born", "name", "height", "speed", "before", "old"))
    async with open_client(passport_site(office, store)) as client:
        tab = await client.visit(link)
        assert tab.text("h1") == "How tall are you?"
        await tab.submit("form", {"height": "168"})
        await tab.submit("form", {"speed": "express"})
        assert tab.text("h1") == "Have you had a passport before?"


async def test_newer_code_asks_the_question_that_waits(
    office: SqliteOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryStore()
    link = await at_height(office, store)
    with monkeypatch.context() as patch:
        patch.setattr(form, "QUESTIONS", ("name", "born", "before", "height", "old", "speed"))
        async with open_site(passport_site(office, store)) as site:
            found = await visit(site, link)
            assert found.response.status == 500
            assert "does something else now from its last mark on" in caplog.text
    async with open_client(passport_site(office, store)) as client:
        assert (await client.visit(link)).text("h1") == "How tall are you?"


async def test_what_fails_is_told_without_saying_why(
    tab: Tab, office: SqliteOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(number: str) -> bool:
        raise ConnectionError("no route to the registry")

    monkeypatch.setattr(office, "issued", fail)
    for field, given in (("name", "Ada"), ("born", "1990-12-10"), ("height", "168")):
        await tab.submit("form", {field: given})
    await tab.submit("form", {"before": "renewal"})
    await tab.submit("form", {"number": "K12345678"})
    assert tab.text("h1") == "Something went wrong"
    assert "route" not in tab.html()


async def test_the_office_keeps_applications_in_its_file(tmp_path: Path) -> None:
    application = Application(RENEWED, 8400)
    with open_office(tmp_path / "office.db", lambda: TODAY) as office:
        assert await office.received(application) is None
        assert await office.submit(replace(application, price=1)) is None
        assert await office.submit(application) == RECEIPT
    with open_office(tmp_path / "office.db", lambda: date(2026, 1, 1)) as office:
        assert await office.received(application) == RECEIPT
        assert await office.offers() == OFFERS
        assert await office.issued("K12345678")
        assert not await office.issued("K00000000")


@pytest.mark.slow
async def test_it_is_a_program_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow, since it starts an interpreter."""
    monkeypatch.setenv("OFFICE", str(tmp_path / "office.db"))
    monkeypatch.setenv("PAGES", str(tmp_path / "pages.db"))
    async with running("examples.passport") as program:
        guest = await Guest.load(f"{program.server}/passport")
        async with guest.connected():
            await guest.shows("What is your name?")
            assert await guest.submit(Passport.NameGiven, {"name": "Ada"}) == "handled"
            await guest.shows("When were you born?")
        await program.stop()
