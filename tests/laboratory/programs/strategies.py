"""Hypothesis strategies for random programs and scripts."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as hy

from tests.laboratory.programs import script as sc
from tests.laboratory.programs import statement as st

__all__ = ["programs", "scripts"]

LEFT = ("Left", None)
KEYS = hy.sampled_from([LEFT, LEFT, LEFT, ("Right", None), ("Right", None), ("Right", "x")])
SECONDS = hy.sampled_from([0.25, 0.5, 1.0, 2.0])
FEW = hy.integers(0, 5)
RARELY = hy.integers(0, 11).map(lambda drawn: drawn == 11)

ASK = hy.builds(st.Ask, hy.sampled_from(["Ask", "Take", "Read", "Listen"]), RARELY)
TAKE = hy.builds(st.Take, FEW)
CHANGE = hy.builds(st.Change, KEYS)
SLEEP = hy.builds(st.Sleep, hy.sampled_from([0, 0.25, 0.5, 1.0]))
JOIN = hy.builds(st.Join, FEW)
RACE = hy.builds(
    st.Race,
    hy.lists(ASK | TAKE | CHANGE | SLEEP | JOIN, min_size=1, max_size=3).map(tuple),
)
LATE_CALL = hy.builds(
    st.Call, hy.sampled_from(["look", "note", "pay"]), hy.sampled_from([0.25, 1.0, 7.0]), RARELY
)
QUICK_CALL = hy.builds(st.Call, hy.sampled_from(["look", "note", "pay"]), hy.none(), RARELY)

LEAVES = [
    ASK,
    ASK,
    ASK,
    RACE,
    RACE,
    RACE,
    TAKE,
    CHANGE,
    CHANGE,
    SLEEP,
    JOIN,
    hy.builds(st.Say, hy.sampled_from(["Said", "Progress"]), RARELY),
    hy.builds(st.Draw, hy.sampled_from(["now", "random_float", "unique_id", "cancel_reason"])),
    hy.builds(st.CancelHandle, FEW),
    hy.builds(st.AwaitAll, hy.lists(FEW, min_size=1, max_size=3).map(tuple)),
    hy.builds(st.Send, KEYS),
    hy.builds(st.Send, KEYS),
    hy.builds(st.Get, KEYS, hy.booleans()),
    hy.builds(st.Watch, KEYS),
    hy.builds(st.Put, FEW),
    hy.builds(st.Put, FEW),
    hy.builds(st.Close, FEW),
    hy.builds(st.Fail, FEW),
    hy.builds(st.Raise),
]
POLICY = hy.sampled_from(
    ["report", "report", "report", "report", "permanent", "transient", "patient", "escalate"]
)


def _bodies(statements: Any, least: int = 0) -> Any:
    return hy.lists(statements, min_size=least, max_size=5).map(tuple)


def _programs(statements: Any) -> Any:
    return hy.builds(st.Program, _bodies(statements, 2), hy.sampled_from([True, True, False]))


def _nested(inner: Any) -> Any:
    body = _bodies(inner, 1)
    return hy.one_of(
        hy.builds(st.Fork, KEYS, _programs(inner), hy.booleans(), POLICY, RARELY),
        hy.builds(st.Fiber, body),
        hy.builds(st.Fiber, body),
        hy.builds(st.Map, hy.lists(body, max_size=4).map(tuple), hy.integers(1, 3)),
        hy.builds(st.Scope, body),
        hy.builds(st.Timeout, SECONDS, body),
        hy.builds(st.Cleanup, SECONDS, body),
        hy.builds(st.Catch, body),
        hy.builds(st.Swallow, body),
        hy.builds(st.Finally, body, body),
    )


def _statements(call: Any) -> Any:
    leaf = hy.one_of(*LEAVES) if call is None else hy.one_of(*LEAVES, call, call)
    one = leaf | _nested(leaf)
    return leaf | _nested(one) | _nested(one | _nested(one))


STATEMENTS = {
    "none": _statements(None),
    "late": _statements(LATE_CALL),
    "quick": _statements(QUICK_CALL),
}


def programs(calls: str = "none") -> hy.SearchStrategy[st.Program]:
    """Programs whose calls, if there are any, end later ("late") or at once ("quick")."""
    return _programs(STATEMENTS[calls])


@hy.composite
def scripts(draw: Any, calls: str = "none") -> sc.Script:
    """Scripts; calls that end at once are made in settled scripts only."""
    program = programs(calls)
    start = hy.builds(sc.Start, KEYS, program, POLICY, RARELY)
    tell = hy.builds(
        sc.Tell,
        KEYS,
        hy.sampled_from(["Told", "Queued", "Typed"]),
        hy.sampled_from([None, None, None, 1, 2, 3]),
    )
    other = hy.one_of(
        hy.builds(sc.CancelStarted, FEW),
        hy.builds(sc.Outside, hy.builds(st.Put, FEW) | TAKE | CHANGE),
        hy.builds(sc.Leave, FEW),
        hy.builds(sc.Advance, SECONDS),
    )
    one = hy.one_of(start, tell, tell, tell, other)
    size = 1 if calls == "quick" else 4
    bursts = draw(
        hy.lists(hy.lists(one, min_size=1, max_size=size).map(tuple), min_size=2, max_size=7)
    )
    begin = draw(hy.lists(start, min_size=1, max_size=1 if calls == "quick" else 3).map(tuple))
    # A call that ends at once would race with a time of grace that ends in the same instant.
    graces = (0.3, 1.1) if calls == "quick" else (0, 1.0)
    end = draw(hy.sampled_from([None, None, sc.CancelPage(), *map(sc.StopPage, graces)]))
    last = () if end is None else ((end,), *bursts[-1:])
    if end is not None and calls != "quick" and bursts:
        last = ((*bursts[-1], end, *bursts[0]),)
        bursts = bursts[:-1]
    return sc.Script((begin, *bursts, *last))
