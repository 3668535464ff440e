"""The application, from its first question to the receipt."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from examples.passport.contract import Application, Passport, Receipt
from examples.passport.form import Form
from examples.passport.ports import Office
from spindle import OutcomeUnknown, mark, use

__all__ = ["apply", "send", "what_is_wrong"]


async def apply(form: Form) -> Receipt:
    """Ask what is open in a form, show it, and send it off.

    Each turn asks one question, and what is known then is in the form.
    """
    office = await use(Office)
    while True:
        await mark(form)
        match form.step:
            case "name":
                form = form.answered(name=(await Passport.AskName(form)).name.strip())
            case "born":
                match await Passport.AskBirth(form):
                    case Passport.BirthGiven(born):
                        wrong = what_is_wrong(born, await office.today())
                        form = form.refused(wrong, born=born) if wrong else form.answered(born=born)
                    case Passport.Back():
                        form = form.back()
            case "height":
                match await Passport.AskHeight(form):
                    case Passport.HeightGiven(height):
                        form = form.answered(height=height)
                    case Passport.Back():
                        form = form.back()
            case "before":
                match await Passport.AskBefore(form):
                    case Passport.BeforeGiven(before):
                        form = form.answered(before=before)
                    case Passport.Back():
                        form = form.back()
            case "old":
                match await Passport.AskOld(form):
                    case Passport.OldGiven(number):
                        old = number.strip().upper()
                        if await office.issued(old):
                            form = form.answered(old=old)
                        else:
                            form = form.refused(f"There is no passport {old}.", old=old)
                    case Passport.Back():
                        form = form.back()
            case "speed":
                match await Passport.AskSpeed(form, await office.offers()):
                    case Passport.SpeedGiven(speed):
                        form = form.answered(speed=speed)
                    case Passport.Back():
                        form = form.back()
            case "review":
                offer = next(o for o in await office.offers() if o.speed == form.speed)
                match await Passport.Review(form, offer):
                    case Passport.Sent():
                        sent = await send(form, offer.price)
                        if isinstance(sent, Receipt):
                            return sent
                        form = form.refused(sent)
                    case Passport.Change(question):
                        form = form.again(question)
                    case Passport.Back():
                        form = form.back()


def what_is_wrong(born: date, today: date) -> str:
    """Say what is wrong with a day of birth, if something is."""
    if born > today:
        return "This day is still to come."
    if born.year < today.year - 125:
        return "Is this the right year?"
    return ""


async def send(form: Form, price: int) -> Receipt | str:
    """Send a form off; answers what is wrong if the office has not taken it."""
    office, application = await use(Office), Application(replace(form, problem=""), price)
    try:
        taken = await office.submit(application)
    except OutcomeUnknown:  # it was on its way when the server stopped
        arrived = await office.received(application)
        return arrived or "Your application did not arrive. Please send it once more."
    return taken or "The price has changed. Please look at it once more."
