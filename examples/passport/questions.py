"""How each question is asked: its words, its form, its controls."""

from __future__ import annotations

from typing import TypeAlias

from msgspec.structs import replace

from examples.passport.contract import Offer, Passport
from examples.passport.form import Form
from examples.passport.parts import SPEED, Option, back, choice, euros, text, where
from spindle.view import Field, Markup, View, fields, submit

__all__ = ["Question", "question"]

Question: TypeAlias = (
    Passport.AskName
    | Passport.AskBirth
    | Passport.AskHeight
    | Passport.AskBefore
    | Passport.AskOld
    | Passport.AskSpeed
)


def question(view: View, ask: Question) -> Markup:
    """Ask one question.

    Args:
        view: it knows what is wrong with what was typed.
        ask: the question. What the spindle has to say of the answer before is in its form.
    """
    sends, control = _asked(view, ask)
    return Markup(
        '{}<form {} novalidate>{}<p class="buttons"><button>Continue</button>{}</p></form>'
    ).format(where(ask.form), sends, control, "" if isinstance(ask, Passport.AskName) else back())


def _asked(view: View, ask: Question) -> tuple[Markup, Markup]:
    """Which event the form sends, and what is in it."""
    match ask:
        case Passport.AskName(form):
            return submit(Passport.NameGiven, to=ask), _name(view, form)
        case Passport.AskBirth(form):
            return submit(Passport.BirthGiven, to=ask), _birth(view, form)
        case Passport.AskHeight(form):
            return submit(Passport.HeightGiven, to=ask), _height(view, form)
        case Passport.AskBefore(form):
            return submit(Passport.BeforeGiven, to=ask), _before(view, form)
        case Passport.AskOld(form):
            return submit(Passport.OldGiven, to=ask), _old(view, form)
        case Passport.AskSpeed(form, offers):
            return submit(Passport.SpeedGiven, to=ask), _speed(view, form, offers)


def _name(view: View, form: Form) -> Markup:
    return text(
        "What is your name?",
        "As your birth certificate has it, all first names included.",
        view.field(fields(Passport.NameGiven).name),
        Markup('value="{}" autocomplete="name"').format(form.name),
    )


def _birth(view: View, form: Form) -> Markup:
    return text(
        "When were you born?",
        "For a child, its own day of birth.",
        _with(view.field(fields(Passport.BirthGiven).born), form),
        Markup('type="date" value="{}" autocomplete="bday"').format(form.born or ""),
    )


def _height(view: View, form: Form) -> Markup:
    return text(
        "How tall are you?",
        "In centimetres, without shoes.",
        view.field(fields(Passport.HeightGiven).height),
        Markup('value="{}" inputmode="numeric" class="short" autocomplete="off"').format(
            form.height or ""
        ),
    )


def _before(view: View, form: Form) -> Markup:
    return choice(
        "Have you had a passport before?",
        view.field(fields(Passport.BeforeGiven).before),
        (
            Option("first", "No, this is the first"),
            Option("renewal", "Yes, and I have it", "You are asked for its number."),
            Option("lost", "Yes, but it is lost"),
        ),
        form.before,
    )


def _old(view: View, form: Form) -> Markup:
    return text(
        "What is the number of your passport?",
        "A letter and eight digits, at the top of the page with your picture. "
        "Take your time to find it.",
        _with(view.field(fields(Passport.OldGiven).number), form),
        Markup('value="{}" class="short" autocomplete="off" autocapitalize="characters"').format(
            form.old
        ),
    )


def _speed(view: View, form: Form, offers: tuple[Offer, ...]) -> Markup:
    return choice(
        "How soon do you need it?",
        view.field(fields(Passport.SpeedGiven).speed),
        (
            Option(
                each.speed,
                f"{SPEED[each.speed]}, {euros(each.price)}",
                f"Ready in {each.days} days.",
            )
            for each in offers
        ),
        form.speed,
    )


def _with(field: Field, form: Form) -> Field:
    """What the spindle has to say of the answer before stands where the form's own faults do."""
    return replace(field, problem=field.problem or form.problem)
