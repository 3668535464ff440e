"""How a page comes by its name, and by whoever follows it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from spindle._core.kernel.watch import Watch
from spindle._core.tracer import TracedPage
from spindle._runtime.life_log import LIFE, LIFE_LOG
from spindle._runtime.report import report

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.tracer import Tracer

__all__ = ["follow"]


def follow(kernel: Kernel, contract: str, name: str, tracer: Tracer | None) -> None:
    """Let a page that was just opened be followed, if anybody wants to.

    Args:
        kernel: of the page.
        contract: the name of its contract.
        name: of the page; its contract and a number if it is empty.
        tracer: who wants to, beside the log.
    """
    kernel.contract = contract
    if name:
        kernel.name = name
    logs = LIFE.isEnabledFor(logging.INFO)
    if tracer is not None or logs:
        page = TracedPage(kernel.name, contract)
        tracers = () if tracer is None else (tracer,)
        Watch(kernel, page, tracers, (LIFE_LOG,) if logs else (), report)
