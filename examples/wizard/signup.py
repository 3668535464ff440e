"""The conversation: what it asks and tells, and the coroutine that holds it."""

from __future__ import annotations

import msgspec

from spindle import Event, Port, Spindle, Yield, cleanup, once, use, write

__all__ = ["Account", "Accounts", "Book", "SignUp", "sign_up"]


class Account(msgspec.Struct, frozen=True):
    """Somebody who has signed up."""

    name: str
    email: str


class SignUp(Spindle[Account | None]):
    """Makes an account; None if the visitor thinks better of it.

    A block alone, not part of any contract: whoever asks its questions, at a terminal or on a page,
    answers them with these events.
    """

    class NameGiven(Event):
        """The name somebody would like to have."""

        name: str

    class EmailGiven(Event):
        """The address somebody can be reached at."""

        email: str

    class Decided(Event):
        """Whether it shall be done."""

        yes: bool

    class AskName(Yield[NameGiven]):
        """Under which name? Asked again, it has what was given before and what is wrong with it."""

        given: str = ""
        problem: str = ""

    class AskEmail(Yield[EmailGiven]):
        """At which address?"""

        name: str
        given: str = ""
        problem: str = ""

    class Confirm(Yield[Decided]):
        """Shall it be done?"""

        name: str
        email: str


class Accounts(Port):
    """What a sign-up needs of whoever keeps the accounts."""

    @write
    async def reserve(self, name: str) -> bool:
        """Keep a name for this visitor; answers whether it was free."""

    @write
    async def release(self, name: str) -> None:
        """Let others have a name that was kept, unless there is an account of it."""

    @once
    async def create(self, account: Account) -> None:
        """Make the account of a name that was kept."""


async def sign_up() -> Account | None:
    """Ask for a name and an address, keep the name while asking, and make the account.

    However it ends without an account (no, a closed tab, Ctrl-C), others may have the name.
    """
    accounts = await use(Accounts)
    name = (await SignUp.AskName()).name.strip()
    while not name or not await accounts.reserve(name):
        problem = f"{name} is taken." if name else "A name has at least one letter."
        name = (await SignUp.AskName(name, problem)).name.strip()
    account = None
    try:
        email = (await SignUp.AskEmail(name)).email.strip()
        while "@" not in email:
            ask = SignUp.AskEmail(name, email, "An address has an @ in it.")
            email = (await ask).email.strip()
        if (await SignUp.Confirm(name, email)).yes:
            made = Account(name, email)
            await accounts.create(made)
            account = made
        return account
    finally:
        if account is None:
            async with cleanup(seconds=2):
                await accounts.release(name)


class Book(Accounts):
    """Accounts that are kept as long as the program runs."""

    def __init__(self) -> None:
        """Start with the names that nobody gets."""
        self.names = {"admin", "root"}
        self.accounts: list[Account] = []

    async def reserve(self, name: str) -> bool:
        """See `Accounts`."""
        if name in self.names:
            return False
        self.names.add(name)
        return True

    async def release(self, name: str) -> None:
        """See `Accounts`."""
        if all(account.name != name for account in self.accounts):
            self.names.discard(name)

    async def create(self, account: Account) -> None:
        """See `Accounts`."""
        self.accounts.append(account)
