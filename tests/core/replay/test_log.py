"""D4: what a log is written as, and what is said of one that is damaged."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from spindle import (
    Completed,
    Coroutine,
    Errored,
    Log,
    LogCorrupt,
    LogTooNew,
    ReplayMismatch,
    Suspended,
    UsageError,
    unique_id,
)
from spindle._core.replay.log import Frame
from tests.core.replay.signup import Directory, Signup, Users, signup


def written(*, as_json: bool = False) -> Log:
    log = Log(json=as_json)
    coroutine = Coroutine(signup, 3, provide={Users: Directory()}, log=log)
    coroutine.run()
    coroutine.run(Signup.NameGiven("Ada"))
    coroutine.run(Signup.NameGiven("Eve"))
    return log


@pytest.mark.parametrize("as_json", [False, True])
def test_what_is_dumped_is_loaded(as_json: bool) -> None:
    log = written(as_json=as_json)
    again = Log.load(log.dump())
    assert again.dump() == log.dump()
    assert same(again.frames, log.frames)


def test_json_may_be_read_and_laid_out_anew_by_others() -> None:
    log = written(as_json=True)
    read = json.loads(log.dump())
    assert read["spindle_log"] == 1
    again = Log.load(json.dumps(read, indent=2))
    assert Coroutine.resume(signup, again, provide={Users: Directory()}).state == Suspended(
        Signup.AskName("Eve is taken")
    )


async def draws() -> str:
    return await unique_id()


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("seed", [7, -7, 2**53, -(2**53) - 1, 2**63 - 25, 2**63, 2**200 + 1])
def test_D2_any_seed_is_the_same_behind_a_tool_that_reads_numbers_as_doubles(
    seed: int, as_json: bool
) -> None:
    log = Log(json=as_json)
    state = Coroutine(draws, seed=seed, log=log).run()
    data = log.dump()
    if as_json:
        data = json.dumps(json.loads(data, parse_int=lambda text: int(float(text)))).encode()
    again = Log.load(data)
    assert again.dump() == log.dump()
    assert Coroutine.resume(draws, again).state == state
    assert Coroutine(draws, seed=seed).run() == state


def test_D2_an_older_log_has_a_large_seed_as_a_number() -> None:
    log = Log(json=True)
    state = Coroutine(draws, seed=2**62 + 1, log=log).run()
    older = log.dump().replace(b'"4611686018427387905"', b"4611686018427387905")
    assert older != log.dump()
    assert Coroutine.resume(draws, Log.load(older)).state == state


@pytest.mark.parametrize("given", ["x", 1, None])
def test_a_log_is_json_or_is_not(given: Any) -> None:
    with pytest.raises(UsageError, match=r"Log\(json=\) takes True, .* or False, .*, not "):
        Log(json=given)


def test_D4_cut_anywhere_it_says_so_and_keeps_what_is_before() -> None:
    log = written()
    data = log.dump()
    lengths = set[int]()
    for end in range(len(data)):
        try:
            intact: Log | None = Log.load(data[:end])  # between two frames nobody can tell
        except LogCorrupt as corrupt:
            intact = corrupt.intact
        if intact is not None:
            lengths.add(len(intact.frames))
            assert same(intact.frames, log.frames[: len(intact.frames)])
    assert lengths == set(range(len(log.frames)))


def same(some: list[Frame], others: list[Frame]) -> bool:
    """Whether they are written alike; what is not read yet cannot be compared."""
    return msgspec.msgpack.encode(some) == msgspec.msgpack.encode(others)


def test_D4_with_any_byte_changed_it_says_so_and_keeps_what_is_before() -> None:
    log = written()
    data = bytearray(log.dump())
    for place in range(len(data)):
        for mask in (1, 0x80, 0xFF):
            data[place] ^= mask
            with pytest.raises((LogCorrupt, LogTooNew)) as caught:
                Log.load(bytes(data))
            data[place] ^= mask
            intact = getattr(caught.value, "intact", None)
            assert intact is None or same(intact.frames, log.frames[: len(intact.frames)])


def test_D4_frames_that_changed_places_are_noticed() -> None:
    log = written()
    parts = frames_of(log.dump())
    parts[2], parts[3] = parts[3], parts[2]
    with pytest.raises(LogCorrupt, match="frame 1 of this log is damaged: its checksum") as caught:
        Log.load(b"".join(parts))
    assert caught.value.intact is not None
    assert caught.value.intact.frames == []


def test_D4_what_is_intact_can_be_taken_up() -> None:
    data = written().dump()
    with pytest.raises(LogCorrupt, match="The 4 before it are intact") as caught:
        Log.load(data[:-1])
    intact = caught.value.intact
    assert intact is not None
    coroutine = Coroutine.resume(signup, intact, provide={Users: Directory()})
    assert coroutine.state == Suspended(Signup.AskName("Eve is taken"))


@pytest.mark.parametrize("version", [2, 200])
def test_D4_a_newer_one_is_left_alone(version: int) -> None:
    data = bytearray(written().dump())
    data[len(b"spindle log")] = version
    with pytest.raises(LogTooNew, match=rf"newer Spindle \(format {version}, this one reads up"):
        Log.load(bytes(data))
    read = json.loads(written(as_json=True).dump()) | {"spindle_log": version}
    with pytest.raises(LogTooNew, match="update Spindle to read it"):
        Log.load(json.dumps(read))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "does not begin as one"),
        (b"hello", "does not begin as one"),
        (b"spindle log", "does not begin as one"),
        (b"spindle log\x01", "it ends before anything was begun"),
        (b"{", "cut or changed"),
        (b"{}", "does not say its version"),
        (b'{"spindle_log": 1}', "missing required field `head`"),
        ("", "cut or changed"),
        ('{"spindle_log": "1"}', "does not say its version"),
        (b"\xff{", "does not begin as one"),
        (b'{"\xff": 1}', "cut or changed"),
    ],
)
def test_D4_what_is_no_log(data: bytes | str, says: str) -> None:
    with pytest.raises(LogCorrupt, match=says):
        Log.load(data)


def test_a_log_of_nothing_cannot_be_dumped() -> None:
    with pytest.raises(UsageError, match="no Coroutine was started with this log"):
        Log().dump()


def test_a_log_is_of_one_conversation() -> None:
    log = written()
    with pytest.raises(UsageError, match=r"has a conversation with signup already: take it up"):
        Coroutine(signup, 3, provide={Users: Directory()}, log=log)


def test_D2_who_was_taken_up_anew_takes_nothing_more() -> None:
    log, users = Log(), Directory()
    older = Coroutine(signup, 3, provide={Users: users}, log=log)
    older.run()
    newer = Coroutine.resume(signup, log, provide={Users: users})
    saved = log.dump()
    for goes_on in (
        lambda: older.run(Signup.NameGiven("Bo")),
        lambda: older.advance(1),
        lambda: older.cancel(),
    ):
        with pytest.raises(UsageError, match="with signup was taken up anew from its log"):
            goes_on()
    assert older.state == Suspended(Signup.AskName(""))
    assert users.calls == []
    assert log.dump() == saved
    newer.run(Signup.NameGiven("Ada"))
    newest = Coroutine.resume(signup, log, provide={Users: users})
    with pytest.raises(UsageError, match=r"a log of its own, Log\.load\(log\.dump\(\)\)"):
        newer.run(Signup.NameGiven("Eve"))
    assert newest.run(Signup.NameGiven("Bo")) == Completed("Bo #7")
    for each in (log, Log.load(log.dump())):
        ended = Coroutine.resume(signup, each, provide={Users: users})
        assert ended.state == Completed("Bo #7")


def test_D2_what_has_not_begun_is_begun_by_one() -> None:
    log = Log()
    older = Coroutine(signup, 3, provide={Users: Directory()}, log=log)
    newer = Coroutine.resume(signup, log, provide={Users: Directory()})
    with pytest.raises(UsageError, match="was taken up anew"):
        older.run()
    assert newer.run() == Suspended(Signup.AskName(""))


def test_D3_what_could_not_be_taken_up_goes_on_where_it_was() -> None:
    async def another(tries: int) -> None:
        raise AssertionError

    log = Log()
    older = Coroutine(signup, 3, provide={Users: Directory()}, log=log)
    older.run()
    with pytest.raises(ReplayMismatch):
        Coroutine.resume(another, log)
    assert older.run(Signup.NameGiven("Ada")) == Suspended(Signup.AskName("Ada is taken"))
    Coroutine.resume(signup, Log.load(log.dump()), provide={Users: Directory()})


def test_D2_a_log_is_not_taken_up_while_its_conversation_runs() -> None:
    log = Log()

    class Asks(Directory):
        async def is_free(self, name: str) -> bool:
            Coroutine.resume(signup, log)
            raise AssertionError

    coroutine = Coroutine(signup, 3, provide={Users: Asks()}, log=log)
    coroutine.run()
    state = coroutine.run(Signup.NameGiven("Ada"))
    assert isinstance(state, Errored)
    assert "this log is being written: its conversation with signup goes on" in str(state.error)


@pytest.mark.parametrize("given", [b"spindle log", "{}", None, 3])
def test_something_else_than_a_log(given: Any) -> None:
    with pytest.raises(UsageError, match=r"Coroutine\.resume\(\) takes a Log, not "):
        Coroutine.resume(signup, given)
    if given is not None:
        with pytest.raises(UsageError, match=r"Coroutine\(log=\) takes a Log, not .*Log\.load\(d"):
            Coroutine(signup, 3, log=given)


@pytest.mark.parametrize("given", [None, 3, Log()])
def test_something_else_than_what_was_dumped(given: Any) -> None:
    with pytest.raises(
        UsageError, match=r"Log\.load\(\) takes the bytes or the text that dump\(\)"
    ):
        Log.load(given)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("made", [bytearray, memoryview])
def test_bytes_of_any_class_are_loaded(as_json: bool, made: Any) -> None:
    log = written(as_json=as_json)
    assert Log.load(made(log.dump())).dump() == log.dump()


def test_an_empty_log_cannot_be_taken_up() -> None:
    with pytest.raises(UsageError, match=r"this log is empty: begin with Coroutine\(signup"):
        Coroutine.resume(signup, Log())


def frames_of(data: bytes) -> list[bytes]:
    """The beginning, then each frame."""
    begin = len(b"spindle log") + 1
    found, place = [data[:begin]], begin
    while place < len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4], "big")
        found.append(data[place:end])
        place = end
    assert msgspec.msgpack.decode(found[1][8:])[0] == "signup"
    return found
