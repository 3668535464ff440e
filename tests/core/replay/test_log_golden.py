"""D4: logs that were dumped by versions of Spindle. Each is loaded, taken up, and goes on."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest

from spindle import Log, LogCorrupt
from spindle._core.replay.commands import Command
from spindle._core.replay.dumped import VERSION
from spindle._core.replay.inputs import Longer
from spindle._core.replay.log import Frame, Head, Standing
from tests.core.replay.make_golden import FOLDER, LOGS, Golden, made, taken_up

FILES = sorted(FOLDER.glob("logs_*.json"))
GOLDEN = {
    int(path.stem.removeprefix("logs_")): msgspec.json.decode(
        path.read_bytes(), type=dict[str, Golden]
    )
    for path in FILES
}


def with_each(function: Callable[..., None]) -> Callable[..., None]:
    """Test each log of each version."""
    logs = [(version, name) for version, golden in GOLDEN.items() for name in golden]
    return pytest.mark.parametrize(("version", "name"), logs)(function)


def test_there_are_some_of_each_format() -> None:
    assert list(GOLDEN) == list(range(1, VERSION + 1))
    assert all(set(golden) == set(LOGS) for golden in GOLDEN.values())
    loaded = [Log.load(each.data) for each in GOLDEN[1].values()]
    assert {log.head is not None and log.head.standing is not None for log in loaded} == {
        True,
        False,
    }


@with_each
def test_D4_a_golden_log_goes_on(version: int, name: str) -> None:
    golden = GOLDEN[version][name]
    assert golden.data[len(b"spindle log")] == json.loads(golden.text)["spindle_log"] == version
    expected = (golden.state, golden.later, golden.calls)
    assert taken_up(LOGS[name], Log.load(golden.data)) == expected
    assert taken_up(LOGS[name], Log.load(golden.text)) == expected
    laid_out = json.dumps(json.loads(golden.text), indent=2, sort_keys=True)
    assert taken_up(LOGS[name], Log.load(laid_out)) == expected


@with_each
def test_D4_a_golden_log_is_written_as_those_of_today(version: int, name: str) -> None:
    golden, today = GOLDEN[version][name], GOLDEN[VERSION][name]
    assert Log.load(golden.data).dump() == today.data
    assert Log.load(golden.text).dump().decode() == today.text


@pytest.mark.parametrize("version", GOLDEN)
def test_D4_a_golden_log_that_is_cut_is_whole_before(version: int) -> None:
    """What was cut between two entries the first format could not tell."""
    golden = GOLDEN[version]["behind-a-mark"]
    whole = Log.load(golden.data)
    for data in (golden.data, golden.text.encode()):
        borders = 0
        for end in range(len(data)):
            try:
                intact: Log | None = Log.load(data[:end])
                borders += 1
            except LogCorrupt as corrupt:
                intact = corrupt.intact
            if intact is not None:
                again = Log.load(intact.dump())
                assert len(again.frames) == len(intact.frames) <= len(whole.frames)
        assert borders == (len(whole.frames) if version == 1 and data is golden.data else 0)


@pytest.mark.parametrize("name", LOGS)
def test_the_maker_makes_what_goes_on_alike(name: str) -> None:
    golden, again = GOLDEN[VERSION][name], made(LOGS[name])
    assert (again.state, again.later, again.calls) == (golden.state, golden.later, golden.calls)


def test_D4_the_fields_of_an_entry_stand_in_their_order() -> None:
    """Those too that no golden log has something in."""
    command = Command(
        kind="calls", who="A", what="B.c", digest="ab12", said="(3)", place="x.py:4 f"
    )
    written = ["calls", "A", "B.c", "ab12", "(3)", "x.py:4 f"]
    frame = Frame(at=0.5, input=Longer(), commands=(command,), early=2, steps=3, goes_on=True)
    assert plain(frame) == [0.5, ["more"], [written], 2, 3, True]
    standing = Standing(
        block="x:A",
        asked=1,
        others=(("x:B", "b", 2), ("x:C", None, 3)),
        channels=4,
        drawn=5,
        called=6,
        least=7,
        batches=8,
    )
    head = Head(
        function="f",
        args=(msgspec.Raw(b"\x09"),),
        seed=10,
        standing=standing,
        conversation=b"id",
    )
    assert plain(head) == [
        *("f", [9], 10, ["x:A", 1, [["x:B", "b", 2], ["x:C", None, 3]], 4, 5, 6, 7, 8], b"id")
    ]


def plain(entry: Frame | Head) -> object:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(entry))
