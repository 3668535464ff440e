"""The table of invariants: under which name each is reported, and when it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from spindle.testing.laboratory.invariants import ending, standing

if TYPE_CHECKING:
    from spindle.testing.laboratory.witness import Page

__all__ = ["ENDING", "STANDING"]

Invariant: TypeAlias = "Callable[[Page], Iterator[str]]"
"""Tells what does not hold."""

STANDING: Final[Mapping[str, Invariant]] = {
    "events-are-somewhere": standing.every_event_is_somewhere,
    "waits-are-registered": standing.every_wait_is_registered,
    "woken-once": standing.who_is_ready_is_in_the_row_once,
    "no-value-after-cancel": standing.nothing_is_given_to_who_is_cancelled,
    "first-reason-stands": standing.the_first_reason_stands,
    "owners-outlive-fibers": standing.owners_outlive_their_fibers,
}
"""After every step of any task."""

ENDING: Final[Mapping[str, Invariant]] = {
    "nothing-is-left": ending.nothing_is_left,
    "events-settled-once": ending.events_are_settled_once,
    "handled-means-received": ending.handled_means_received,
    "in-hand-dead-lettered": ending.events_in_hand_are_dead_lettered,
    "notifies-in-order": ending.notifies_arrive_in_order,
    "view-told-all": ending.the_view_is_told_all,
    "messages-received": ending.messages_are_received,
    "outcomes-follow-fibers": ending.outcomes_follow_those_of_fibers,
}
"""When the scenario is over."""
