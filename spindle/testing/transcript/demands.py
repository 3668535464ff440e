"""What a transcript demands: it is looked for in the conversation, or the test fails."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from spindle._core.errors import Deadlock, StillRunning, UnexpectedEvent, hides_frames
from spindle._core.names import call_shown, name_of, shown
from spindle._core.states import Cancelled, Completed, Errored
from spindle.testing.calls import demanded
from spindle.testing.refused import look_at, told, unseen_by
from spindle.testing.transcript.conversation import Diff
from spindle.testing.transcript.failures import (
    hint,
    of_call,
    of_end,
    of_fork,
    of_notifies,
    of_put,
    of_question,
    of_unseen,
    was,
)
from spindle.testing.transcript.slips import check_not_given

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spindle._core.messages import Ask, Notify
    from spindle._core.operations.cell import Cell
    from spindle._core.source import Source
    from spindle.testing.transcript.driver import OpenCall, TranscriptDriver

__all__ = ["Demands"]

__tracebackhide__ = hides_frames


class Demands:
    """Looks at what a driver has come to. What is found is noted as seen by the test."""

    def __init__(self, driver: TranscriptDriver) -> None:
        self.driver = driver
        self.said = driver.conversation

    # --- what is asked and called ---------------------------------------------------------------

    def asked(self, ask: Ask) -> Source:
        """Where this is asked."""
        places = {self.said.place_of(w.source): w for w in self.driver.asked() if w.ask == ask}
        place = self._next_of(places)
        if place is not None:
            return places[place].source
        return self.fail(f"{shown(ask)} to be asked", of_question(self.driver, ask))

    def answer(self, source: Source, ask: Ask, event: object) -> None:
        """Answer what was asked there, if it still is."""
        wait = self.driver.waits_at(source)
        if wait is None:
            self.fail(f"{shown(ask)} to be still unanswered", Diff())
        self.go_on(partial(self.driver.answer, wait, event))

    def called(
        self,
        caller: str,
        method: Callable[..., Any],
        args: tuple[object, ...],
        keywords: Mapping[str, object],
    ) -> OpenCall:
        """The oldest call in flight of this method; any arguments will do if there are none."""
        some = bool(args or keywords)
        arguments = demanded(caller, method, args, keywords) if some else None
        places = {
            call.place: call
            for call in self.driver.open.values()
            if call.is_of(method) and arguments in (None, call.arguments)
        }
        place = self._next_of(places)
        if place is not None:
            return places[place]
        but = was(self.driver)
        if any(call.is_of(method) for call in self.driver.open.values()):
            but += (
                f"\n{name_of(method)} is called with other arguments: what differs is marked with ?"
            )
        else:
            check_not_given(method, self.driver.given)
            but += hint(self.driver)
        text = call_shown(name_of(method), args, keywords) if some else name_of(method)
        return self.fail(f"{text} to be called", of_call(self.driver, method, arguments, text), but)

    def end_call(self, call: OpenCall, value: object, error: Exception | None) -> None:
        """Say what comes of a call, if it is still in flight."""
        if self.driver.open.get(call.record) is not call:
            text = call_shown(call.call.name, call.call.args, call.call.keywords)
            self.fail(f"{text} to be still in flight", Diff())
        self.go_on(partial(self.driver.end_call, call, value, error))

    def _next_of(self, places: Iterable[int]) -> int | None:
        """The oldest that was not demanded before, or else the oldest; it is from now on."""
        place = next((each for each in places if each not in self.said.seen), None)
        if place is None:
            place = next(iter(places), None)
        if place is not None:
            self.said.seen.add(place)
        return place

    # --- what is said and done ------------------------------------------------------------------

    def notified(self, notifies: tuple[Notify, ...]) -> None:
        """Just these were the news of the last step."""
        came = self.said.notified()
        if tuple(notify for _, notify in came) != notifies:
            but = f"it was told {shown([notify for _, notify in came])}"
            what = f"the view to be told {shown(list(notifies))}"
            self.fail(what, of_notifies(self.said, notifies), but)
        self.said.seen.update(at for at, _ in came)

    def forked(
        self, source: Source, fn: Callable[..., object] | None, args: tuple[object, ...]
    ) -> None:
        """It was forked, and that was not demanded before; with any function if there is none."""
        for at, start in self.said.started():
            same = fn is None or (start.function, start.args) == (name_of(fn), args)
            if same and start.source == source and at not in self.said.seen:
                self.said.seen.add(at)
                return
        how = "" if fn is None else f" as {call_shown(name_of(fn), args, {})}"
        diff = of_fork(self.said, source, f"started{how}", None if fn is None else args)
        self.fail(f"{name_of(source.block)} to be forked{how}", diff, "it was not")

    def put(self, cell: Cell[Any], value: object) -> None:
        """It was put into the cell, next after what was demanded before."""
        puts = [(at, came) for at, came in self.said.puts(cell) if at not in self.said.seen]
        if puts and puts[0][1] == value:
            self.said.seen.add(puts[0][0])
            return
        but = f"{shown(puts[0][1])} was" if puts else "nothing was"
        text = f"{shown(value)} to be put into {cell.name}"
        self.fail(text, of_put(self.said, cell, value), but)

    # --- the end --------------------------------------------------------------------------------

    def completed(self) -> Any:
        """It has returned; what."""
        outcome = self.driver.record.outcome
        if not isinstance(outcome, Completed):
            self.fail("it to have returned", of_end(self.driver, "-> completed"))
        self.see_end()
        return outcome.value

    def returned(self, value: object) -> None:
        """It has returned this."""
        outcome = self.driver.record.outcome
        if not (isinstance(outcome, Completed) and outcome.value == value):
            came = (outcome.value,) if isinstance(outcome, Completed) else ()
            diff = of_end(self.driver, f"-> completed: {shown(value)}", value, came)
            self.fail(f"it to have returned {shown(value)}", diff)
        self.see_end()

    def raised(self, kind: type[Exception], match: str) -> Exception:
        """It has failed with such an error; which."""
        outcome = self.driver.record.outcome
        error = outcome.error if isinstance(outcome, Errored) else None
        if isinstance(error, kind) and re.search(match, str(error)):
            self.see_end()
            return look_at(error)
        what = name_of(kind) + (f" with {match!r} in its text" if match else "")
        return self.fail(f"it to have raised {what}", of_end(self.driver, f"-> failed: {what}"))

    def cancelled(self, reason: str | None) -> None:
        """It was cancelled, for this reason if there is one."""
        outcome = self.driver.record.outcome
        if not (isinstance(outcome, Cancelled) and reason in (None, outcome.reason)):
            because = f": {reason}" if reason else ""
            diff = of_end(self.driver, f"-> cancelled{because}")
            self.fail(f"it to have been cancelled{because}", diff)
        self.see_end()

    def see_end(self) -> None:
        """The test has looked at how it ended, if it has."""
        end = self.said.end_of(self.driver.record.source)
        if end is not None:
            self.said.seen.add(end)

    def nothing_more(self) -> None:
        """The test has looked at all that it has to."""
        refused = unseen_by(self.driver.given.values())
        unseen = self.said.unseen(self.said.end_of(self.driver.record.source), refused)
        if unseen or refused:
            what = "nothing but what the test has looked at"
            but = f"there was more, marked with +{hint(self.driver)}"
            if refused:
                but = "\n".join([but, told(refused)])
            self.fail(what, of_unseen(unseen), but)

    # --- failing --------------------------------------------------------------------------------

    def go_on(self, step: Callable[[], None]) -> None:
        """Take a step."""
        try:
            step()
        except (UnexpectedEvent, Deadlock, StillRunning) as error:
            raise AssertionError(f"{error}\n\n{self.said.told()}") from None

    def fail(self, expected: str, diff: Diff, but: str = "") -> NoReturn:
        """Fail the test."""
        outcome = self.driver.record.outcome
        cause = look_at(outcome.error) if isinstance(outcome, Errored) else None
        raise AssertionError(
            f"expected {expected}, but {but or was(self.driver) + hint(self.driver)}\n\n"
            f"{self.said.diff(diff)}"
        ) from cause
