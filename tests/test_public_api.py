"""What is public: listed here once more, so that a name comes and goes on purpose only."""

from __future__ import annotations

from importlib import import_module

import pytest

PUBLIC = {
    "spindle": """
        Abandoned Ask AsyncCoroutine Branch Cancelled Cell CellEmpty Change Changes Channel
        ChannelClosed ChannelStatistics Completed Contract ContractError Coroutine Deadlock
        DecodeError Delivery Description ESCALATE Errored Escalate Event ForeignAwait Handle
        Journal LimitReached Message NotOwner NotProvided Notified Notify Operation Origin
        OutcomeUnknown OutsideSpindle PageClosed PageClosing PageHost PageLimits PageMachine
        Policy Port REPORT Receipt Report Restart RestartsSpent Sent Settlement Snapshot Source
        Spindle SpindleError SpindleIsLive StillRunning Suspended TooSlow UnexpectedEvent
        UsageError WasCancelled When Withdrawn WrongBlock Yield Yielded await_all await_any
        cancel_reason cleanup describe fiber fork map_fibers now once open_coroutine open_host
        open_page perform random_float read scope sleep timeout unique_id use write
    """,
    "spindle.testing": """
        Expectation Fake Recording Script Transcript
    """,
    "spindle.view": """
        Field Flash Full HTML Markup NOT_SENT Patch Refused View ViewError WENT_WRONG apply
        check_view checksum click diff fields on on_cancel on_complete on_error on_refused
        on_withdrawn pressed render_failed render_root submit typed
    """,
    "spindle.web": """
        App Limits NotFound PageDeclarationError Request ServeError open_site
    """,
}


@pytest.mark.parametrize("module", PUBLIC)
def test_what_is_public_is_listed(module: str) -> None:
    assert sorted(import_module(module).__all__) == PUBLIC[module].split()


@pytest.mark.parametrize("module", PUBLIC)
def test_what_is_public_is_there_and_documented(module: str) -> None:
    public = import_module(module)
    for name in public.__all__:
        value = getattr(public, name)
        assert not isinstance(value, type) or value.__doc__, f"{module}.{name} has no docstring"
