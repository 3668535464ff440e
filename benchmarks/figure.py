"""What is measured: a figure, its contenders, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Case", "Figure", "Run", "Target"]

Run = Callable[[int], float]
"""Does something n times and returns what one of them cost, in the unit of its figure."""


@dataclass(frozen=True)
class Target:
    """What is aimed at, and the bound not to be above; ratios, unless `absolute`."""

    aim: float
    bound: float | None = None
    absolute: bool = False


@dataclass(frozen=True, eq=False)
class Case:
    """One contender of a figure; its own floor if it has no other."""

    figure: Figure
    contender: str
    run: Run
    n: int
    floor: Case | None
    symbol: str
    target: Target | None

    def __str__(self) -> str:
        return f"{self.figure.name}: {self.contender}"


@dataclass(eq=False)
class Figure:
    """Contenders for one figure.

    Attributes:
        name: of the figure, and of its file.
        unit: of the values.
        n: how often a case does its operation in one round.
        rounds: how many rounds are measured.
        floor: what its cases are compared with, unless they name another.
        fresh: each run is a process of its own, so that there is nothing to warm up.
    """

    name: str
    unit: str
    n: int
    rounds: int = 15
    floor: Case | None = None
    fresh: bool = False
    cases: list[Case] = field(default_factory=list)

    def case(
        self,
        contender: str,
        *,
        n: int | None = None,
        floor: Case | None = None,
        symbol: str = "",
        target: Target | None = None,
    ) -> Callable[[Run], Case]:
        """Register a contender.

        Args:
            contender: its name.
            n: how often it does its operation, if not as often as the others.
            floor: what it is compared with.
            symbol: if it is a floor: what stands behind a ratio to it.
            target: what is asked of it.
        """
        floor = None if symbol else floor or self.floor

        def add(run: Run) -> Case:
            case = Case(self, contender, run, n or self.n, floor, symbol, target)
            self.cases.append(case)
            return case

        return add
