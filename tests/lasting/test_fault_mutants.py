"""Faults of the runtime that faults of a store bring to light, each by the promise it breaks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import trio

from spindle._core.operations.port import Repeat
from spindle._core.replay.logged import Logged
from spindle._lasting import opened
from spindle._lasting.held_outbox import HeldOutbox
from spindle._lasting.held_receipt import HeldLetter
from spindle._lasting.page import LastingPage
from spindle._lasting.writer import Writer
from spindle.durable import MemoryStore, StoreError
from spindle.durable.row import Row
from tests.lasting.faulty import Plan
from tests.lasting.test_faults import FUNCTIONS, HOWS, check, moments, whole

pytestmark = pytest.mark.mutant

Sow = Callable[[pytest.MonkeyPatch], None]


def outputs_are_not_held_back(patch: pytest.MonkeyPatch) -> None:
    def soon(_: Writer, number: int, do: Callable[[], None]) -> None:
        trio.lowlevel.current_trio_token().run_sync_soon(do)

    patch.setattr(Writer, "hold", soon)


def messages_are_not_held_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(HeldOutbox, "put", HeldOutbox.put_at_once)


def receipts_are_not_held_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(HeldLetter, "was_settled", lambda self: self.waiter.know())


def calls_are_begun_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(LastingPage, "_when_kept", lambda _, call: call)


def what_must_be_done_once_is_done_again(patch: pytest.MonkeyPatch) -> None:
    usual = Logged.make_again

    def make_again(self: Logged, record: Any, call: Any, begin: Any) -> None:
        if call.repeat is Repeat.ONCE:
            begin(record, call)
        else:
            usual(self, record, call, begin)

    patch.setattr(Logged, "make_again", make_again)


def nothing_is_unknown(patch: pytest.MonkeyPatch) -> None:
    """A payment that may have been made counts as made."""
    usual = Logged.make_again

    def make_again(self: Logged, record: Any, call: Any, begin: Any) -> None:
        if call.repeat is Repeat.ONCE:
            self.post(self.kernel.call_ended, record, call, "pay", None)
        else:
            usual(self, record, call, begin)

    patch.setattr(Logged, "make_again", make_again)


def what_has_no_end_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Logged, "make_again", lambda *_: None)


def calls_are_made_while_the_log_is_told(patch: pytest.MonkeyPatch) -> None:
    usual = LastingPage.begin_call

    def begin_call(self: LastingPage, record: Any, call: Any) -> None:
        if self._retelling is not None and call.repeat is Repeat.READ:
            self.nursery.start_soon(call.begin)
        usual(self, record, call)

    patch.setattr(LastingPage, "begin_call", begin_call)


def a_failed_append_counts_as_kept(patch: pytest.MonkeyPatch) -> None:
    usual = MemoryStore.append

    async def append(self: Any, *args: Any) -> None:
        try:
            await usual(self, *args)
        except StoreError:
            return

    patch.setattr(MemoryStore, "append", append)


def what_waits_is_done_when_the_store_fails(patch: pytest.MonkeyPatch) -> None:
    usual = Writer.close

    def close(self: Writer) -> None:
        held, self._held = list(self._held), type(self._held)()
        usual(self)
        for _, do in held:
            do()

    patch.setattr(Writer, "close", close)


def the_last_frame_is_not_told(patch: pytest.MonkeyPatch) -> None:
    usual = opened.read_log

    def read_log(*args: Any) -> Any:
        frames = list(usual(*args))
        return frames[:-1] if len(frames) > 1 else frames

    patch.setattr(opened, "read_log", read_log)


def nobody_is_fenced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Row, "hold", lambda *_: None)

    def follow(self: Row, lease: Any, expected: int) -> None:
        pass

    patch.setattr(Row, "follow", follow)


def keys_are_never_the_same(patch: pytest.MonkeyPatch) -> None:
    from tests.lasting import booking

    numbers = iter(range(1_000_000))
    patch.setattr(booking, "call_key", lambda: f"{next(numbers)}")


def keys_are_all_the_same(patch: pytest.MonkeyPatch) -> None:
    from tests.lasting import booking

    patch.setattr(booking, "call_key", lambda: "key")


SOWN: dict[Sow, str] = {
    outputs_are_not_held_back: "I1 I7",
    messages_are_not_held_back: "I7",
    receipts_are_not_held_back: "I1",
    calls_are_begun_at_once: "I7",
    what_must_be_done_once_is_done_again: "I3 I4",
    nothing_is_unknown: "I4",
    what_has_no_end_is_forgotten: "I9",
    calls_are_made_while_the_log_is_told: "I8",
    a_failed_append_counts_as_kept: "I1 I3 I7",
    what_waits_is_done_when_the_store_fails: "I1 I7",
    the_last_frame_is_not_told: "I1 I7 I9",
    nobody_is_fenced: "I6",
    keys_are_never_the_same: "I3",
    keys_are_all_the_same: "I3",
}


def broken_promise() -> str:
    """The first that a fault of a store shows."""
    behind = [each for each in moments(eager=False) if each[1] != "create"]
    for name, call, nth in behind:
        for how in HOWS.values():
            try:
                check(Plan(call, nth, *how, FUNCTIONS[name]), name)
            except Exception as error:
                return _said(error)
    return ""


def _said(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return " ".join(map(_said, error.exceptions))
    return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize(("sow", "promise"), SOWN.items(), ids=[each.__name__ for each in SOWN])
def test_a_sown_fault_is_found(
    sow: Sow, promise: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    for name in FUNCTIONS:
        assert whole(name, False).lives
    sow(monkeypatch)
    said = broken_promise()
    assert any(each in said for each in promise.split()), said


def test_every_promise_is_broken_by_some() -> None:
    """But I2: an event is applied twice by who sends it twice, which is the visitor's part here."""
    promises = {each for promise in SOWN.values() for each in promise.split()}
    assert promises == {"I1", "I3", "I4", "I6", "I7", "I8", "I9"}
