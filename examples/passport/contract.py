"""The contract: what an applicant is asked, and what may be answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from examples.passport.form import Before, Form, Question, Speed
from spindle import Contract, Event, Spindle, Yield

__all__ = ["Application", "Offer", "Passport", "Passports", "Receipt"]

Name: TypeAlias = Annotated[
    str,
    Meta(pattern=r"\S", max_length=80, extra={"message": "Enter your name."}),
]
Day: TypeAlias = Annotated[date, Meta(extra={"message": "Enter a date, such as 1990-12-31."})]
Centimetres: TypeAlias = Annotated[int, Meta(ge=40, le=260)]
Number: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^\s*[A-Za-z][0-9]{8}\s*$",
        extra={"message": "Enter a letter and eight digits, such as K12345678."},
    ),
]
ThereWas: TypeAlias = Annotated[Before, Meta(extra={"message": "Choose what is true of you."})]
Service: TypeAlias = Annotated[Speed, Meta(extra={"message": "Choose one of the two."})]


class Offer(msgspec.Struct, frozen=True):
    """How soon a passport can be ready, and what that costs, in cents."""

    speed: Speed
    days: int
    price: int


class Application(msgspec.Struct, frozen=True):
    """What is sent to the office: the form as the applicant has seen it last, and the price."""

    form: Form
    price: int


class Receipt(msgspec.Struct, frozen=True):
    """The office has it."""

    number: int
    ready: date


class Passports(Contract):
    """The page on which one applies for a passport."""

    class Passport(Spindle[Receipt]):
        """One application."""

        class NameGiven(Event):
            """The name as it shall be in the passport."""

            name: Name

        class BirthGiven(Event):
            """The day somebody was born."""

            born: Day

        class HeightGiven(Event):
            """How tall somebody is."""

            height: Centimetres

        class BeforeGiven(Event):
            """Whether there was a passport before, and where it is."""

            before: ThereWas

        class OldGiven(Event):
            """The number of the passport there was before."""

            number: Number

        class SpeedGiven(Event):
            """How soon it is needed. Carries no price: the office knows that."""

            speed: Service

        class Back(Event):
            """The question before this one, please."""

        class Change(Event):
            """That question, please."""

            question: Question

        class Sent(Event):
            """All of it is right."""

        class AskName(Yield[NameGiven]):
            """What is your name?"""

            form: Form

        class AskBirth(Yield[BirthGiven | Back]):
            """When were you born?"""

            form: Form

        class AskHeight(Yield[HeightGiven | Back]):
            """How tall are you?"""

            form: Form

        class AskBefore(Yield[BeforeGiven | Back]):
            """Have you had a passport before?"""

            form: Form

        class AskOld(Yield[OldGiven | Back]):
            """What is its number? It is in a drawer, in another room, if it is not at the bank."""

            form: Form

        class AskSpeed(Yield[SpeedGiven | Back]):
            """How soon do you need it?"""

            form: Form
            offers: tuple[Offer, ...]

        class Review(Yield[Sent | Change | Back]):
            """Is this right?"""

            form: Form
            offer: Offer


Passport = Passports.Passport
