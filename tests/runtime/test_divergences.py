"""What random pages have found, each as small as it could be made."""

from __future__ import annotations

from tests.laboratory.programs.comparison import check_equal
from tests.laboratory.programs.script import Script, Start
from tests.laboratory.programs.statement import Ask, Body, Fork, Program, Raise

LEFT = ("Left", None)


def page(*bodies: Body) -> Script:
    """A page where one spindle after the other is started."""
    return Script(tuple((Start(LEFT, Program(body)),) for body in bodies))


def test_F2_a_spindle_that_replaces_one_which_has_not_run_yet_starts_once() -> None:
    """The one before it was over in the same breath, and both it and the fork let this one run."""
    other = ("Left", "x")
    check_equal(
        page((Fork(other, Program((Raise(),))), Fork(other, Program((Ask(),)), replace=True)))
    )
