"""What is public: listed here once more, so that a name comes and goes on purpose only."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import get_overloads

import pytest

PUBLIC = {
    "spindle": """
        Abandoned Ask AsyncCoroutine Branch Cancelled Cell CellEmpty Change Changes Channel
        ChannelClosed ChannelStatistics Completed Contract ContractError Coroutine Deadlock
        DecodeError Delivery Description ESCALATE Errored Escalate Event ForeignAwait Handle
        Journal LimitReached Message NotOwner NotProvided Notified Notify Operation Origin
        OutcomeUnknown OutsideSpindle Overrunner PageClosed PageClosing PageHost PageLimits
        PageMachine Policy Port REPORT Receipt Report Restart RestartsSpent Sent Settlement
        Snapshot Source Spindle SpindleError SpindleIsLive StillRunning Suspended TooSlow
        UnexpectedEvent UsageError WasCancelled When Withdrawn WrongBlock Yield Yielded
        await_all await_any cancel_reason cleanup describe fiber fork map_fibers now once
        open_coroutine open_host open_page perform random_float read scope sleep timeout
        unique_id use write
    """,
    "spindle.stress": """
        PageLoad SiteLoad
    """,
    "spindle.testing": """
        Expectation Fake HandPage Recording Script Transcript
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


# What an `async def` is to the checkers: only the third of them is the program's.
ASYNC = re.compile(r"\b(Coroutine|Coro)\[Any, Any, ")


def signatures(name: str, value: object) -> Iterator[tuple[str, object]]:
    """The public functions of a module's name, and what each of them is annotated with."""
    members = [(name, value)]
    if isinstance(value, type):
        public = [each for each in vars(value) if not each.startswith("_") or each == "__init__"]
        members = [(f"{name}.{each}", vars(value)[each]) for each in public]
        for attribute, what in inspect.get_annotations(value).items():
            if not attribute.startswith("_"):
                yield f"{name}.{attribute}", what
    for label, member in members:
        member = member.fget if isinstance(member, property) else member
        member = getattr(member, "__func__", member)
        if not inspect.isfunction(member) or not member.__module__.startswith("spindle"):
            continue
        for function in get_overloads(member) or [inspect.unwrap(member)]:
            for parameter, what in inspect.get_annotations(function).items():
                yield f"{label}({parameter})", what


@pytest.mark.parametrize("module", PUBLIC)
def test_C6_no_public_signature_says_any(module: str) -> None:
    public = import_module(module)
    seen = [
        (label, str(what))
        for name in public.__all__
        for label, what in signatures(name, getattr(public, name))
    ]
    assert [
        (label, what) for label, what in seen if re.search(r"\bAny\b", ASYNC.sub("", what))
    ] == []
    assert len(seen) > len(public.__all__), "it does look at them"
