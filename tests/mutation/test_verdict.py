from __future__ import annotations

from mutation.mutant import Change, Mutant
from mutation.verdict import enough, report

TURNED = Change("mail.py", "take", "if letter is None:", "if letter is not None:")
DROPPED = Change("mail.py", "take", "del mailbox[position]", "")


def sown(killed: int, survived: int) -> list[Mutant]:
    return [Mutant(TURNED, "killed")] * killed + [Mutant(DROPPED, "survived")] * survived


def test_85_per_cent_are_enough_and_less_are_not() -> None:
    assert enough(sown(85, 15))
    assert not enough(sown(84, 15))
    assert not enough([])


def test_one_that_hangs_is_killed_and_one_that_no_test_reaches_is_not() -> None:
    assert Mutant(TURNED, "timeout").killed
    for status in ("survived", "no tests", "suspicious", "skipped", "not checked"):
        assert not Mutant(TURNED, status).killed


def test_a_survivor_that_nobody_has_looked_at_is_shown_whatever_the_share() -> None:
    shown = report(sown(99, 1), {})
    assert "survived: mail.py, take\n    - del mailbox[position]" in shown
    assert "mutants: 99 of 100 killed, 99.0 %" in shown
    assert "survivors: 1, of which 0 are reviewed and 1 are not" in shown


def test_a_reviewed_one_is_only_counted_under_its_kind() -> None:
    shown = report(sown(90, 10), {DROPPED: "speed: it is found again"})
    assert "del mailbox" not in shown
    assert "survivors: 10, of which 10 are reviewed (10 speed) and 0 are not" in shown


def test_what_is_reviewed_in_vain_is_named() -> None:
    gone = Change("mail.py", "take", "gone", "went")
    shown = report(sown(1, 0), {TURNED: "speed: no more", gone: "speed: no more"})
    assert f"reviewed, but killed: {TURNED}" in shown
    assert f"reviewed, but made no more: {gone}" in shown
    assert "made no more" not in report(sown(1, 0), {gone: "speed: no more"}, whole=False)


def test_the_report_has_a_line_a_file_and_says_who_was_killed_by_time() -> None:
    shown = report([*sown(2, 1), Mutant(TURNED, "timeout")], {})
    assert "mail.py                   3 of    4   75.0 %, 1 of them by the time they took" in shown
