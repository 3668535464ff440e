"""What a run is judged by: the invariants of its pages, the checks of its scenario, its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.kernel.groups import leaves
from spindle._core.kernel.record import Outside, SpindleRecord
from spindle._core.names import shown
from spindle._core.states import Errored
from spindle.testing.laboratory.failures import failure_shown, is_failure
from spindle.testing.laboratory.invariants.table import ENDING, STANDING

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle.testing.laboratory.settings import Settings
    from spindle.testing.laboratory.trial import Check, Wishes
    from spindle.testing.laboratory.witness import Page, Witness

__all__ = ["Judge"]


class Judge:
    """Looks at one run."""

    def __init__(
        self,
        settings: Settings,
        witness: Witness,
        wishes: Wishes,
        fault: Callable[[str, str], None],
        *,
        injected: bool,
    ) -> None:
        """Prepare.

        Args:
            settings: what is allowed.
            witness: what is seen of the pages.
            wishes: what the scenario wants to be checked.
            fault: is told the name of an invariant, and what does not hold.
            injected: whether anything is done to the program.
        """
        self._settings = settings
        self._witness = witness
        self._wishes = wishes
        self._fault = fault
        self._injected = injected

    def after_a_step(self, now: float) -> None:
        """Look at what holds after every step."""
        for page in self._witness.pages:
            for name, holds in STANDING.items():
                for text in holds(page):
                    self._fault(name, text)
            if page.cancelled_at is None and page.kernel.stopping is not None:
                page.cancelled_at = now
            if page.gone_at is None and page.driver.gone:
                page.gone_at = now
        for check in self._wishes.standing:
            self._try(check, "always")

    def at_the_end(self, raised: Exception | None) -> None:
        """Look at what holds when the scenario is over, having raised that."""
        if raised is not None and not self.excuses(raised):
            self._fault("scenario", f"it raised {failure_shown(raised)}")
        for page in self._witness.pages:
            for name, holds in ENDING.items():
                for text in holds(page):
                    self._fault(name, text)
            self._look_at_failures(page)
            self._look_at_the_bound(page)
        for check in self._wishes.closing:
            self._try(check, "at-end")

    def excuses(self, error: Exception) -> bool:
        """Whether something may be raised."""
        return self._settings.is_excused(error, injected=self._injected)

    def _try(self, check: Check, name: str) -> None:
        what = getattr(check, "__qualname__", repr(check)).rpartition(".")[2]
        try:
            answer = check()
        except AssertionError as error:
            self._fault(name, f"{what} does not hold" + (f": {error}" if error.args else ""))
        except BaseException as error:  # noqa: ASYNC103 - what is no failure is raised
            if not is_failure(error):
                raise
            self._fault(name, f"{what} raised {failure_shown(error)}")
        else:
            if answer is False:
                self._fault(name, f"{what} does not hold")
            elif answer is not None and answer is not True:
                said = f"{shown(answer)}, which is neither True, False nor None"
                self._fault(name, f"{what} answers {said}: compare it, or raise AssertionError")

    def _look_at_failures(self, page: Page) -> None:
        for record in page.ended:
            if not isinstance(record, SpindleRecord) or not isinstance(record.outcome, Errored):
                continue
            if record.block is Outside:  # it is raised where somebody outside waits
                continue
            for error in leaves(record.outcome.error):
                if not isinstance(error, Exception) or not self.excuses(error):
                    self._fault("no-spindle-fails", f"{record.name} raised {failure_shown(error)}")

    def _look_at_the_bound(self, page: Page) -> None:
        bound = self._settings.bound
        if bound is None or page.cancelled_at is None or page.gone_at is None:
            return
        took = page.gone_at - page.cancelled_at
        if took > bound:
            self._fault("bound", f"a page was gone {took:g} s after its end was asked for")
