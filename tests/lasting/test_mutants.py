"""The search that takes pages up at every moment finds what would go wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from spindle._core.kernel.mail import deliver
from spindle._core.kernel.turns import Turns
from spindle._core.replay.stretches import Stretch, Stretches
from spindle._lasting import restoring, taking
from spindle._lasting.news import News
from spindle._lasting.page import LastingPage
from spindle._lasting.snapshot import PageStanding, SpindleStanding
from spindle._runtime.logged_hosted import LoggedHosted
from spindle._runtime.retold import Retold
from tests.lasting.prefixes import check
from tests.lasting.test_prefixes import ALWAYS, NEVER, lives

pytestmark = pytest.mark.mutant

Sow = Callable[[pytest.MonkeyPatch], None]


def kept_wrongly(kind: type[Any], **wrong: Any) -> Sow:
    """A snapshot that keeps something else."""

    def sow(patch: pytest.MonkeyPatch) -> None:
        def standing(*given: Any) -> Any:
            return kind(**dict(zip(kind.__struct_fields__, given, strict=True)) | wrong)

        patch.setattr(taking, kind.__name__, standing)

    sow.__name__ = f"{kind.__name__}.{next(iter(wrong))}"
    return sow


def left_out(where: type, method: str) -> Sow:
    """What a method does is not done."""

    def sow(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(where, method, lambda *_: None)

    sow.__name__ = f"{where.__name__}.{method}"
    return sow


def events_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    usual = LastingPage.post

    def post(self: LastingPage, apply: Callable[..., None], *args: object) -> None:
        (Turns.post if apply is deliver else usual)(self, apply, *args)

    patch.setattr(LastingPage, "post", post)


def what_was_read_may_change(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Stretch, "holds", lambda self, kernel: True)


def deadlines_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    usual = LoggedHosted.arrive

    def arrive(self: LoggedHosted, at: float) -> None:
        if self._retelling is None:
            usual(self, at)

    patch.setattr(LoggedHosted, "arrive", arrive)


def time_is_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Retold, "come_to", lambda self, at: None)


def nothing_was_said(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(News, "last", lambda self, live: [])


def nothing_has_changed_on_the_way(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(restoring, "_settle", lambda page, standing: None)


FAULTS: list[Any] = [  # those that take longest to find, in the long run only
    (NEVER, events_are_forgotten),
    (NEVER, deadlines_are_forgotten),
    (NEVER, time_is_not_told),
    (ALWAYS, kept_wrongly(SpindleStanding, asked=0)),
    pytest.param(ALWAYS, kept_wrongly(SpindleStanding, at=0.0), marks=pytest.mark.soak),
    (ALWAYS, kept_wrongly(SpindleStanding, drawn=0)),
    (ALWAYS, kept_wrongly(SpindleStanding, before=())),
    (ALWAYS, kept_wrongly(PageStanding, drawn=0)),
    (ALWAYS, kept_wrongly(PageStanding, asked=())),
    (ALWAYS, kept_wrongly(PageStanding, ledger=(0, 0, 0, 0))),
    (ALWAYS, kept_wrongly(PageStanding, cells=())),
    pytest.param(ALWAYS, what_was_read_may_change, marks=pytest.mark.soak),
    (ALWAYS, left_out(Stretches, "spoilt")),
    (ALWAYS, nothing_was_said),
    (ALWAYS, nothing_has_changed_on_the_way),
]


@pytest.mark.parametrize(("every", "sow"), FAULTS, ids=lambda each: getattr(each, "__name__", ""))
def test_W6_D5_a_fault_is_found(every: int, sow: Sow, monkeypatch: pytest.MonkeyPatch) -> None:
    @settings(
        max_examples=1500,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.booleans(), lives)
    def search(prompt: bool, life: tuple[list[Any], list[Any]]) -> None:
        check(every, prompt, *life)

    sow(monkeypatch)
    with pytest.raises(BaseException):  # noqa: B017, PT011 - each shows itself in its own way
        search()
