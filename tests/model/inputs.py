"""What is done to the model's page from outside, one input at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf

from tests.laboratory.programs import script as sc
from tests.laboratory.programs import statement as st
from tests.model.coroutine import STOPPED, Coroutine, Letter, Reason, Result
from tests.model.ending import cancel, cancel_page, cut, never_start, start
from tests.model.operations import ACCEPTS
from tests.model.page import Page
from tests.model.turns import run

__all__ = ["Model", "predict"]

MAILBOX = 64


@dataclass
class Model:
    """A page, and what those outside have in their hands."""

    page: Page = field(default_factory=Page)
    letters: list[Letter] = field(default_factory=list)
    started: list[Coroutine] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Starts that were."""
    counted: int = 0

    def apply(self, each: sc.Input, *, first: bool = True) -> None:
        """Apply one input, and let everybody run until all wait."""
        page = self.page
        let_time_pass(page, page.now)
        match each:
            case sc.Start((block, instance), program):
                key = (block, instance if first else f"s{self.count()}")
                self.start(key, program)
            case sc.Tell(key, kind, answers):
                letter = Letter(key, kind, -self.count())
                self.letters.append(letter)
                deliver(page, letter, answers)
            case sc.CancelStarted(number) if self.started:
                handle = self.started[number % len(self.started)]
                cancel(page, handle, Reason("from outside", "handle"))
            case sc.Advance(seconds):
                until = page.now + seconds
                let_time_pass(page, until)
                page.now = until
            case sc.CancelPage():
                cancel_page(page, Reason("closing time", "requested"))
            case sc.StopPage(grace):
                stop(page, grace)
            case _:
                pass
        run(page)

    def start(self, key: st.Which, program: st.Program) -> None:
        started = start(self.page, key, program)
        if isinstance(started, str):
            self.refused.append(started)
        else:
            self.started.append(started)

    def count(self) -> int:
        self.counted += 1
        return self.counted

    def leave(self) -> None:
        """End the page as leaving its block does."""
        cancel_page(self.page, Reason("the page was left", "body left"))
        run(self.page)
        let_time_pass(self.page, inf)


def predict(script: sc.Script) -> Model:
    """What must have happened when a script was played to its end."""
    model = Model()
    for burst in script.bursts:
        for position, each in enumerate(burst):
            model.apply(each, first=position == 0)
    model.leave()
    return model


# --- events ---------------------------------------------------------------------------------------


def deliver(page: Page, letter: Letter, answers: int | None) -> None:
    """Hand an event to the yield it is for, or keep or refuse it by its delivery."""
    holding = page.under(letter.key)
    # Two under a key: one is being replaced by the other.
    if page.closing or len(holding) != 1 or holding[0].code is not None:
        letter.settled = "refused"
        return
    for who, wait in page.pending(letter.key):
        assert isinstance(wait.source, st.Ask)
        if letter.kind in ACCEPTS[wait.source.kind] and answers in (None, wait.yield_id):
            who.in_hand = letter
            page.wake(who, wait, Result(str(letter)))
            return
    if answers is not None or letter.kind == "Told":
        letter.settled = "refused"
        return
    _keep(page.mailboxes.setdefault(letter.key, []), letter)


def _keep(letters: list[Letter], letter: Letter) -> None:
    older = [each for each in letters if each.kind == letter.kind == "Typed"]
    if older:
        older[0].settled = "dead-lettered"
        letters[letters.index(older[0])] = letter
    elif len(letters) < MAILBOX:
        letters.append(letter)
    else:
        letter.settled = "refused"


# --- time -----------------------------------------------------------------------------------------


def let_time_pass(page: Page, until: float) -> None:
    """Fire every deadline on the way, the oldest of an instant first, each in its own turn."""
    while True:
        deadlines = sorted(_deadlines(page), key=lambda each: each[:2])
        if not deadlines or deadlines[0][0] > until:
            break
        at, serial, who = deadlines[0]
        page.now = max(page.now, at)
        _fire(page, who, serial)
        run(page)


def _deadlines(page: Page) -> list[tuple[float, int, Coroutine]]:
    found: list[tuple[float, int, Coroutine]] = []
    for who in page.live():
        found += [(wait.deadline, wait.serial, who) for wait in who.waits if wait.deadline < inf]
        found += [
            (frame.deadline, frame.serial, who)
            for frame in who.frames
            if frame.deadline < inf and not frame.expired
        ]
    return found


def _fire(page: Page, who: Coroutine, serial: int) -> None:
    for wait in who.waits:
        if wait.serial == serial:
            page.wake(who, wait, Result())
            return
    who.frames = tuple(
        replace(frame, expired=True) if frame.serial == serial else frame for frame in who.frames
    )
    cut(page, who)


def stop(page: Page, grace: float) -> None:
    """Tell all who ask, let the time of grace pass as long as it is needed, then cancel."""
    until = page.now + grace
    page.closing = True
    for holder in page.holders():
        for each in reversed(page.under(holder.key)):
            never_start(page, each, STOPPED)
        for who, _ in page.pending(holder.key):
            page.wake(who, None, Result(thrown="PageClosing"))
    run(page)
    let_time_pass(page, until)
    if page.live():
        page.now = until
    cancel_page(page, STOPPED)
    run(page)
    let_time_pass(page, inf)
