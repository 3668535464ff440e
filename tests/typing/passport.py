"""What a checker infers of a form that is filled in question by question."""

from datetime import date
from typing import assert_type

from examples.passport.contract import Passport, Receipt
from examples.passport.form import Form, Step
from examples.passport.spindle import apply
from spindle import Completed, Coroutine, Log, Suspended
from spindle.testing import Transcript


def the_form(form: Form) -> None:
    _ = assert_type(form.step, Step)
    _ = assert_type(form.answered(name="Ada", born=date(1990, 12, 10)), Form)
    _ = form.answered(age=34)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportUnknownVariableType]
    _ = form.answered(height="168")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    _ = form.again("shoes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def by_hand(form: Form, log: Log) -> None:
    run = Transcript(apply, form)
    run.expect(Passport.AskHeight(form)).answer(Passport.HeightGiven(168))
    run.expect(Passport.AskHeight(form)).answer(Passport.Back())
    run.expect(Passport.AskName(form)).answer(
        Passport.Back()  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )
    _ = assert_type(run.result, Receipt)
    match Coroutine.resume(apply, log).run():
        case Completed(receipt):
            _ = assert_type(receipt, Receipt)
        case Suspended():
            pass
        case _:
            pass
