"""D4: a log as JSON, which others may lay out anew, and people may change."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from spindle import (
    Completed,
    Coroutine,
    Event,
    Log,
    LogCorrupt,
    LogTooNew,
    Port,
    Spindle,
    Yield,
    read,
    use,
)
from tests.core.replay.signup import Directory, Signup, Users, signup
from tests.core.replay.test_log import written


def text_of(log: Log) -> dict[str, Any]:
    found = json.loads(log.dump())
    assert isinstance(found, dict)
    return found


def says(log: Log | None, of: Log, frames: int | None = None) -> bool:
    """Whether it says the same as another one, up to some frame of it."""
    whole = text_of(of)
    whole["frames"] = whole["frames"][:frames]
    whole["checksums"] = whole["checksums"][: len(whole["frames"]) + 1]
    return log is not None and text_of(log) == whole


def damage_of(data: bytes | str) -> LogCorrupt:
    with pytest.raises(LogCorrupt) as caught:
        Log.load(data)
    return caught.value


class Numbers(Spindle[str]):
    class Given(Event):
        ratio: float
        many: dict[str, float]
        large: int

    class Asks(Yield[Given]): ...


async def takes(first: float) -> str:
    given = await Numbers.Asks()
    return f"{first} {given.ratio} {given.many} {given.large}"


GIVEN = Numbers.Given(0.1, {"a": 5.0, "b": 1e20, "é": 1.2345678901234567e20}, 2**64)


def of_numbers() -> Log:
    log = Log(json=True)
    coroutine = Coroutine(takes, 3.0, log=log)
    coroutine.run()
    assert isinstance(coroutine.run(GIVEN), Completed)
    return log


def as_javascript(text: str) -> str:
    """5 for 5.0, and no exponent below 1e21."""

    def number(text: str) -> float:
        return int(Decimal(text)) if float(text).is_integer() else float(text)

    assert number("1.2345678901234567e20") == 123456789012345670000
    return json.dumps(json.loads(text, parse_float=number))


@pytest.mark.parametrize(
    "lays_out",
    [
        lambda text: json.dumps(json.loads(text), indent=2),
        lambda text: json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False),
        lambda text: json.dumps(dict(reversed(json.loads(text).items()))),
        lambda text: f"\n\t {text} \r\n",
        lambda text: text.replace('"spindle_log"', '"\\u0073pindle_log"').encode(),
        lambda text: json.dumps(json.loads(text) | {"saved by": {"whom": ["us"]}}),
        as_javascript,
    ],
)
def test_D4_a_text_that_says_the_same_is_the_same_log(lays_out: Callable[[str], Any]) -> None:
    for log, fn, given in (
        (of_numbers(), takes, {}),
        (written(as_json=True), signup, {Users: Directory()}),
    ):
        again = Log.load(lays_out(log.dump().decode()))
        state = Coroutine.resume(fn, Log.load(log.dump()), provide=given).state
        assert Coroutine.resume(fn, again, provide=given).state == state
        assert len(again.frames) == len(log.frames)


def test_D4_a_changed_value_is_told_and_what_is_before_is_kept() -> None:
    log = written(as_json=True)
    for number in range(len(log.frames)):
        for change in (
            lambda frame: frame.__setitem__(0, frame[0] + 0.5),
            lambda frame: frame[1].append("more"),
            lambda frame: frame.__setitem__(4, True),
            lambda frame: frame.pop(),
        ):
            found = text_of(log)
            change(found["frames"][number])
            damage = damage_of(json.dumps(found))
            assert f"damaged from frame {number + 1} on: its checksum is wrong" in str(damage)
            assert says(damage.intact, log, number)
    found = text_of(log)
    found["head"][0] = "another"
    damage = damage_of(json.dumps(found))
    assert str(damage).startswith("the beginning of this log is damaged: its checksum is wrong")
    assert damage.intact is None


def test_D4_a_number_that_a_tool_has_rounded_is_told() -> None:
    text = of_numbers().dump().decode().replace(str(2**64), "18446744073709552000")
    assert "damaged from frame 2 on: its checksum is wrong: it was changed" in str(damage_of(text))


@pytest.mark.parametrize("number", range(5))
def test_D4_a_frame_that_was_taken_out_is_told(number: int) -> None:
    log = written(as_json=True)
    found = text_of(log)
    assert len(found["frames"]) == 5
    del found["frames"][number]
    damage = damage_of(json.dumps(found))
    said = "it was taken out" if number == 4 else "its checksum is wrong"
    assert f"damaged from frame {number + 1} on: {said}" in str(damage)
    assert says(damage.intact, log, number)


def test_D4_frames_that_changed_places_or_were_added_are_told() -> None:
    log = written(as_json=True)
    found = text_of(log)
    frames = found["frames"]
    frames[1], frames[2] = frames[2], frames[1]
    assert "damaged from frame 2 on: its checksum is wrong" in str(damage_of(json.dumps(found)))
    found = text_of(log)
    found["frames"].append(found["frames"][-1])
    damage = damage_of(json.dumps(found))
    assert "damaged from frame 6 on: it has no checksum: it was added" in str(damage)
    assert says(damage.intact, log)


def test_D4_with_any_byte_changed_a_text_says_so_or_says_the_same() -> None:
    log = written(as_json=True)
    data = bytearray(log.dump())
    for place in range(len(data)):
        for mask in (1, 0x80, 0xFF):
            data[place] ^= mask
            try:
                intact: Log | None = Log.load(bytes(data))
                assert intact is not None
                assert intact.dump() == log.dump()
            except LogTooNew:
                intact = None
            except LogCorrupt as corrupt:
                intact = corrupt.intact
            data[place] ^= mask
            if intact is not None:
                assert says(intact, log, len(intact.frames))


def test_D4_who_has_changed_a_text_on_purpose_says_so() -> None:
    """With `null` for its checksums; what is dumped then has some again."""
    found = text_of(written(as_json=True))
    found["frames"] = found["frames"][:1]
    assert 'If that was done on purpose, write "checksums": null in the log' in str(
        damage_of(json.dumps(found))
    )
    changed = Log.load(json.dumps(found | {"checksums": None}))
    again = Coroutine.resume(signup, changed, provide={Users: Directory()})
    assert again.run(Signup.NameGiven("Bo")) == Completed("Bo #7")
    assert len(text_of(changed)["checksums"]) == 1 + len(changed.frames)
    assert Log.load(changed.dump()).dump() == changed.dump()


@pytest.mark.parametrize("others", [{}, {"checksums": 3}, {"checksums": {}}])
def test_D4_checksums_that_are_missing_are_told(others: dict[str, object]) -> None:
    log = written(as_json=True)
    found = text_of(log)
    del found["checksums"]
    damage = damage_of(json.dumps(found | others))
    assert "it has no list of `checksums`. If that was done on purpose, write" in str(damage)
    assert damage.intact is None  # nothing of it was checked


def test_D4_a_name_that_stands_there_twice_is_told() -> None:
    text = written(as_json=True).dump().decode()
    damage = damage_of(f'{text[:-1]},"checksums":null}}')
    assert "'checksums' stands there twice" in str(damage)


def test_D4_a_mark_of_the_order_of_bytes_is_passed_over() -> None:
    log = written(as_json=True)
    assert says(Log.load(b"\xef\xbb\xbf" + log.dump()), log)


def test_D4_half_a_character_is_told() -> None:
    text = written(as_json=True).dump().decode()
    name = next(each for each in ("Ada", "Bo", "one", "tea") if each in text)
    damage = damage_of(text.replace(f'"{name}"', '"\\ud800"', 1))
    assert "its checksum is wrong" in str(damage)


async def lists() -> str:
    """See in which order things come, which is that of their names."""
    stock = await (await use(Stocks)).stock()
    return ", ".join(stock)


class Stocks(Port):
    @read
    async def stock(self) -> dict[str, float]: ...


class Stocked(Stocks):
    async def stock(self) -> dict[str, float]:
        return {"tea": 5.0, "cake": 1.0}


def test_W6_D4_mappings_come_in_order_whoever_lays_the_text_out() -> None:
    log = Log(json=True)
    done = Coroutine(lists, provide={Stocks: Stocked()}, log=log).run()
    assert done == Completed("cake, tea")
    text = json.dumps(json.loads(log.dump()))
    turned = text.replace('{"cake": 1.0, "tea": 5.0}', '{"tea": 5, "cake": 1}')
    assert turned != text
    again = Coroutine.resume(lists, Log.load(turned), provide={Stocks: Stocked()})
    assert again.state == done


def test_D4_an_older_text_has_no_checksums() -> None:
    found = text_of(written(as_json=True)) | {"spindle_log": 1}
    assert Log.load(json.dumps(found)).frames  # none of then, but they fit
    damage_of(json.dumps(found | {"checksums": found["checksums"][:-1]}))
    del found["checksums"]
    del found["frames"][-1]
    assert len(Log.load(json.dumps(found)).frames) == 4


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b'"frames":[', b'"frames":3,"more":[', "it has no list of `frames`"),
        (b'"frames":', b'"framed":', "it has no list of `frames`"),
        (b'"frames":[[0.0', b'"frames":[[NaN', "it was cut or changed: NaN is no JSON"),
        (b'"frames":[[', b'"frames":[' + b"[" * 100_000, "it is nested too deeply"),
        (b"]]}", b"]],}", r"it was cut or changed: Expecting value: line 1 column \d+"),
        (b"]]}", b"]]}]", "it was cut or changed: Expecting the end: line 1 column"),
        (b"]]}", b"]]}\xff", "'utf-8' codec can't decode byte 0xff in position"),
        (b"false],[0.0", b"false];[0.0", "it was cut or changed: Expecting ',': line 1 column"),
        (b'"Ada"', b'"\xffda"', "can't decode byte 0xff"),
    ],
)
def test_D4_where_a_text_is_none_is_told(old: bytes, new: bytes, what: str) -> None:
    data = written(as_json=True).dump()
    assert old in data
    with pytest.raises(LogCorrupt, match=what) as caught:
        Log.load(data.replace(old, new))
    assert caught.value.intact is None or caught.value.intact.head is not None


def test_D4_a_text_of_no_characters_is_told() -> None:
    text = written(as_json=True).dump().decode()
    damage = damage_of(text.replace("Eve", "E\ud800e", 1))
    assert "it was cut or changed: 'utf-8' codec can't decode" in str(damage)
    assert damage.intact is not None


@pytest.mark.parametrize("frame", [3, [], [0.0, ["nothing"], []]])
def test_D4_what_is_no_frame_is_told(frame: object) -> None:
    found = text_of(written(as_json=True)) | {"checksums": None}
    found["frames"][2] = frame
    damage = damage_of(json.dumps(found))
    assert "damaged from frame 3 on: " in str(damage)
    assert damage.intact is not None
    assert len(damage.intact.frames) == 2


def test_D4_a_newer_text_is_left_alone_whatever_it_says() -> None:
    for text in ('{"frames": 3, "spindle_log": 3}', '{"spindle_log": 3, "head"'):
        with pytest.raises(LogTooNew, match="format 3, this one reads up to 2"):
            Log.load(text)
