"""One value of a form: what its text spells, and what a visitor is told of it."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from enum import IntEnum
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from tests.core.declared import REQUIRED
from tests.core.forms import FILL_IN, Address, Color, all_faults, read


def faults(texts: str | list[str], annotation: object, default: object = REQUIRED) -> str:
    """Return what the visitor is told of the event's one field."""
    texts = [texts] if isinstance(texts, str) else texts
    found = all_faults([("field", text) for text in texts], annotation, default)
    assert set(found) == {"field"}
    return found["field"]


class Size(IntEnum):
    SMALL = 1


UTC = datetime.UTC
ID = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (str, "", ""),
        (str, "  ", "  "),
        (str | None, " ", " "),
        (str | None, "", None),
        (int | None, " ", None),
        (int, " -7 ", -7),
        (int, "+7", 7),
        (int, "007", 7),
        (float, "1e3", 1000.0),
        (float, ".5", 0.5),
        (float, "5.", 5.0),
        (Decimal, "4.50", Decimal("4.50")),
        (Decimal, "1e400", Decimal("1e400")),
        (bool, "on", True),
        (bool, "true", True),
        (bool, "1", True),
        (bool, "off", False),
        (bool, "false", False),
        (bool, "0", False),
        (bool, "", False),
        (bool | None, "", None),
        (bool | None, "on", True),
        (Color, "red", Color.RED),
        (Color, " red ", Color.RED),
        (Size, "1", Size.SMALL),
        (Literal["a", 1, None], "1", 1),
        (Literal["a", 1, None], "", None),
        (None, "", None),
        (datetime.date, "2025-12-31", datetime.date(2025, 12, 31)),
        (datetime.time, "18:30", datetime.time(18, 30)),
        (datetime.time, "18:30:05", datetime.time(18, 30, 5)),
        (datetime.datetime, "2025-12-31T18:30", datetime.datetime(2025, 12, 31, 18, 30)),
        (datetime.datetime, "2025-12-31 18:30", datetime.datetime(2025, 12, 31, 18, 30)),
        (
            Annotated[datetime.datetime, Meta(tz=True)],
            "2025-12-31T18:30:00Z",
            datetime.datetime(2025, 12, 31, 18, 30, tzinfo=UTC),
        ),
        (datetime.timedelta, "PT1H", datetime.timedelta(hours=1)),
        (uuid.UUID, f" {ID} ", ID),
        (bytes, "aGk=", b"hi"),
        (int | str, "7", 7),
        (int | str, "seven", "seven"),
        (str | int, "7", 7),
        (Any, "7", "7"),
    ],
)
def test_C3_what_a_text_spells(annotation: object, text: str, value: object) -> None:
    found = read([("field", text)], annotation)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("annotation", "text", "said"),
    [
        (int, "", FILL_IN),
        (int, "  ", FILL_IN),
        (int, "1.0", "Enter a whole number."),
        (int, "1_000", "Enter a whole number."),
        (int, "٣", "Enter a whole number."),
        (int, "9" * 5_000, "Enter a whole number."),
        (int | None, "one", "Enter a whole number."),
        (Annotated[int, Meta(ge=1, le=9)], "10", "Enter a whole number from 1 to 9."),
        (Annotated[int, Meta(ge=1, le=9)], "one", "Enter a whole number from 1 to 9."),
        (Annotated[int, Meta(gt=0)], "0", "Enter a whole number, above 0."),
        (Annotated[float, Meta(lt=1.5)], "2", "Enter a number, below 1.5."),
        (Annotated[float, Meta(le=1e6)], "2e6", "Enter a number, at most 1e+06."),
        (
            Annotated[int, Meta(ge=0, le=9, multiple_of=3)],
            "4",
            "Enter a whole number, at least 0 and at most 9 and a multiple of 3.",
        ),
        (float, "", FILL_IN),
        (float, "nan", "Enter a number."),
        (float, "inf", "Enter a number."),
        (float, "1e999", "Enter a number."),
        (float, "0x10", "Enter a number."),
        (float, "4,50", "Enter a number."),
        (Decimal, "NaN", "Enter a number."),
        (Decimal, "1e401", "Enter a number."),
        (bool, "perhaps", "Choose yes or no."),
        (bool | None, "perhaps", "Choose yes or no."),
        (Color, "blue", "Choose one of the options."),
        (Color, "", "Choose one of the options."),
        (Literal["a", 1], "b", "Choose one of the options."),
        (datetime.date, "31.12.2025", "Enter a date."),
        (datetime.date, "2025-02-30", "Enter a date."),
        (datetime.date, "", FILL_IN),
        (datetime.time, "noon", "Enter a time."),
        (datetime.datetime, "2025-12-31", "Enter a date and time."),
        (
            Annotated[datetime.datetime, Meta(tz=True)],
            "2025-12-31T18:30",
            "Enter a date and time with its time zone.",
        ),
        (Annotated[datetime.time, Meta(tz=True)], "1", "Enter a time with its time zone."),
        (datetime.timedelta, "an hour", "Enter a duration."),
        (uuid.UUID, "7", "This value is not valid."),
        (bytes, "hi!", "This value is not valid."),
        (Annotated[str, Meta(min_length=2)], "", FILL_IN),
        (Annotated[str, Meta(min_length=2)], "a", "Enter at least 2 characters."),
        (Annotated[str, Meta(max_length=2)], "abc", "Enter at most 2 characters."),
        (Annotated[str, Meta(pattern="^[a-z]+$")], "A", "This does not have the expected form."),
        (Annotated[str, Meta(pattern="^[a-z]+$")], "", FILL_IN),
        (str, "\ud800", "Leave out characters that are not text."),
        (int | float, "", FILL_IN),
        (int | float, "x", "This value is not valid."),
        (None, "x", "This value is not valid."),
    ],
)
def test_C2_what_a_visitor_is_told(annotation: object, text: str, said: str) -> None:
    assert faults(text, annotation) == said


def test_C2_a_type_may_say_its_own_message() -> None:
    message = Meta(extra={"message": "Say how many."})
    assert faults("x", Annotated[int, message]) == "Say how many."
    assert all_faults([], Annotated[int, message]) == {"field": "Say how many."}
    assert faults("x", Annotated[int, message] | None) == "Say how many."
    assert faults("x", Annotated[int | None, message]) == "Say how many."
    assert faults("x", Annotated[int | float | None, message]) == "Say how many."
    assert all_faults([], Annotated[int | float, message]) == {"field": "Say how many."}
    assert faults("x", list[Annotated[int, message]]) == "Say how many."
    assert faults("x", Annotated[list[int], message]) == "Say how many."
    assert faults("1", Annotated[list[int], Meta(min_length=2), message]) == "Say how many."
    assert faults("1", Annotated[tuple[int, int], message]) == "Say how many."
    assert faults("x", Annotated[Annotated[int, message], Meta(extra={"other": 1})]) == (
        "Say how many."
    )
    assert faults("x", Annotated[int, Meta(extra={"message": 1})]) == "Enter a whole number."
    told = all_faults([("field.x", "1")], dict[Annotated[int, message], int])
    assert told == {"field.x": "Say how many."}
    several = Annotated[Annotated[int | bool, message] | float, Meta(extra={})]
    assert faults("x", several) == "Say how many."


def test_C2_a_field_that_was_not_posted() -> None:
    for annotation in (int, str, Color, Any, int | float, tuple[int, str], Address | int):
        if annotation == tuple[int, str]:
            assert all_faults([], annotation) == {"field": "Enter 2 values."}
        else:
            assert all_faults([], annotation) == {"field": FILL_IN}


@pytest.mark.parametrize(
    ("annotation", "default", "nothing", "blank"),
    [
        (int, 5, 5, 5),
        (str, "x", "x", ""),
        (Color, Color.RED, Color.RED, Color.RED),
        (Literal["", "a"], "a", "a", ""),
        (bool, True, False, False),
        (int | None, 5, 5, None),
        (bool | None, True, True, None),
        (Any, 5, 5, ""),
    ],
)
def test_C3_a_default_stands_for_what_was_left_alone(
    annotation: object, default: object, nothing: object, blank: object
) -> None:
    assert read([], annotation, default) == nothing
    assert read([("field", "")], annotation, default) == blank


def test_C3_an_unticked_box_says_no_whatever_the_default() -> None:
    """A browser leaves an unticked box out: the default would tick it again."""
    assert read([], bool, True) is False
    assert read([("field", "off"), ("field", "on")], bool) is True  # the hidden-input idiom


def test_C2_one_value_only() -> None:
    assert faults(["1", "2"], int) == "Enter one value only."
    assert faults(["1", "2"], int | str) == "Enter one value only."
    assert faults(["", ""], str) == "Enter one value only."
