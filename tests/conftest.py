"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from spindle.testing import Recording

CONVERSATION: pytest.StashKey[Recording] = pytest.StashKey()


@pytest.fixture
def recording(request: pytest.FixtureRequest) -> Recording:
    """A journal for `open_page` or `Coroutine`; if the test fails, the report shows what it has."""
    # Here, so that tests that use nothing of Spindle do not load it.
    from spindle.testing import Recording

    recording = request.node.stash[CONVERSATION] = Recording()
    return recording


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    recording = item.stash.get(CONVERSATION, None)
    if report.when == "call" and report.failed and recording is not None and recording.entries:
        report.sections.append(("conversation", str(recording)))
    return report
