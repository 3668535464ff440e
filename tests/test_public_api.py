"""What is public: listed here once more, so that a name comes and goes on purpose only."""

from __future__ import annotations

import inspect
import pickle
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from traceback import format_exception_only
from typing import Any, get_overloads, get_type_hints

import pytest

PUBLIC = {
    "spindle": """
        Abandoned Ask AsyncCoroutine Branch CallFailed Cancelled Cell CellEmpty Change Changes
        Channel ChannelClosed ChannelStatistics Completed Contract ContractError Coroutine Deadlock
        DecodeError Delivery Description DurableHost ESCALATE Errored Escalate Event ForeignAwait
        Handle Journal LimitReached Log LogCorrupt LogTooNew Message NotLoaded NotOwner NotProvided
        Notified Notify Operation Origin OutcomeUnknown OutsideSpindle Overrunner PageClosed
        PageClosing PageHost PageLimits PageMachine PageParked PageStatistics Policy Port REPORT
        Receipt ReplayMismatch Report Restart RestartsSpent Sent Settlement Snapshot Source Spindle
        SpindleError SpindleFilter SpindleIsLive StillRunning Suspended TooSlow TracedCall
        TracedPage TracedSpindle TracedYield Tracer Tree UnexpectedEvent UsageError WasCancelled
        When Withdrawn WrongBlock Yield Yielded await_all await_any call_key cancel_reason cleanup
        describe fiber forget fork many map_fibers mark now once open_coroutine open_durable_host
        open_host open_page patched perform random_float read reconciles resume_coroutine scope
        sleep timeout unique_id upcasts use within write
    """,
    "spindle.durable": """
        Busy Chain Conflict Durability Fault Fenced Frame Kept Lease MemoryStore NoSuchPage
        NotAStore PageExists PageLogCorrupt PageLogTooNew PageRecord PageStatus Snapshot SqliteStore
        Store StoreClosed StoreError StoreFailed StoreInUse StoreTooNew open_sqlite_store read_log
    """,
    "spindle.opentelemetry": """
        SpanTracer
    """,
    "spindle.sqlite": """
        exactly_once forget_calls
    """,
    "spindle.jinja": """
        Templates
    """,
    "spindle.stress": """
        PageLoad SiteLoad
    """,
    "spindle.testing.client": """
        Client ClientError ElementError NotSettled Outcome PageEnded Seen Tab VisitFailed
        open_client
    """,
    "spindle.testing.client.chromium": """
        open_browser
    """,
    "spindle.testing": """
        CallExpectation Expectation Fake HandPage Recording Script Transcript
    """,
    "spindle.testing.properties": """
        PlayedPage PlayedTest events messages play returned_by values
    """,
    "spindle.testing.stores": """
        Bench MemoryBench conformance
    """,
    "spindle.view": """
        Attributes Field Flash Full HTML Markup NOT_SENT Patch Refused View ViewError WENT_WRONG
        apply check_view checksum click diff fields link on on_cancel on_complete on_error
        on_refused on_withdrawn pointed pressed render_failed render_root submit typed
    """,
    "spindle.web": """
        App AsgiApp Limits NotFound PageDeclarationError Request Response ServeError Site Transport
        TransportClosed open_site
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


REACHED = """
    spindle._core.kernel.ledger:Ledger spindle._core.operations.fiber:FiberScope
    spindle._core.operations.scope:Cleanup
    spindle._core.operations.scope:Timeout spindle._runtime.edges:CellReceiver
    spindle._runtime.edges:ItemReceiver spindle._runtime.edges:ItemSender
    spindle._runtime.outbox:Outbox spindle._runtime.outbox:OutboxStatistics
    spindle._runtime.results:Results spindle.view.handlers:Handles
"""
"""Classes that have no public name, but whose objects a program is given."""


def everything_public() -> Iterator[tuple[str, object]]:
    for module in PUBLIC:
        for name in import_module(module).__all__:
            yield f"{module}.{name}", getattr(import_module(module), name)
    for where in REACHED.split():
        module, name = where.split(":")
        yield f"{module}.{name}", getattr(import_module(module), name)


def callables_of(label: str, value: object) -> Iterator[tuple[str, object]]:
    """The functions, methods and properties that a program may use of it, inherited ones too."""
    if inspect.isfunction(value):
        yield label, value
    if isinstance(value, type):
        for name in dir(value):
            member = inspect.getattr_static(value, name)
            function = inspect.unwrap(_function_of(member))
            ours = (getattr(function, "__module__", None) or "").startswith("spindle")
            if not name.startswith("_") and inspect.isfunction(function) and ours:
                yield f"{label}.{name}", function


def _function_of(member: Any) -> Any:
    """What is called when a method or a property is used."""
    for where in ("fget", "func", "__func__"):
        member = getattr(member, where, member)
    return member


def test_what_can_be_called_is_documented() -> None:
    found = dict(each for public in everything_public() for each in callables_of(*public))
    assert [label for label, function in found.items() if not function.__doc__] == []
    assert len(found) > 150
    for some in (
        "PageMachine.start",
        "Request.of",
        "HandPage.now",
        "View.flash",
        "Description.events",
    ):
        assert any(label.endswith(some) for label in found), some


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


def test_C6_no_public_signature_says_any() -> None:
    seen = [(label, str(what)) for each in everything_public() for label, what in signatures(*each)]
    assert [
        (label, what) for label, what in seen if re.search(r"\bAny\b", ASYNC.sub("", what))
    ] == []
    assert len(seen) > 400, "it does look at them"


def test_C6_no_alias_in_a_public_signature_hides_an_any() -> None:
    package = Path(import_module("spindle").__file__ or "").parent
    hidden = {
        line.partition(":")[0]
        for path in package.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\w+: TypeAlias = .*\bAny\b", line)
    }
    assert "Meaning" in hidden, "it does find them"
    names = re.compile(r"\b(" + "|".join(hidden) + r")\b")
    assert [
        (label, what)
        for public in everything_public()
        for label, what in signatures(*public)
        if names.search(str(what))
    ] == []


@pytest.mark.parametrize("module", ["spindle", "spindle.testing", "spindle.view", "spindle.web"])
def test_a_class_says_where_a_program_imports_it_from(module: str) -> None:
    ours = [
        value
        for name in import_module(module).__all__
        if isinstance(value := getattr(import_module(module), name), type)
        and value.__module__.startswith("spindle")
    ]
    private = [value for value in ours if value.__module__ != module]
    # Annotations are looked up in the module that a class says it is from.
    assert [value for value in private if "__annotations__" not in vars(value)] == []
    assert not any(issubclass(value, BaseException) for value in private)
    assert len(private) < len(ours)


def test_a_traceback_names_an_error_as_a_program_does() -> None:
    import spindle

    assert repr(spindle.NotProvided) == "<class 'spindle.NotProvided'>"
    assert repr(spindle.PageMachine) == "<class 'spindle.PageMachine'>"
    error = pickle.loads(pickle.dumps(spindle.NotProvided("nothing")))
    assert type(error) is spindle.NotProvided
    assert "".join(format_exception_only(error)) == "spindle.NotProvided: nothing\n"


def test_what_derives_from_a_public_class_resolves_its_annotations() -> None:
    import spindle
    from spindle.view import View

    class Asked(spindle.Event):
        number: int

    class Shown(View):
        number: int = 0

    class Failed(spindle.UsageError):
        number: int

    for kind in Asked, Shown, Failed:
        assert get_type_hints(kind)["number"] is int
