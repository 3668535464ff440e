"""What an applicant sees: a question, what was answered so far, at last the receipt."""

from __future__ import annotations

from examples.passport.contract import Offer, Passport, Receipt
from examples.passport.form import Form
from examples.passport.parts import answers, back, day, euros, frame
from examples.passport.questions import Question, question
from spindle.view import Markup, View, click, link, on, on_complete, on_error

__all__ = ["PassportView"]


class PassportView(View):
    """Where the application is."""

    title: str = "Apply for a passport"
    now: Question | Passport.Review | Receipt | Exception | None = None

    @on(Passport.AskName)
    @on(Passport.AskBirth)
    @on(Passport.AskHeight)
    @on(Passport.AskBefore)
    @on(Passport.AskOld)
    @on(Passport.AskSpeed)
    def asked(self, ask: Question) -> None:
        """Show the question."""
        self.now = ask

    @on(Passport.Review)
    def review(self, ask: Passport.Review) -> None:
        """Show all that was answered."""
        self.now = ask

    @on_complete(Passport)
    def taken(self, receipt: Receipt) -> None:
        """Show the receipt."""
        self.now = receipt

    @on_error(Passport)
    def failed(self, error: Exception) -> None:
        """Show that it failed, but not why."""
        self.now = error

    def render(self) -> Markup:
        """Render the question, or how it ended."""
        match self.now:
            case None:
                return frame(_LOADING)
            case Passport.Review(form, offer):
                return frame(_review(form, offer))
            case Receipt() as receipt:
                return frame(_thanks(receipt))
            case Exception():
                return frame(_FAILED.format(link("/passport")))
            case ask:
                return frame(question(self, ask), _so_far(ask.form))


def _so_far(form: Form) -> Markup:
    rows = (
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, said)
        for _, name, said in answers(form)
    )
    if not form.done:
        return Markup()
    return Markup(
        '<aside aria-labelledby="so-far"><h2 id="so-far">Your answers so far</h2>'
        "<dl>{}</dl></aside>"
    ).format(Markup().join(rows))


def _review(form: Form, offer: Offer) -> Markup:
    rows = (
        Markup(
            '<div><dt>{name}</dt><dd>{said}</dd><dd class="change">'
            '<button {change} aria-label="Change: {name}">Change</button></dd></div>'
        ).format(name=name, said=said, change=click(Passport.Change(each)))
        for each, name, said in answers(form)
    )
    problem = Markup('<p class="problem" role="alert">{}</p>').format(form.problem)
    return Markup(
        '<h1 tabindex="-1">Is this right?</h1>{problem}<dl>{rows}'
        '<div class="total"><dt>Ready in {offer.days} days</dt><dd>{price}</dd></div></dl>'
        '<p class="buttons"><button {sent}>Send it for {price}</button>{back}</p>'
    ).format(
        problem=problem if form.problem else "",
        rows=Markup().join(rows),
        offer=offer,
        price=euros(offer.price),
        sent=click(Passport.Sent()),
        back=back(),
    )


def _thanks(receipt: Receipt) -> Markup:
    return Markup(
        '<h1 tabindex="-1">Thank you. Your application is with us.</h1>'
        "<dl><div><dt>Number</dt><dd>{}</dd></div><div><dt>Ready on</dt><dd>{}</dd></div></dl>"
        "<p><a {}>Apply for somebody else</a></p>"
    ).format(receipt.number, day(receipt.ready), link("/passport"))


_LOADING = Markup('<h1 tabindex="-1">One moment</h1>')
_FAILED = Markup(
    '<h1 tabindex="-1">Something went wrong</h1>'
    "<p>Please ask the office whether it has your application, or <a {}>begin again</a>.</p>"
)
