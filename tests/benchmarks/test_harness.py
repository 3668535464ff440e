from __future__ import annotations

import pytest

from benchmarks import __main__ as program
from benchmarks.figure import Case, Figure, Target
from benchmarks.measure import Measured, measure
from benchmarks.table import mark, table


def costing(*values: float) -> Figure:
    """A figure with a floor of 10 and cases that cost what is said, beside a target of 2 and 4."""
    figure = Figure("figure", "us", n=1, rounds=2)
    floor = figure.case("floor", symbol="F")(lambda _: 10)
    for value in values:
        figure.case(f"costs {value}", floor=floor, target=Target(2, 4))(
            lambda _, value=value: value
        )
    return figure


def broken(_: int) -> float:
    raise RuntimeError("broken")


def test_a_case_is_compared_with_the_smallest_value_of_its_floor() -> None:
    values = iter([99.0, 14.0, 10.0, 12.0])
    figure = Figure("figure", "us", n=1, rounds=3)
    floor = figure.case("floor", symbol="F")(lambda _: next(values))
    figure.case("case", floor=floor)(lambda _: 5)
    results, failed = measure(figure.cases)
    assert [(each.value, each.ratio) for each in results] == [(10, 1), (5, 0.5)]
    assert not failed


def test_a_floor_is_measured_along_with_what_it_is_a_floor_of() -> None:
    floor, case = costing(20).cases
    assert [each.case for each in measure([case])[0]] == [floor, case]


def test_marks() -> None:
    results, _ = measure(costing(20, 21, 40, 41).cases)
    assert [mark(each) for each in results] == ["", "ok", "over aim", "over aim", "OVER"]


def test_an_absolute_target_asks_for_a_value_and_one_without_a_bound_is_never_over() -> None:
    figure = Figure("figure", "ms", n=1)
    case = figure.case("case", target=Target(10, absolute=True))(lambda _: 0)
    assert mark(Measured(case, value=10, floor=1)) == "ok"
    assert mark(Measured(case, value=1000, floor=1000)) == "over aim"
    assert "10 ms" in table([Measured(case, value=10, floor=10)])


def test_a_case_that_fails_is_told_and_leaves_the_others_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figure = costing(20)
    failing = figure.case("fails", floor=figure.cases[0])(broken)
    results, failed = measure(figure.cases)
    assert [each.case for each in results] == figure.cases[:2]
    assert failed == [failing]
    assert "RuntimeError: broken" in capsys.readouterr().err


def test_what_is_compared_with_a_failing_floor_fails_too() -> None:
    figure = Figure("figure", "us", n=1, rounds=1)
    floor = figure.case("floor", symbol="F")(broken)
    case = figure.case("case", floor=floor)(lambda _: 1)
    assert measure(figure.cases) == ([], [floor, case])


def test_nothing_is_skipped_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_: str) -> None:
        raise ImportError("cannot import name 'x' from 'spindle' (its path)", name="spindle")

    monkeypatch.setattr(program, "import_module", missing)
    assert program.load(["notify"]) == []
    said = capsys.readouterr().out
    assert said == "not there yet: notify (cannot import name 'x' from 'spindle')\n"


@pytest.mark.parametrize("module", ["triio", "spindle._core.functions"])
def test_what_cannot_be_imported_otherwise_is_not_taken_for_a_missing_feature(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(_: str) -> None:
        raise ImportError(f"cannot import from {module}", name=module)

    monkeypatch.setattr(program, "import_module", faulty)
    with pytest.raises(ImportError, match=module):
        program.load(["notify"])


def test_a_fresh_process_has_nothing_to_warm_up() -> None:
    runs: list[int] = []
    figure = Figure("figure", "us", n=7, rounds=2, fresh=True)

    def run(n: int) -> float:
        runs.append(n)
        return 1

    case: Case = figure.case("case")(run)
    measure([case])
    assert runs == [7, 7]
