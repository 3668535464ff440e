"""What a visitor sends, made into events of a page; or refused, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.contracts.contract import describe
from spindle._core.decoding.decode import DecodeError, decode_event
from spindle._core.decoding.forms import decode_form
from spindle._core.settlement import Receipt, Settlement
from spindle._core.source import Source
from spindle.view.pending import NOBODY
from spindle.web.live.misfit import misfit
from spindle.web.log import log_error, logger
from spindle.web.socket.protocol import EventSent, FormSent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spindle._core.contracts.contract import Declared
    from spindle._core.messages import Event
    from spindle._runtime.page import PageMachine
    from spindle.view.pending import Pending
    from spindle.web.live.screen import Screen

__all__ = ["Intake", "Refusal", "unheard"]


class Refusal(Exception):
    """No event could be made of what was sent; the text is the reason."""


class Intake:
    """Decodes what a visitor sends to one page and resumes the page with it.

    Only names of the contract are known, only what each event declares is taken.
    """

    def __init__(self, contract: Declared, name: str) -> None:
        self._contract = contract
        self._name = name
        self._misfits: set[type[Event]] = set()
        """Events whose forms were said to have controls of other names."""

    def addressee(self, sent: EventSent | FormSent) -> Source | None:
        """Return the yield that an event names; None if no such event is known."""
        event = describe(self._contract).event_named(sent.name)
        block = None if event is None else event.__block__
        return None if block is None else Source(block, sent.instance, sent.to)

    def take(self, sent: EventSent | FormSent, machine: PageMachine, screen: Screen) -> Receipt:
        """Hand an event to the page.

        Raises:
            Refusal: it could not be decoded. The view has been told of the faults of a form.
        """
        try:
            event = self._decoded(sent)
        except DecodeError as error:
            self._refuse(error, sent, screen)
            raise Refusal(str(error)) from None
        except Exception as error:
            log_error(error, "%s: %.80r could not be decoded", self._name, sent.name)
            screen.say_wrong()
            raise Refusal("the event could not be decoded") from None
        if _is_timely(type(event), sent, machine.pending()):
            screen.acted()
            screen.accepted(type(event))
        return machine.resume(event, yield_id=sent.to, instance=sent.instance)

    def _decoded(self, sent: EventSent | FormSent) -> Event:
        if isinstance(sent, FormSent):
            return decode_form(self._contract, sent.name, sent.fields)
        return decode_event(self._contract, sent.name, bytes(sent.data))

    def _refuse(self, error: DecodeError, sent: EventSent | FormSent, screen: Screen) -> None:
        if isinstance(sent, FormSent) and error.event is not None:
            screen.acted()
            screen.refuse(error.event, error.faults)
            self._warn_of_misfit(error.event, sent, error.faults)
        else:
            # A page's own markup sends nothing of the kind: it is a fault of the view, or forged.
            logger.warning("%s: refused %.80r: %.200r", self._name, sent.name, str(error))

    def _warn_of_misfit(
        self, event: type[Event], sent: FormSent, faults: Mapping[str, str]
    ) -> None:
        said = None if event in self._misfits else misfit(event, sent.fields, faults)
        if said is not None:
            self._misfits.add(event)
            logger.warning("%s: %s", self._name, said, extra={"page": self._name})


def _is_timely(event: type[Event], sent: EventSent | FormSent, pending: Pending) -> bool:
    """Whether what the event names is still asked; one that names nothing always is timely.

    The second of a double click is not: it must not drop the message that the first one caused.
    """
    return sent.to is None or any(
        source.block is event.__block__
        and source.instance == sent.instance
        and source.yield_id == sent.to
        for source, _ in pending
    )


def unheard(
    sent: EventSent | FormSent, settlement: Settlement, *, withdrawn: bool, alone: bool
) -> bool:
    """Whether the visitor should be told that what they did had no effect.

    Not of an answer to a yield that was answered: it is the second of a double click, or the page
    has moved on and shows so.

    Args:
        sent: what they did.
        settlement: what became of it.
        withdrawn: whether the yield it names was withdrawn before anybody answered.
        alone: whether nothing else they did is still under way; of a page that is busy with the
            first click of two, the form names nobody either.
    """
    if settlement is not Settlement.REFUSED:
        return False
    return sent.to is None or withdrawn or (sent.to == NOBODY and alone)
