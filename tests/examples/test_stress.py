"""The examples under load, as docs/stress.md names them.

Slow: a visitor who waits does so by the real clock; many of them are a bulk.
"""

from __future__ import annotations

import pytest

from examples.assistant.timetable import Timetable
from examples.checkout.shop import SqliteShop
from examples.store.shop import SqliteStore
from examples.wizard.signup import Book
from spindle.stress.command import main

pytestmark = [pytest.mark.bulk, pytest.mark.slow]

SHOP = ("examples.checkout.stress:busy_shop", "--path", "/buy/earl-grey")
STORE = ("examples.store.stress:busy_store",)
SIGN_UPS = ("examples.wizard.stress:many_sign_ups",)
TALKS = ("examples.assistant.stress:busy_desk",)


def run(arguments: tuple[str, ...]) -> int:
    return main((*arguments, "--pages", "20", "--at-once", "4", "--patience", "0.01", "--strict"))


@pytest.mark.parametrize("arguments", [SHOP, STORE, SIGN_UPS, TALKS])
def test_visitors_talk_and_nothing_is_left(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = run(arguments), capsys.readouterr().out
    assert status == 0, report
    assert " 0 questions answered" not in report


@pytest.mark.parametrize(
    ("arguments", "backend", "kept"),
    [
        (SHOP, SqliteShop, "units are held for nobody"),
        (STORE, SqliteStore, "bags are held for nobody"),
        (SIGN_UPS, Book, "names are kept for nobody"),
        (TALKS, Timetable, "seats are held for nobody"),
    ],
)
def test_what_is_kept_for_nobody_is_found(
    arguments: tuple[str, ...],
    backend: type[SqliteShop | SqliteStore | Book | Timetable],
    kept: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def release(backend: object, held: object) -> None: ...

    monkeypatch.setattr(backend, "release", release)
    # Whether one of twenty visitors leaves while something is held for them is up to the clock.
    assert any(run(arguments) == 1 for _ in range(20))
    assert kept in capsys.readouterr().out
