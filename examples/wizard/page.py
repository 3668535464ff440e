"""The sign-up as a page: the same coroutine, asked in a browser."""

from __future__ import annotations

from pathlib import Path

from examples.wizard.signup import Accounts, SignUp, sign_up
from examples.wizard.view import SignUpView
from spindle.web import App

__all__ = ["sign_up_page"]

STYLESHEET = Path(__file__).parents[1] / "style.css"


def sign_up_page(accounts: Accounts) -> App:
    """Make the site on which people sign up."""
    app = App(provide={Accounts: accounts})
    app.coroutine("/", sign_up, SignUp, SignUpView, title="Sign up", stylesheet=STYLESHEET)
    return app
