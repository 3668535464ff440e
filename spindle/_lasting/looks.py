"""What whoever shows a lasting page has to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.contracts.contract import Declared, describe
from spindle._lasting.page import LastingPage

if TYPE_CHECKING:
    from spindle._runtime.page import PageMachine

__all__ = ["changes", "is_of", "until_calm", "until_kept", "why_left"]


def is_of(machine: PageMachine, contract: Declared) -> bool:
    """Whether a page was made with a contract."""
    return _driver_of(machine).description is describe(contract)


def changes(machine: PageMachine) -> bool:
    """Whether a call is under way on a page that changes something."""
    return _driver_of(machine).changes


async def until_calm(machine: PageMachine) -> None:
    """Wait until none is, or the page has left this process; always a checkpoint."""
    await _driver_of(machine).until_calm()


def why_left(machine: PageMachine) -> str:
    """Why a page has left this process without having ended; empty if that is not so."""
    return _driver_of(machine).left


async def until_kept(machine: PageMachine) -> None:
    """Wait until all that a page has done by now is kept; always a checkpoint.

    Raises:
        PageClosed: it has left this process before.
    """
    await _driver_of(machine).until_kept()


def _driver_of(machine: PageMachine) -> LastingPage:
    driver: object = machine._driver  # pyright: ignore[reportPrivateUsage] its host has made it
    assert isinstance(driver, LastingPage)
    return driver
