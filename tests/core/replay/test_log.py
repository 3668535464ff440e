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
    OutcomeUnknown,
    Port,
    ReplayMismatch,
    Suspended,
    UsageError,
    call_key,
    once,
    unique_id,
    use,
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
    older = json.loads(log.dump()) | {"spindle_log": 1}
    del older["checksums"]
    assert older["head"][2] == str(2**62 + 1)
    older["head"][2] = 2**62 + 1
    assert Coroutine.resume(draws, Log.load(json.dumps(older))).state == state


@pytest.mark.parametrize("given", ["x", 1, None])
def test_a_log_is_json_or_is_not(given: Any) -> None:
    with pytest.raises(UsageError, match=r"Log\(json=\) takes True, .* or False, .*, not "):
        Log(json=given)


@pytest.mark.parametrize("as_json", [False, True])
def test_D4_cut_anywhere_it_says_so_and_keeps_what_is_before(as_json: bool) -> None:
    log = written(as_json=as_json)
    data = log.dump()
    lengths = list[int]()
    for end in range(len(data)):
        with pytest.raises(LogCorrupt) as corrupt:
            Log.load(data[:end])
        intact = corrupt.value.intact
        if intact is not None:
            lengths.append(len(intact.frames))
            assert same(intact.frames, log.frames[: lengths[-1]])
            assert f"damaged from frame {lengths[-1] + 1} on: it was cut" in str(corrupt.value)
            assert f"The {lengths[-1]} before it are intact" in str(corrupt.value)
    assert sorted(set(lengths)) == list(range(len(log.frames) + 1))
    assert lengths == sorted(lengths)


def test_D4_what_is_kept_of_a_log_that_was_cut_anywhere_is_taken_up() -> None:
    """As it was before, and is written as a whole log from there on."""
    log = written()
    data = log.dump()
    taken_up = dict[int, object]()
    for end in range(len(data)):
        with pytest.raises(LogCorrupt) as corrupt:
            Log.load(data[:end])
        intact = corrupt.value.intact
        if intact is None or len(intact.frames) in taken_up:
            continue
        length, users = len(intact.frames), Directory()
        again = Coroutine.resume(signup, intact, provide={Users: users})
        state = again.run() if length == 0 else again.state
        hint = "" if length < 3 else "Ada is taken" if length < 5 else "Eve is taken"
        assert users.calls == (["is_free Ada"] if length == 2 else ["is_free Eve"][: length == 4])
        if length in {2, 4}:  # the call was under way, and was made again
            hint = "Ada is taken" if length == 2 else "Eve is taken"
        taken_up[length] = state
        assert state == Suspended(Signup.AskName(hint))
        assert again.run(Signup.NameGiven("Bo")) == Completed("Bo #7")
        assert len(Log.load(intact.dump()).frames) >= length + 3
    assert set(taken_up) == set(range(len(log.frames) + 1))


def test_D4_what_a_log_that_was_cut_forgets_is_done_again_with_the_same_key() -> None:
    """A charge that is made again behind the damage is the same one for its service."""
    bank, log = Bank(), Log()

    async def buys() -> str:
        till = await use(Till)
        name = (await Signup.AskName("")).name
        return await till.charge(name) + (await Signup.AskName("more")).name

    coroutine = Coroutine(buys, provide={Till: bank}, log=log)
    coroutine.run()
    coroutine.run(Signup.NameGiven("Ada"))
    parts = frames_of(log.dump())
    with pytest.raises(LogCorrupt, match="the mark of its end is missing") as corrupt:
        Log.load(b"".join(parts[:3]))
    assert corrupt.value.intact is not None
    again = Coroutine.resume(buys, corrupt.value.intact, provide={Till: bank})
    assert again.run(Signup.NameGiven("Ada")) == Suspended(Signup.AskName("more"))
    assert len(bank.keys) == 2
    assert len(set(bank.keys)) == 1
    with pytest.raises(LogCorrupt) as corrupt:
        Log.load(b"".join(parts[:4]))
    assert corrupt.value.intact is not None  # in which the call was begun
    state = Coroutine.resume(buys, corrupt.value.intact, provide={Till: bank}).state
    assert isinstance(state, Errored)
    assert isinstance(state.error, OutcomeUnknown)
    assert len(bank.keys) == 2


class Till(Port):
    @once
    async def charge(self, name: str) -> str: ...


class Bank(Till):
    """Notes the key of each charge."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    async def charge(self, name: str) -> str:
        self.keys.append(call_key())
        return f"receipt for {name} "


def test_D4_what_stands_behind_the_end_is_noticed() -> None:
    log = written()
    for more in (b"\0", *frames_of(log.dump())):
        with pytest.raises(LogCorrupt, match="stands behind the mark of the end") as caught:
            Log.load(log.dump() + more)
        assert caught.value.intact is not None
        assert same(caught.value.intact.frames, log.frames)


def test_D4_a_log_that_says_another_format_than_it_is_in_is_noticed() -> None:
    data = written().dump()
    with pytest.raises(LogCorrupt, match="damaged from frame 6 on: Input data was truncated"):
        Log.load(data.replace(b"spindle log\x02", b"spindle log\x01"))
    end = 8  # without which it is as the first format has it
    older = data.replace(b"spindle log\x02", b"spindle log\x01")[:-end]
    assert Log.load(older).dump() == data
    with pytest.raises(LogCorrupt, match="damaged from frame 6 on: it was cut"):
        Log.load(older.replace(b"spindle log\x01", b"spindle log\x02"))


def test_D4_a_frame_that_was_taken_out_is_noticed() -> None:
    log = written()
    parts = frames_of(log.dump())
    for number in range(len(log.frames)):
        with pytest.raises(LogCorrupt, match=f"from frame {number + 1} on: its checksum") as caught:
            Log.load(b"".join([*parts[: number + 2], *parts[number + 3 :]]))
        assert caught.value.intact is not None
        assert same(caught.value.intact.frames, log.frames[:number])


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
    with pytest.raises(LogCorrupt, match="damaged from frame 1 on: its checksum") as caught:
        Log.load(b"".join(parts))
    assert caught.value.intact is not None
    assert caught.value.intact.frames == []


@pytest.mark.parametrize("version", [3, 200])
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
        (b"spindle log\x02", "the beginning of this log is damaged: it was cut"),
        (b"spindle log\x02" + bytes(8), "it ends before anything was begun"),
        (b"spindle log\x02" + bytes(9), "beginning of this log is damaged: it stands behind"),
        (b"{", "cut or changed"),
        (b"{}", "does not say its version"),
        (b'{"spindle_log": 1}', "the beginning of this log is damaged: it has no `head`"),
        (b'{"spindle_log": 1', "the beginning of this log is damaged: it was cut or changed"),
        (b'{"spindle_log": 1, "head": 3}', "beginning of this log is damaged: Expected `array`"),
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
    assert msgspec.msgpack.decode(found[1][8:])[0] in {"signup", "buys"}
    return found
