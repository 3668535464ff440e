"""Spindle's pytest plugin: fixtures, and what every test that uses Spindle is checked for.

It is found by pytest where Spindle is installed, and imports nothing of Spindle, or of trio, before
a test does.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import trio.testing

    from spindle.testing.client.fixture import Headless
    from spindle.testing.hand_page import HandPage
    from spindle.testing.plugin.census import Census
    from spindle.testing.plugin.changed import Pictures
    from spindle.testing.recording import Recording

__all__ = ["hand_page", "headless", "recording", "virtual_clock"]

LOADED_BY_USE: Final = ("spindle._core.messages", "spindle._core.operations.channel")
"""Modules of which one is there if anything of Spindle can be."""

_REFUSED: Final = "spindle.testing.refused"
_RECORDING: Final[pytest.StashKey[Recording]] = pytest.StashKey()
_CENSUS: Final[pytest.StashKey[Census]] = pytest.StashKey()
_PICTURES: Final[pytest.StashKey[Pictures]] = pytest.StashKey()
_FAILED: Final = pytest.StashKey[bool]()
_WIDE: Final[pytest.StashKey[set[pytest.FixtureDef[Any]]]] = pytest.StashKey()
"""The fixtures of wider scopes that were set up."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the settings."""
    parser.addini(
        "spindle_leaks",
        "whether a test fails that leaves a page, a spindle, a channel or a watcher behind",
        type="bool",
        default=True,
    )
    parser.addini(
        "spindle_changes",
        "whether a test fails that changes a value after it was said or put into a cell",
        type="bool",
        default=True,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers",
        "spindle(leaks=True, changes=True): whether this test is checked for what it leaves "
        "behind, and for values that change after they were said or put into a cell",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """See that the marker is used as it can be.

    Raises:
        pytest.UsageError: it is not.
    """
    for item in items:
        for marker in item.iter_markers("spindle"):
            unknown = sorted(set(marker.kwargs) - {"leaks", "changes"})
            if marker.args or unknown:
                what = f"{unknown[0]}=" if unknown else "positional arguments"
                raise pytest.UsageError(
                    f"{item.nodeid}: @pytest.mark.spindle takes leaks= and changes=, not {what}"
                )


# --- fixtures -------------------------------------------------------------------------------------


@pytest.fixture
def recording(request: pytest.FixtureRequest) -> Recording:
    """A journal for a page or `Coroutine`; if the test fails, the report shows what it has."""
    from spindle.testing.recording import Recording

    node: pytest.Item = request.node
    made = node.stash[_RECORDING] = Recording()
    return made


@pytest.fixture
def hand_page(recording: Recording) -> Iterator[type[HandPage]]:
    """`HandPage`, each of which ends with the test; if it fails, the report shows what was said.

    Ending a page raises the errors of spindles whose policy is to escalate.
    """
    from spindle.testing.hand_page import HandPage

    with ExitStack() as opened:

        class Page(HandPage):
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **{"journal": recording, **options})
                opened.enter_context(self)

        Page.__name__ = Page.__qualname__ = "HandPage"
        yield Page


@pytest.fixture
def virtual_clock() -> trio.testing.MockClock:
    """A clock for a test on trio that jumps to the next deadline when nothing else can happen.

    pytest-trio runs a test on the clock that is among its fixtures.
    """
    import trio.testing

    return trio.testing.MockClock(autojump_threshold=0)


@pytest.fixture
def headless(nursery: trio.Nursery) -> Headless:
    """Opens an app for a visitor in memory, until the test ends.

    Awaited with the app, it gives a `spindle.testing.client.Client`. Needs pytest-trio and the
    extra `client`; mostly used together with `virtual_clock`.
    """
    from spindle.testing.client.fixture import headless_in

    return headless_in(nursery)


# --- checks ---------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """What a fixture of a wider scope opens may outlive the test."""
    if fixturedef.scope == "function":
        return (yield)
    request.session.stash.setdefault(_WIDE, set()).add(fixturedef)
    if not _is_used():
        return (yield)
    from spindle.testing.plugin.census import shared

    with shared():
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Begin to look, if anything of Spindle is loaded."""
    if _REFUSED in sys.modules:
        sys.modules[_REFUSED].forget()
    if _is_used():
        if _wanted(item, "leaks"):
            from spindle.testing.plugin.census import Census, count_from_now_on

            count_from_now_on()
            item.stash[_CENSUS] = Census()
        if _wanted(item, "changes"):
            from spindle.testing.plugin.changed import Pictures, take_pictures

            take_pictures()
            item.stash[_PICTURES] = Pictures()
    try:
        return (yield)
    except pytest.FixtureLookupError as error:
        if error.argname != "nursery" or not _has(item, "headless"):
            raise
    pytest.fail(NO_PYTEST_TRIO, pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Spindles that fixtures of a wider scope have started may outlive the test, too."""
    census = item.stash.get(_CENSUS, None)
    if census is not None:
        census.fixtures_are_set_up()
    result = yield
    _fail_if_refused()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """What a test raises comes out of the group that pytest-trio's nursery puts it into."""
    try:
        return (yield)
    except BaseExceptionGroup as group:
        if len(group.exceptions) != 1 or not _has(pyfuncitem, "headless", "virtual_clock"):
            raise
        error = group.exceptions[0]
    raise error


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Look at what is left, and at what looks different; not of a test that failed anyway."""
    instance: object = getattr(item, "instance", None)
    result = yield
    census = item.stash.get(_CENSUS, None)
    changed = _changed_values(item)
    if item.stash.get(_FAILED, False):
        return result
    _fail_if_refused()
    if changed:
        pytest.fail(CHANGED + "\n".join(changed), pytrace=False)
    if census is not None:
        # They would hold what the test has made.
        getattr(item, "funcargs", {}).clear()
        if _RECORDING in item.stash:
            del item.stash[_RECORDING]
        left = census.left_since(ending=[instance], lasting=list(_lasting(item)))
        if left:
            pytest.fail(LEFT + "\n".join(left), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the conversation of a test that failed, and what may be why."""
    report = yield
    if report.failed or report.skipped:
        item.stash[_FAILED] = True
    recorded = item.stash.get(_RECORDING, None)
    if report.when == "call" and report.failed and recorded is not None and recorded.entries:
        report.sections.append(("conversation", str(recorded)))
    refused = _refused() if report.failed else ""
    if refused:
        report.sections.append(("refused calls", refused))
    return report


def _fail_if_refused() -> None:
    """A call that a fake has no answer for fails the test, whatever its spindle makes of it."""
    refused = _refused()
    if refused:
        pytest.fail(refused, pytrace=False)


def _refused() -> str:
    """The calls that were refused and that nobody has looked at, which are told only once."""
    return str(sys.modules[_REFUSED].unseen()) if _REFUSED in sys.modules else ""


def _changed_values(item: pytest.Item) -> list[str]:
    """What has changed; the pictures are gone then, which hold what the census looks for."""
    if _PICTURES not in item.stash:
        return []
    changed = item.stash[_PICTURES].changed()
    del item.stash[_PICTURES]
    return changed


def _is_used() -> bool:
    return any(each in sys.modules for each in LOADED_BY_USE)


def _lasting(item: pytest.Item) -> Iterator[object]:
    """What may keep things beyond a test: its class, and fixtures of wider scopes."""
    kinds: tuple[type, ...] = getattr(getattr(item, "cls", None), "__mro__", ())
    for each in kinds:
        yield from vars(each).values()
    for fixture in item.session.stash.get(_WIDE, ()):
        yield fixture.cached_result
        yield getattr(fixture, "_finalizers", None)  # where a generator goes on


def _has(item: pytest.Item, *fixtures: str) -> bool:
    """Whether the test uses one of these."""
    return not {*fixtures}.isdisjoint(getattr(item, "fixturenames", ()))


def _wanted(item: pytest.Item, check: str) -> bool:
    wanted = bool(item.config.getini(f"spindle_{check}"))
    for marker in reversed(list(item.iter_markers("spindle"))):
        wanted = bool(marker.kwargs.get(check, wanted))
    return wanted


NO_PYTEST_TRIO: Final = (
    "the fixture 'headless' needs pytest-trio, which is not installed or not loaded: "
    "pip install 'trio-spindle[client,test]'"
)
LEFT: Final = (
    "this test left something of Spindle behind. Close pages with `with` and `async with`; what is "
    "to outlive a test belongs into a fixture of a wider scope; @pytest.mark.spindle(leaks=False) "
    "lets it pass:\n"
)
CHANGED: Final = (
    "values were changed after they were said, or put into a cell: everybody who got one sees it, "
    "and nobody is told. Make a new value instead; @pytest.mark.spindle(changes=False) lets it "
    "pass:\n"
)
