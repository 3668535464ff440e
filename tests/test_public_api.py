"""What is public: listed here once more, so that a name comes and goes on purpose only."""

from __future__ import annotations

from importlib import import_module

import pytest

PUBLIC = {
    "spindle": """
        Ask AsyncCoroutine Cancelled Completed Contract ContractError Coroutine DecodeError
        Delivery Description Errored Event ForeignAwait Handle Journal Message NotProvided Notified
        Notify Operation Origin OutsideSpindle PageClosed PageMachine Port Receipt Sent
        Settlement Source Spindle SpindleError SpindleIsLive StillRunning Suspended
        UnexpectedEvent UsageError Withdrawn WrongBlock Yield Yielded cleanup describe once
        open_coroutine open_page perform read use write
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
