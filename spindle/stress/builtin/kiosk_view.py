"""What a visitor of the kiosk sees, and may do."""

from __future__ import annotations

from spindle.stress.builtin.kiosk import Kiosk
from spindle.view import Markup, View, click, fields, on, submit

__all__ = ["KioskView"]

Counter = Kiosk.Counter
Screen = Kiosk.Screen

MOST: int = 20
"""How many lines of what was served are kept on show."""


class KioskView(View):
    """Shows what was served, and the form and the buttons of whatever is asked."""

    served: tuple[int, ...] = ()
    shown: int = 0
    sure: Counter.AskSure | None = None

    @on(Counter.Next)
    def next(self, ask: Counter.Next) -> None:
        """Wait for a visitor."""
        self.sure = None

    @on(Counter.AskSure)
    def ask_sure(self, ask: Counter.AskSure) -> None:
        """Ask back."""
        self.sure = ask

    @on(Counter.Served)
    def was_served(self, message: Counter.Served) -> None:
        """Add a line."""
        self.served = (*self.served[-MOST:], message.number)

    @on(Screen.Looking)
    def looking(self, ask: Screen.Looking) -> None:
        """Nothing of it is seen."""

    @on(Screen.Shows)
    def shows(self, message: Screen.Shows) -> None:
        """Show the newest."""
        self.shown = message.number

    def render(self) -> Markup:
        """Render everything."""
        lines = Markup().join(Markup("<li>No. {}</li>").format(each) for each in self.served)
        return Markup("<h1>{}</h1><ul>{}</ul>{}<button {}>Refresh</button>").format(
            self.shown, lines, self._form(), click(Screen.Refreshed())
        )

    def _form(self) -> Markup:
        ticket = Markup("<form {}><input {f.control}></form>").format(
            submit(Counter.Ticket), f=self.field(fields(Counter.Ticket).number)
        )
        if self.sure is None:
            return ticket
        sure = click(Counter.Sure(), to=self.sure)
        return Markup("{}<button {}>No. {}, really</button>").format(ticket, sure, self.sure.number)
