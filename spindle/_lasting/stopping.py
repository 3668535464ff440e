"""A page that comes to its end once it is being stopped, in whatever process it is by then.

Who has stopped a page waits until all have ended or the time of grace is over, and cancels it. That
task dies with its process. So the page keeps in its log when the time is over, as a deadline of its
own which is met, waited for and woken for like any other; and it ends when nobody is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.kernel.closing import close_page
from spindle._lasting.marked import MarkedPage

if TYPE_CHECKING:
    from spindle._core.states import Cancelled

__all__ = ["StoppingPage"]


class StoppingPage(MarkedPage):
    """Needs nobody who waits for the end of its time of grace."""

    def close(self, cancelled: Cancelled, grace: float) -> None:
        """See `OnTrio`."""
        self.post(close_page, self.kernel, cancelled, self.clock() + grace)

    def flush(self) -> None:
        """See `LoggedHosted`; a page that is being stopped has ended with its last spindle."""
        super().flush()
        if self._retelling is None and not self.kernel.live:
            self._stop_now()

    def go_on(self, at: float) -> None:
        """See `LoggedHosted`; where its log does not know how much grace it has, that is over."""
        super().go_on(at)
        kernel = self.kernel
        if all(each.do != kernel.cancel_page for each in kernel.timers.heap or ()):
            self._stop_now()

    def _close(self) -> None:
        # Not before: told again, a deadline fires where it did.
        for each in self.kernel.timers.heap or ():
            each.call_off()
        super()._close()

    def _stop_now(self) -> None:
        kernel = self.kernel
        if kernel.closing is not None and kernel.stopping is None and self.leaving is None:
            self.leave(kernel.closing)
