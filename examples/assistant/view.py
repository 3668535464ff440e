"""What a visitor sees: what was said so far, and what may be said now."""

from __future__ import annotations

from typing import Literal

import msgspec

from examples.assistant.contract import Chat
from examples.assistant.talk import Ticket
from spindle.view import (
    Markup,
    Refused,
    View,
    click,
    fields,
    on,
    on_error,
    on_refused,
    on_withdrawn,
    pressed,
    submit,
)

__all__ = ["AssistantView"]


class Line(msgspec.Struct, frozen=True):
    """One line of the conversation."""

    by: Literal["visitor", "assistant", "ticket", "problem"]
    text: str


class AssistantView(View):
    """The conversation so far."""

    title: str = "Train desk"
    lines: tuple[Line, ...] = ()
    running: bool = False
    listening: Chat.Listening | None = None
    question: Chat.AskWhich | Chat.AskApproval | None = None
    hours: int = 0

    @on(Chat.Listening)
    def listens(self, ask: Chat.Listening) -> None:
        """Let the visitor say something."""
        self.listening = ask

    @on(Chat.Heard)
    def heard(self, message: Chat.Heard) -> None:
        """Show what the visitor has said; an answer follows."""
        self._add(Line("visitor", message.text), Line("assistant", ""))
        self.running, self.question = True, None

    @on(Chat.Wrote)
    def wrote(self, message: Chat.Wrote) -> None:
        """Show the next piece of the answer."""
        *others, last = self.lines
        if last.by == "assistant":
            self.lines = (*others, msgspec.structs.replace(last, text=last.text + message.text))
        else:
            self._add(Line("assistant", message.text))

    @on(Chat.AskWhich)
    def ask_which(self, ask: Chat.AskWhich) -> None:
        """Show what there is to choose from."""
        self.question = ask

    @on(Chat.AskApproval)
    def ask_approval(self, ask: Chat.AskApproval) -> None:
        """Show what is to be approved."""
        self.question, self.hours = ask, 0

    @on_withdrawn(Chat.AskWhich)
    def not_asked(self, ask: Chat.AskWhich) -> None:
        """Show no question that nobody waits for."""
        self.question = None

    @on_withdrawn(Chat.AskApproval)
    def not_waited_for(self, ask: Chat.AskApproval) -> None:
        """Show no question that nobody waits for."""
        self.question = None

    @on(Chat.Reminded)
    def reminded(self, message: Chat.Reminded) -> None:
        """Show how long the approval is missing."""
        self.hours = message.hours

    @on(Chat.Bought)
    def bought(self, message: Chat.Bought) -> None:
        """Show the ticket."""
        self._add(Line("ticket", _on_ticket(message.ticket)))

    @on(Chat.Ended)
    def ended(self, message: Chat.Ended) -> None:
        """Show that nothing more comes, and why, if the answer was cut."""
        self.running = False
        self._add(*([Line("problem", message.problem)] if message.problem else []))

    @on_refused(Chat.Asked)
    def not_sent(self, refused: Refused) -> None:
        """Say nothing above the conversation: what is wrong stands beside the field."""

    @on_error(Chat)
    def failed(self, error: Exception) -> None:
        """Show that it is over, but not why."""
        self.listening, self.running = None, False
        self._add(Line("problem", "Something went wrong. Load the page anew."))

    def render(self) -> Markup:
        """Render the conversation, and the form below it."""
        return Markup(
            '<main><h1 tabindex="-1">Train desk</h1>'
            '<div class="talk" tabindex="0" role="log" aria-label="Conversation"{busy}>'
            "<div>{lines}{question}</div></div>{form}</main>"
        ).format(
            busy=Markup(' aria-busy="true"') if self.running and not self.question else "",
            lines=Markup().join(map(_line, self.lines)) if self.lines else _WELCOME,
            question=self._question(),
            form=self._form(),
        )

    def _add(self, *lines: Line) -> None:
        """Add to the conversation; an answer of which nothing has come yet gives way."""
        self.lines = (*(line for line in self.lines if line.text), *lines)

    def _question(self) -> Markup:
        match self.question:
            case Chat.AskWhich() as ask:
                return _choice(ask)
            case Chat.AskApproval() as ask:
                return _approval(ask, self.hours)
            case None:
                return Markup()

    def _form(self) -> Markup:
        if self.listening is None:
            return Markup()
        stop = Markup('<button type="button" class="stop" {}>Stop</button>').format(
            click(Chat.Stopped())
        )
        return Markup(
            '<form {sends} novalidate autocomplete="off"><div class="caption">'
            "<label {field.label}>Your message</label>{field.message}{stop}</div>"
            '<div class="entry"><input {field.control} {escape} autofocus>'
            "<button>Send</button></div></form>"
        ).format(
            sends=submit(Chat.Asked, reset=True),
            field=self.field(fields(Chat.Asked).text),
            stop=stop if self.running else "",
            escape=pressed("Escape", Chat.Stopped()),
        )


_WELCOME = Markup(
    '<p class="by-assistant"><span class="who">Assistant:</span> Hello! Where would you like to go '
    "tomorrow morning?</p>"
)

_WHO = {"visitor": "You:", "assistant": "Assistant:", "ticket": "Ticket:", "problem": "Note:"}


def _line(line: Line) -> Markup:
    text = line.text or Markup('<span class="writing">...</span>')
    return Markup('<p class="by-{line.by}"><span class="who">{who}</span> {text}</p>').format(
        line=line, who=_WHO[line.by], text=text
    )


def _choice(ask: Chat.AskWhich) -> Markup:
    trains = (
        Markup(
            "<li><button {sends}><span>{train.leaves}</span> <span>{train.number}</span> "
            "<span>{price}</span></button></li>"
        ).format(
            sends=click(Chat.Chosen(train.number), to=ask), train=train, price=_euros(train.price)
        )
        for train in ask.trains
    )
    return Markup(
        '<section class="question" aria-labelledby="question">'
        '<h2 id="question" tabindex="-1" autofocus>Which one?</h2><ul>{}</ul></section>'
    ).format(Markup().join(trains))


def _approval(ask: Chat.AskApproval, hours: int) -> Markup:
    since = f"Held for you since {hours} {'hour' if hours == 1 else 'hours'}, for 8 at most."
    return Markup(
        '<section class="question" aria-labelledby="question">'
        '<h2 id="question" tabindex="-1" autofocus>Buy this ticket for {price}?</h2>'
        "<p>{train.number} to {train.to}, {train.leaves}, seat {seat}</p>"
        '<p class="hint">{waiting}</p>'
        '<p class="row"><button {yes}>Yes, buy it</button>'
        '<button class="no" {no}>No, leave it</button></p></section>'
    ).format(
        price=_euros(ask.seat.train.price),
        train=ask.seat.train,
        seat=ask.seat.number,
        waiting=since if hours else "Take your time: the seat is held for 8 hours.",
        yes=click(Chat.Decided(yes=True), to=ask),
        no=click(Chat.Decided(yes=False), to=ask),
    )


def _on_ticket(ticket: Ticket) -> str:
    train = ticket.seat.train
    return (
        f"{train.number} to {train.to}, tomorrow at {train.leaves}, seat {ticket.seat.number}. "
        f"Number {ticket.number}, {_euros(train.price)} paid."
    )


def _euros(cents: int) -> str:
    return f"€{cents // 100}.{cents % 100:02}"
