"""Which cancel scopes a task is inside of: private to trio, kept in this one file.

Verified with the versions named in `alone`; another one is refused by the test of this file, not at
run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trio

__all__ = ["leave_scopes"]


def leave_scopes(task: trio.lowlevel.Task, outermost: trio.CancelScope) -> None:
    """Leave all scopes that `task`, the current one, has entered inside of `outermost`.

    For a coroutine that is never resumed: whose `with` blocks they are does not leave them. A task
    that ends inside a scope ends the program. No nursery may be open among them.
    """
    while task._cancel_status is not outermost._cancel_status:  # pyright: ignore[reportPrivateUsage]
        task._cancel_status._scope.__exit__(None, None, None)  # pyright: ignore[reportPrivateUsage]
