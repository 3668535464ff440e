"""The tests of hostile spindles bite: under each fault sown here the test named there fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from spindle._core import names, states
from spindle._core.kernel import ending, stubborn, wording
from spindle._core.kernel import kernel as kernel_module
from spindle._core.kernel import stepper as stepper_module
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.meanings import table
from spindle._core.kernel.record import NEW, Record
from spindle._core.kernel.turns import Turns
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.operations.cell import PutCell
from spindle._core.operations.scope import Scope
from spindle._runtime import outcomes
from spindle._runtime import tasks as tasks_module
from spindle._runtime.child import Child
from spindle._runtime.ontrio import OnTrio
from spindle.testing import Recording
from tests.broken import failure_of
from tests.drivers import HOSTED
from tests.runtime import test_hostile_control as control
from tests.runtime import test_hostile_depth as depth
from tests.runtime import test_hostile_values as values

pytestmark = pytest.mark.mutant

DRIVERS = pytest.mark.parametrize("driver", ["hand", "hosted", "task"])


def caught(test: Callable[..., None], **given: Any) -> str:
    """What the test fails with: the innermost error, in words."""
    first = failure_of(test, **given)
    return f"{type(first).__name__}: {first}"


def under(driver: str, test: Callable[..., None]) -> str:
    return caught(test, driver=driver, recording=Recording())


# --- depth: T1 ----------------------------------------------------------------------------------


@HOSTED
def test_a_scope_that_raises_a_group(monkeypatch, hosted: bool) -> None:
    """As trio's nurseries do: a thousand deep, each level around the one below."""
    usual = ending._fold_failed

    def grouped(kernel: Kernel, fold: Any, fiber: Record, owner: Record) -> None:
        first = fold.failure is None
        usual(kernel, fold, fiber, owner)
        if first:
            fold.failure = ExceptionGroup("in a scope", [fold.failure])

    monkeypatch.setattr(ending, "_fold_failed", grouped)
    test = depth.test_E2_T1_an_error_at_the_bottom
    assert "isinstance" in caught(test, hosted=hosted, nests=depth.fibers_in_scopes)


@HOSTED
def test_a_cancellation_that_reaches_the_deepest_only(monkeypatch, hosted: bool) -> None:
    usual = ending.descending

    def deepest(records: Any) -> Iterator[Record]:
        yield next(usual(records))

    monkeypatch.setattr(ending, "descending", deepest)
    test = depth.test_E2_T1_a_cancellation_from_above
    assert "WasCancelled" in caught(test, hosted=hosted, nests=depth.fibers)


def test_a_spindle_whose_scope_is_not_shielded(monkeypatch) -> None:
    made = Child.__init__

    def unshielded(self: Child, *args: Any) -> None:
        made(self, *args)
        self.scope.shield = False

    monkeypatch.setattr(Child, "__init__", unshielded)
    assert "Cancelled" in caught(depth.test_E2_T1_the_program_around_is_cancelled, hosted=False)


# --- control: T4 to T8 --------------------------------------------------------------------------


def test_a_swallower_that_counts_as_cancelled(monkeypatch) -> None:
    def quietly(record: Record, cause: Any) -> BaseException:
        stubborn.give_up(record)
        raise Unwinding(cause)

    monkeypatch.setattr(stepper_module, "refused", quietly)
    test = control.test_E2_T4_a_spindle_that_swallows_for_ever_is_closed
    assert "Errored" in caught(test, hosted=True, swallows=control.swallows_for_ever)


@HOSTED
def test_one_that_is_closed_too_soon(monkeypatch, hosted: bool) -> None:
    monkeypatch.setattr(stepper_module, "SWALLOW_BOUND", 3)
    monkeypatch.setattr(tasks_module, "SWALLOW_BOUND", 3)
    test = control.test_E2_T4_one_that_swallows_a_few_times_ends_with_what_it_comes_to
    assert "again and again and was closed" in caught(test, hosted=hosted)


@HOSTED
def test_a_cancellation_that_reaches_the_neighbours(monkeypatch, hosted: bool) -> None:
    monkeypatch.setattr(Kernel, "cancel", lambda kernel, record, why: kernel.cancel_page(why))
    assert caught(control.test_E2_T4_neighbours_answer_while_one_swallows, hosted=hosted)


@pytest.fixture
def unshielded_cleanups(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Scope.__init__
    monkeypatch.setattr(
        Scope, "__init__", lambda scope, seconds, *, shield: usual(scope, seconds, shield=False)
    )


@HOSTED
def test_an_error_that_is_replaced_on_its_way_out(unshielded_cleanups, hosted: bool) -> None:
    test = control.test_E2_T6_an_error_that_leaves_blocks_is_seen_although_it_is_cancelled
    assert "Errored" in caught(test, hosted=hosted, cancelled=True)


@DRIVERS
def test_a_cleanup_without_its_shield(unshielded_cleanups, driver: str) -> None:
    test = control.test_E2_T8_an_await_in_finally_is_cut_at_once_and_a_cleanup_when_it_is_over
    assert "is None" in under(driver, test)


@pytest.mark.parametrize("driver", ["hand", "hosted"])
def test_a_cancellation_that_is_raised_once(monkeypatch, driver: str) -> None:
    """As asyncio does it: the await in `finally` waits on."""
    usual = Record.cancelled

    def once(record: Record) -> Any:
        cause = usual(record)
        return None if cause is record and record.swallowed else cause

    monkeypatch.setattr(Record, "cancelled", once)
    test = control.test_E2_T8_an_await_in_finally_is_cut_at_once_and_a_cleanup_when_it_is_over
    assert "isinstance(None, Cancelled)" in under(driver, test)


@HOSTED
def test_a_race_that_does_not_withdraw_its_losers(monkeypatch, hosted: bool) -> None:
    monkeypatch.setattr(Kernel, "_withdraw_losers", lambda kernel, winner: None)
    test = control.test_E2_T7_of_two_channels_filled_in_one_tick_one_is_emptied
    assert "Completed" in caught(test, hosted=hosted)


@DRIVERS
def test_a_fiber_that_starts_although_it_is_cancelled(monkeypatch, driver: str) -> None:
    usual = ending.interrupt

    def spare(kernel: Kernel, record: Record) -> None:
        if record.state is not NEW:
            usual(kernel, record)

    monkeypatch.setattr(ending, "interrupt", spare)
    test = control.test_E2_T5_a_fork_is_started_or_not_and_never_half
    assert "began" in under(driver, test)


# --- values -------------------------------------------------------------------------------------


@HOSTED
def test_a_cell_that_compares(monkeypatch, hosted: bool) -> None:
    usual = table.MEANINGS[PutCell]

    def compares(kernel: Kernel, record: Record, operation: Any) -> Any:
        change: Any = usual(kernel, record, operation)
        assert change.old != change.new
        return change

    monkeypatch.setitem(table.MEANINGS, PutCell, compares)
    test = values.test_E2_hostile_values_pass_through_cells_channels_messages_and_results
    assert caught(test, hosted=hosted)


@DRIVERS
def test_a_traceback_that_grows(monkeypatch, driver: str) -> None:
    def grows(error: Exception, target: Record) -> Exception:
        wording.annotate(error, f"raised in {target.name}")
        return error

    monkeypatch.setattr(kernel_module, "with_origin", grows)
    test = values.test_E2_an_error_that_is_joined_over_and_over_does_not_grow
    assert "< 50" in under(driver, test)


def test_what_is_printed_with_its_own_repr(monkeypatch) -> None:
    monkeypatch.setattr(names, "shown", lambda value, limit=100: repr(value))
    test = values.test_E2_what_cannot_be_printed_is_told_in_a_snapshot
    assert "no repr" in under("hand", test)


@HOSTED
def test_an_input_that_is_applied_at_once(monkeypatch, hosted: bool) -> None:
    def at_once(turns: Turns, apply: Callable[..., None], *args: object) -> None:
        apply(*args)
        turns.pump()

    monkeypatch.setattr(Turns, "post", at_once)
    test = values.test_E2_what_is_dropped_in_the_middle_of_an_operation_may_use_the_page
    assert caught(test, hosted=hosted)


@HOSTED
def test_a_stolen_cancellation_that_is_taken_for_an_error(monkeypatch, hosted: bool) -> None:
    monkeypatch.setattr(outcomes, "stray", lambda record: states.Errored(LookupError()))
    monkeypatch.setattr(kernel_module, "stray", lambda record: states.Errored(LookupError()))
    test = values.test_E2_T3_a_cancellation_that_was_kept_and_is_raised_later
    assert "LookupError" in caught(test, hosted=hosted)


@HOSTED
def test_ctrl_c_that_is_lost(monkeypatch, hosted: bool) -> None:
    monkeypatch.setattr(OnTrio, "interrupt", lambda turns, interrupt: None)
    test = values.test_E2_T10_ctrl_c_of_a_spindles_own_making_ends_the_program_once
    assert "TooSlowError" in caught(test, hosted=hosted)
