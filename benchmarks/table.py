"""What was measured, as a table and as JSON."""

from __future__ import annotations

from benchmarks.figure import Target
from benchmarks.measure import Measured

__all__ = ["OVER", "as_json", "mark", "table"]

OK = "ok"
OVER_AIM = "over aim"
OVER = "OVER"

COLUMNS = "{:<18} {:<44} {:>16} {:>15} {:>14} {:>14}  {}"


def mark(measured: Measured) -> str:
    """How it compares with what is asked: within the aim, within the bound, over both."""
    target = measured.case.target
    if target is None:
        return ""
    reached = measured.value if target.absolute else measured.ratio
    if reached <= target.aim:
        return OK
    return OVER_AIM if target.bound is None or reached <= target.bound else OVER


def table(results: list[Measured]) -> str:
    """One line for each; a floor is the line whose ratio is 1."""
    lines = [COLUMNS.format("figure", "contender", "value", "ratio", "aim", "not above", "")]
    lines += [_line(each) for each in results]
    return "\n".join(line.rstrip() for line in lines)


def as_json(measured: Measured) -> dict[str, object]:
    """One entry of the file of results."""
    case, target = measured.case, measured.case.target
    return {
        "figure": case.figure.name,
        "contender": case.contender,
        "value": measured.value,
        "unit": case.figure.unit,
        "floor": str(case.floor or case),
        "ratio": measured.ratio,
        "aim": None if target is None else target.aim,
        "bound": None if target is None else target.bound,
        "of": None if target is None else "value" if target.absolute else "ratio",
        "mark": mark(measured),
    }


def _line(measured: Measured) -> str:
    case, target = measured.case, measured.case.target or Target(0)
    floor = case.floor or case
    return COLUMNS.format(
        case.figure.name,
        case.contender,
        f"{measured.value:,.2f} {case.figure.unit}",
        f"{measured.ratio:,.3f} {floor.symbol}" if floor.symbol else "",
        _asked(measured, target.aim) if case.target else "",
        _asked(measured, target.bound) if target.bound else "",
        mark(measured),
    )


def _asked(measured: Measured, asked: float) -> str:
    case = measured.case
    assert case.target is not None
    if case.target.absolute:
        return f"{asked:,g} {case.figure.unit}"
    return f"{asked:g} {(case.floor or case).symbol}"
