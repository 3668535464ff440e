"""The first five of the seven tasks, stepped by hand: no event loop, and time is the test's own."""

from __future__ import annotations

import pytest

from examples.sevenguis.booker import Booker, BookerView, booker
from examples.sevenguis.counter import Counter, counter
from examples.sevenguis.crud import Crud, CrudView, crud
from examples.sevenguis.temperature import Temperature, TemperatureView, temperature
from examples.sevenguis.timer import Timer, TimerView, timer
from spindle import Source, Spindle, Yielded
from spindle.testing import HandPage, Transcript
from spindle.view import View, render_root


def shown(view: View, block: type[Spindle], ask: object) -> str:
    view.receive(Source(block, None, 1), Yielded(ask))  # type: ignore[arg-type]
    return render_root(view)


# --- Counter --------------------------------------------------------------------------------------


def test_counter_counts_every_press() -> None:
    page = HandPage(Counter)
    page.start(Counter, counter)
    for _ in range(3):
        page.resume(Counter.CountPressed())
    assert page.said() == [f"Counter asks Showing(count={n}) #{n + 1}" for n in range(4)]


# --- Temperature Converter ------------------------------------------------------------------------


def test_temperature_is_converted_both_ways() -> None:
    run = Transcript(temperature)
    run.expect(Temperature.Showing()).answer(Temperature.Typed(celsius=100))
    run.expect(Temperature.Showing(100, 212)).answer(Temperature.Typed(fahrenheit=-40))
    run.expect(Temperature.Showing(-40, -40)).answer(Temperature.Typed())
    run.expect(Temperature.Showing(-40, -40))


def test_temperature_is_shown_rounded() -> None:
    html = shown(TemperatureView(), Temperature, Temperature.Showing(-0.001, 31.9982))
    assert 'value="0"' in html
    assert 'value="32"' in html


# --- Flight Booker --------------------------------------------------------------------------------

ONE_WAY, RETURN, DAY = "one-way flight", "return flight", "27.03.2014"


def test_booker_books_a_one_way_flight_at_once() -> None:
    run = Transcript(booker)
    run.expect(Booker.Asking()).answer(Booker.BookPressed())
    run.expect_notified(Booker.Booked(f"one-way flight on {DAY}"))
    run.expect(Booker.Asking())


@pytest.mark.parametrize(
    ("kind", "start", "back", "wrong", "bookable"),
    [
        (RETURN, DAY, DAY, (False, False), True),
        (RETURN, DAY, "28.03.2014", (False, False), True),
        (RETURN, DAY, "26.03.2014", (False, False), False),
        (RETURN, DAY, "27.3.20x4", (False, True), False),
        (RETURN, "", DAY, (True, False), False),
        (ONE_WAY, DAY, "26.03.2014", (False, False), True),
        (ONE_WAY, DAY, "nonsense", (False, False), True),
        (ONE_WAY, "31.02.2014", DAY, (True, True), False),
    ],
)
def test_booker_says_what_is_wrong_and_books_nothing_then(
    kind: str, start: str, back: str, wrong: tuple[bool, bool], bookable: bool
) -> None:
    run = Transcript(booker)
    run.expect(Booker.Asking()).answer(Booker.Changed(kind, start, back))  # type: ignore[arg-type]
    asked = Booker.Asking(kind, start, back, wrong, bookable)
    run.expect(asked).answer(Booker.BookPressed())
    if bookable:
        until = f" until {back}" if kind == RETURN else ""
        run.expect_notified(Booker.Booked(f"{kind} on {start}{until}"))
    run.expect(asked)
    html = shown(BookerView(), Booker, asked)
    assert html.count('aria-invalid="true"') == sum(wrong[: 1 if kind == ONE_WAY else 2])
    assert ("disabled>Book" in html) is not bookable
    assert ('type="hidden" name="back"' in html) is (kind == ONE_WAY)


# --- Timer ----------------------------------------------------------------------------------------


def timing() -> tuple[HandPage, TimerView]:
    page = HandPage(Timer)
    page.start(Timer, timer)
    return page, TimerView()


def elapsed(page: HandPage, view: TimerView) -> tuple[float, float]:
    for source, message in page.sent():
        view.receive(source, message)
    return round(view.at.elapsed, 6), view.at.duration


def test_timer_runs_until_its_duration_is_over() -> None:
    page, view = timing()
    assert elapsed(page, view) == (0, 15)
    page.advance(4.25)
    assert elapsed(page, view) == (4.2, 15)
    page.advance(20)
    assert elapsed(page, view) == (15, 15)
    page.advance(100)
    assert page.said() == [], "nothing is asked anew while it stands still"


def test_timer_obeys_its_slider_at_once_and_loses_no_time() -> None:
    page, view = timing()
    page.advance(4.25)
    page.resume(Timer.Moved(10))
    assert elapsed(page, view) == (4.25, 10)
    page.resume(Timer.Moved(3))
    assert elapsed(page, view) == (4.25, 3)
    page.advance(5)
    assert elapsed(page, view) == (4.25, 3)
    page.resume(Timer.Moved(5))
    page.advance(0.5)
    assert elapsed(page, view) == (4.75, 5), "it runs again"
    page.advance(5)
    assert elapsed(page, view) == (5, 5)


def test_timer_is_reset_while_it_runs_and_when_it_stands() -> None:
    page, view = timing()
    page.advance(4)
    page.resume(Timer.ResetPressed())
    assert elapsed(page, view) == (0, 15)
    page.advance(30)
    assert elapsed(page, view) == (15, 15)
    page.resume(Timer.ResetPressed())
    page.advance(1.05)
    assert elapsed(page, view) == (1, 15)


# --- CRUD -----------------------------------------------------------------------------------------

HANS, MAX, ROMAN = (1, ("Hans", "Emil")), (2, ("Max", "Mustermann")), (3, ("Roman", "Tisch"))


def test_crud_creates_updates_and_deletes() -> None:
    run = Transcript(crud)
    run.expect(Crud.Showing((HANS, MAX, ROMAN), 0)).answer(Crud.Pressed("create", "Ada", "King"))
    ada = (4, ("Ada", "King"))
    run.expect(Crud.Showing((HANS, MAX, ROMAN, ada), 0)).answer(Crud.Picked(2))
    picked = Crud.Showing((HANS, MAX, ROMAN, ada), 2)
    run.expect(picked).answer(Crud.Pressed("update", "Maxima", "M", 2))
    maxima = (2, ("Maxima", "M"))
    run.expect(Crud.Showing((HANS, maxima, ROMAN, ada), 2)).answer(
        Crud.Pressed("delete", "", "", 2)
    )
    run.expect(Crud.Showing((HANS, ROMAN, ada), 0))


def test_crud_filters_by_the_beginning_of_the_surname() -> None:
    run = Transcript(crud)
    run.expect(Crud.Showing((HANS, MAX, ROMAN), 0)).answer(Crud.Picked(2))
    run.expect(Crud.Showing((HANS, MAX, ROMAN), 2)).answer(Crud.Filtered("TI"))
    run.expect(Crud.Showing((ROMAN,), 0)).answer(Crud.Filtered("hans"))
    run.expect(Crud.Showing((), 0)).answer(Crud.Filtered(""))
    run.expect(Crud.Showing((HANS, MAX, ROMAN), 2))


@pytest.mark.parametrize("action", ["update", "delete"])
def test_crud_does_nothing_to_nobody(action: str) -> None:
    run = Transcript(crud)
    everybody = Crud.Showing((HANS, MAX, ROMAN), 0)
    run.expect(everybody).answer(Crud.Pressed(action, "A", "B"))  # type: ignore[arg-type]
    run.expect(everybody).answer(Crud.Pressed(action, "A", "B", 77))  # type: ignore[arg-type]
    run.expect(everybody)


def test_crud_takes_update_and_delete_from_nobody_on_the_page() -> None:
    nobody = shown(CrudView(), Crud, Crud.Showing((HANS, MAX), 0))
    somebody = shown(CrudView(), Crud, Crud.Showing((HANS, MAX), 2))
    assert nobody.count("disabled") == 2
    assert somebody.count("disabled") == 0
    assert 'value="Mustermann"' in somebody
