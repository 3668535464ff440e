"""Faults sown into the lane, and into the way out of it, are found."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from spindle._core import coroutine
from spindle._core.kernel import joining, lane
from tests.core.test_lane import agree, leaving, moves, programs, returning

pytestmark = [pytest.mark.search, pytest.mark.mutant]

IN_THE_LANE = [
    ("own = context.copy()", "own = context"),
    ("self.number += 1", "self.number += 2"),
    ("            if self.notified:", "            if False:"),
    ("_set_hooks(None, _close)", "pass"),
    ("block is not (self.block or block)", "False"),
    ("if block is None or", "if"),
    ("if caller.gi_yieldfrom is not None:", "if False:"),
    ("made.begun = type(raised) is not _NotBegun", "made.begun = True"),
    ("partial(context.run, self.caller.close)", "bool"),
    ("return self.caller is not None and bool(self.caller.gi_running)", "return False"),
    ("self.asked, self.heard = NOTHING, heard", "pass"),
    ("            if self.trap is NOTHING:", "            if True:"),
]
ON_THE_WAY_OUT = [
    ("record.asked = lane.number", "record.asked = 0"),
    ("record.refer(lane.block)", "pass"),
    ("page.hand.kernel.out.extend(", "list("),
    ("StopIteration(lane.outcome.value)", "StopIteration(None)"),
    ("if not self._made.begun:", "if False:"),
    ("return self._made.close()", "return None"),
    ("return self._made.trap", "raise StopIteration(None)"),
    ("            _raise(error)\n        trap", "            pass\n        trap"),
]


def mutated(module: ModuleType, code: str, fault: str, *kept: str) -> dict[str, Any]:
    """The names of a module with a fault; those of `kept` are the module's own."""
    assert module.__file__ is not None
    source = Path(module.__file__).read_text()
    assert source.count(code) == 1, code
    names: dict[str, Any] = {"__name__": module.__name__}
    exec(compile(source.replace(code, fault), module.__file__, "exec"), names)
    names.update((name, getattr(module, name)) for name in kept)
    return names


def is_found() -> bool:
    @settings(
        max_examples=2_000,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(programs, moves, returning, leaving)
    def search(program: Any, moves: Any, returns: Any, leave_at: Any) -> None:
        agree(program, moves, returns, leave_at)

    try:
        search()
    except (Exception, BaseExceptionGroup):
        return True
    return False


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("code", "fault"), IN_THE_LANE)
def test_in_the_lane(code: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = mutated(lane, code, fault, "NOTHING", "START", "Made")
    monkeypatch.setattr(coroutine, "lane_for", names["lane_for"])
    assert is_found()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("code", "fault"), ON_THE_WAY_OUT)
def test_on_the_way_out(code: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = mutated(joining, code, fault)
    monkeypatch.setattr(joining, "join", names["join"])
    monkeypatch.setattr(joining, "take_up", names["take_up"])
    assert is_found()
