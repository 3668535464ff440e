"""What a visitor sees: one question at a time, and how it ended."""

from __future__ import annotations

import msgspec

from examples.wizard.signup import Account, SignUp
from spindle.view import Field, Markup, View, click, fields, link, on, on_complete, on_error, submit

__all__ = ["SignUpView"]

_STEPS = ("Name", "Address", "Confirm")


class SignUpView(View):
    """Where the sign-up is."""

    title: str = "Sign up"
    step: SignUp.AskName | SignUp.AskEmail | SignUp.Confirm | None = None
    account: Account | None = None
    ended: str = ""

    @on(SignUp.AskName)
    def ask_name(self, ask: SignUp.AskName) -> None:
        """Show the form for the name."""
        self.step = ask

    @on(SignUp.AskEmail)
    def ask_email(self, ask: SignUp.AskEmail) -> None:
        """Show the form for the address."""
        self.step = ask

    @on(SignUp.Confirm)
    def confirm(self, ask: SignUp.Confirm) -> None:
        """Show what will be done."""
        self.step = ask

    @on_complete(SignUp)
    def completed(self, account: Account | None) -> None:
        """Show the account, or that there is none."""
        self.account = account
        self.ended = "Nothing was signed up." if account is None else f"Welcome, {account.name}."

    @on_error(SignUp)
    def failed(self, error: Exception) -> None:
        """Show that it failed, but not why."""
        self.ended = "Something went wrong. Nothing was signed up."

    def render(self) -> Markup:
        """Render the question, or how it ended."""
        return Markup("<main>{}</main>").format(self._ended() if self.ended else self._step())

    def _step(self) -> Markup:
        match self.step:
            case None:
                return Markup('<h1 tabindex="-1">One moment</h1>')
            case SignUp.AskName(given, problem) as ask:
                name = _with(self.field(fields(SignUp.NameGiven).name), problem)
                return _question(
                    "Name",
                    "Who are you?",
                    submit(SignUp.NameGiven, to=ask),
                    _text("Your name", name, given, "nickname"),
                )
            case SignUp.AskEmail(name, given, problem) as ask:
                email = _with(self.field(fields(SignUp.EmailGiven).email), problem)
                return _question(
                    "Address",
                    f"Hello, {name}",
                    submit(SignUp.EmailGiven, to=ask),
                    _text("Your address", email, given, "email"),
                )
            case SignUp.Confirm() as ask:
                return _confirm(ask)

    def _ended(self) -> Markup:
        account = (
            Markup("<p>You can be reached at {}.</p>").format(self.account.email)
            if (self.account)
            else Markup()
        )
        return Markup('<h1 tabindex="-1">{}</h1>{}<p><a {}>Sign up somebody else</a></p>').format(
            self.ended, account, link("/")
        )


def _with(field: Field, problem: str) -> Field:
    """What the coroutine has to say of the answer before stands where the form's own faults do."""
    return msgspec.structs.replace(field, problem=field.problem or problem)


def _question(step: str, heading: str, sends: Markup, control: Markup) -> Markup:
    return Markup(
        '{}<h1 tabindex="-1">{}</h1><form {} novalidate>{}<button>Continue</button></form>'
    ).format(_steps(step), heading, sends, control)


def _text(label: str, field: Field, given: str, autocomplete: str) -> Markup:
    return Markup(
        '<label {f.label}>{label}</label><input {f.control} value="{given}" '
        'autocomplete="{autocomplete}" autofocus>{f.message}'
    ).format(f=field, label=label, given=given, autocomplete=autocomplete)


def _confirm(ask: SignUp.Confirm) -> Markup:
    return Markup(
        '{}<h1 tabindex="-1">Is this right?</h1>'
        "<dl><dt>Name</dt><dd>{ask.name}</dd><dt>Address</dt><dd>{ask.email}</dd></dl>"
        '<p class="choice"><button {yes}>Sign up</button>'
        '<button {no} class="no">No, thanks</button></p>'
    ).format(
        _steps("Confirm"),
        ask=ask,
        yes=click(SignUp.Decided(yes=True), to=ask),
        no=click(SignUp.Decided(yes=False), to=ask),
    )


def _steps(current: str) -> Markup:
    items = (
        Markup("<li{}>{}</li>").format(
            Markup(' aria-current="step"') if step == current else "", step
        )
        for step in _STEPS
    )
    return Markup('<ol class="steps" aria-label="Steps of the sign-up">{}</ol>').format(
        Markup().join(items)
    )
