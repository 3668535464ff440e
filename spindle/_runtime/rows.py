"""What a page needs only while it is at work: a row of who runs next, and a list of what is said.

Together they would be a fifth of what an idle hosted page takes. So a page at rest has neither, and
borrows them when it has work.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from spindle._core.kernel.state import NOBODY, NOTHING

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.kernel.state import Said

__all__ = ["SPARE", "lend", "take_back"]

SPARE: Final[list[tuple[deque[Record], list[Said]]]] = []
SPARES: Final = 64
"""How many are kept at most; of hosted pages more are at work at a time only when nested."""


def lend(kernel: Kernel) -> None:
    """Let a page that is at rest begin to work."""
    try:
        kernel.ready, kernel.out = SPARE.pop()
    except IndexError:  # asked for, not looked for before: another thread may take the last one
        kernel.ready, kernel.out = deque(), []


def take_back(kernel: Kernel) -> None:
    """Let a page be at rest that has nobody in its row and nothing to say.

    It may be so already: what it passes on when its work is done may give it work once more, within
    that, as a handler of the log does which cancels the page that is reported.
    """
    if kernel.ready is NOBODY:
        return
    if len(SPARE) < SPARES:
        SPARE.append((kernel.ready, kernel.out))
    kernel.ready, kernel.out = NOBODY, NOTHING
