"""Where a log is kept: marks and changes of the code. Without one they mean nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.operations.keeping import Mark, Patched

__all__ = ["mark", "patched"]


def mark(kernel: Kernel, record: Record, operation: Mark) -> None:
    """Let the log begin here."""
    if kernel.keeper is not None:
        kernel.keeper.marked(record, operation.args)


def patched(kernel: Kernel, record: Record, operation: Patched) -> bool:
    """Whether it takes the newer branch."""
    return kernel.keeper is None or kernel.keeper.takes(record, operation.name)
