"""Pieces of HTML that the questions share, and answers in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from examples.passport.contract import Passport
from examples.passport.form import Before, Form, Question, Speed
from spindle.view import Field, Markup, click

__all__ = ["SPEED", "Option", "answers", "back", "choice", "day", "euros", "frame", "text", "where"]

SPEED: dict[Speed, str] = {"normal": "Normal", "express": "Express"}
BEFORE: dict[Before, str] = {"first": "None", "renewal": "To be renewed", "lost": "Lost"}
NAMES: dict[Question, str] = {
    "name": "Name",
    "born": "Day of birth",
    "height": "Height",
    "before": "Passport before",
    "old": "Its number",
    "speed": "Service",
}


class Option(msgspec.Struct, frozen=True):
    """One of several answers."""

    value: str
    label: str
    hint: str = ""


def frame(content: Markup, beside: Markup | str = "") -> Markup:
    """Put the office's sign above what a page shows."""
    return Markup(
        '<header><p>Passport office</p></header><div class="desk"><main>{}</main>{}</div>'
    ).format(content, beside)


def where(form: Form) -> Markup:
    """Show which of the questions it is, and how many there are."""
    steps = (*form.questions, "review")
    at = steps.index(form.step)
    return Markup(
        '<p class="where">Question {number} of {count}</p>'
        '<progress value="{at}" max="{count}" aria-label="Questions behind you"></progress>'
    ).format(number=at + 1, at=at, count=len(form.questions))


def text(question: str, hint: str, field: Field, attributes: Markup) -> Markup:
    """Ask for one line; the question is its label.

    Args:
        question: what is asked.
        hint: what helps to answer it.
        field: from the view.
        attributes: of the input: its type, its value, what the browser may fill in.
    """
    # With a problem, that describes the field.
    described = "" if field.problem else Markup(' aria-describedby="hint"')
    return Markup(
        '<h1 tabindex="-1"><label {field.label}>{question}</label></h1>'
        '<p class="hint" id="hint">{hint}</p>{field.message}'
        "<input {field.control} {attributes}{described} autofocus>"
    ).format(question=question, hint=hint, field=field, attributes=attributes, described=described)


def choice(question: str, field: Field, options: Iterable[Option], chosen: str | None) -> Markup:
    """Ask for one of several; the question is their legend.

    Args:
        question: what is asked.
        field: from the view.
        options: what may be answered.
        chosen: the value of the one that was answered before.
    """
    # The first of a group is the control that a message belongs to.
    controls = [field.control, Markup('name="{}"').format(field.name)]
    rows = (
        _option(each, controls[min(position, 1)], each.value == chosen)
        for position, each in enumerate(options)
    )
    return Markup('<fieldset><legend><h1 tabindex="-1">{}</h1></legend>{}{}</fieldset>').format(
        question, field.message, Markup().join(rows)
    )


def _option(option: Option, control: Markup, chosen: bool) -> Markup:
    hint = Markup(' <small class="hint">{}</small>').format(option.hint) if option.hint else ""
    return Markup(
        '<label class="option"><input type="radio" {control} value="{value}"{checked}>'
        "<span>{label}{hint}</span></label>"
    ).format(
        control=control,
        value=option.value,
        checked=Markup(" checked") if chosen else "",
        label=option.label,
        hint=hint,
    )


def back() -> Markup:
    """Offer the question before."""
    return Markup('<button type="button" class="back" {}>Back</button>').format(
        click(Passport.Back())
    )


def answers(form: Form) -> list[tuple[Question, str, str]]:
    """What was answered so far: which question, its name, and the answer in words."""
    said: dict[Question, str] = {
        "name": form.name,
        "born": day(form.born) if form.born else "",
        "height": f"{form.height} cm",
        "before": BEFORE[form.before] if form.before else "",
        "old": form.old,
        "speed": SPEED[form.speed] if form.speed else "",
    }
    return [(each, NAMES[each], said[each]) for each in form.questions if each in form.done]


def day(when: date) -> str:
    """Write a day."""
    return f"{when.day} {when:%B %Y}"


def euros(cents: int) -> str:
    """Write a price."""
    return f"€{cents // 100}.{cents % 100:02}"
