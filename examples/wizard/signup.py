"""The conversation."""

from __future__ import annotations

import msgspec

from spindle import Port, Yield, cleanup, once, use, write

__all__ = ["Account", "Accounts", "AskEmail", "AskName", "Book", "Confirm", "sign_up"]


class AskName(Yield[str]):
    """Under which name? `problem` is what was wrong with the answer before."""

    problem: str = ""


class AskEmail(Yield[str]):
    """At which address?"""

    name: str
    problem: str = ""


class Confirm(Yield[bool]):
    """Shall it be done?"""

    name: str
    email: str


class Account(msgspec.Struct, frozen=True):
    """Somebody who has signed up."""

    name: str
    email: str


class Accounts(Port):
    """What a sign-up needs of whoever keeps the accounts."""

    @write
    async def reserve(self, name: str) -> bool:
        """Keep a name for this visitor; answers whether it was free."""

    @write
    async def release(self, name: str) -> None:
        """Let others have a name that was kept."""

    @once
    async def create(self, account: Account) -> None:
        """Make the account of a name that was kept."""


async def sign_up() -> Account | None:
    """Ask for a name and an address; None if the visitor thinks better of it."""
    accounts = await use(Accounts)
    name = (await AskName()).strip()
    while not name or not await accounts.reserve(name):
        problem = f"{name} is taken." if name else "A name has at least one letter."
        name = (await AskName(problem)).strip()
    account = None
    try:
        email = await AskEmail(name)
        while "@" not in email:
            email = await AskEmail(name, "An address has an @ in it.")
        if await Confirm(name, email):
            account = Account(name, email)
            await accounts.create(account)
        return account
    finally:
        if account is None:  # the visitor said no, went away, ...
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
        self.names.discard(name)

    async def create(self, account: Account) -> None:
        """See `Accounts`."""
        self.accounts.append(account)
