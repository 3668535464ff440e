from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.web.limits import Limits
from spindle.web.socket.bucket import TokenBucket
from spindle.web.socket.conversation import Conversation, State, Violation
from spindle.web.socket.protocol import Dismissed, Hello, Resync, encode

HELLO = encode(Hello("token", 1))
DISMISS = encode(Dismissed(1))


def conversation(**limits: float) -> Conversation:
    return Conversation(Limits(**limits), now=0.0)  # type: ignore[arg-type]


def code_of(frame: str | bytes, conversation: Conversation, now: float = 0.0) -> int:
    with pytest.raises(Violation) as caught:
        conversation.receive(frame, now)
    assert conversation.state is State.CLOSED
    assert caught.value.reason
    assert len(caught.value.reason.encode()) <= 123, "a close frame has no room for more"
    return caught.value.code


def test_hello_comes_first_and_once() -> None:
    talk = conversation()
    assert talk.receive(HELLO, 0.0) == Hello("token", 1)
    assert talk.state is State.LIVE
    assert talk.receive(DISMISS, 0.0) == Dismissed(1)
    assert talk.receive(encode(Resync()), 0.0) == Resync()
    assert code_of(HELLO, talk) == 1008


def test_nothing_is_understood_before_hello() -> None:
    assert code_of(DISMISS, conversation()) == 1008


def test_nothing_is_understood_after_a_violation() -> None:
    talk = conversation()
    assert code_of(b"", talk) == 1003
    assert code_of(HELLO, talk) == 1008


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b'{"t":"hello"}', 1003),
        ("", 1007),
        ("hello", 1007),
        ('{"t":"hello","page":"x","hash":1', 1007),
        ('{"t":"hello","page":"\\ud800","hash":1}', 1007),
        ('{"t":"hello","page":"\ud800","hash":1}', 1007),
        ('{"t":"event","seq":1,"name":"A.B","data":' + "[" * 60_000, 1007),
        ('{"t":"event","seq":1,"name":"A.B","data":' + "[" * 30_000 + "]" * 30_000 + "}", 1007),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, 1007),
        ('{"t":"nonsense"}', 1008),
        ('{"t":"hello","page":"x","hash":1,"more":1}', 1008),
        ("[]", 1008),
        ("x" * 70_000, 1009),
        ('"' + "☕" * 30_000 + '"', 1009),
    ],
)
def test_P6_a_hostile_frame_closes_with_its_code(frame: str | bytes, code: int) -> None:
    assert code_of(frame, conversation()) == code


def test_P6_a_burst_is_let_through_and_a_flood_is_not() -> None:
    talk = conversation(burst=50, frames_per_second=10)
    talk.receive(HELLO, 0.0)
    for _ in range(49):
        talk.receive(DISMISS, 0.0)
    assert code_of(DISMISS, talk) == 4429


def test_a_bucket_refills_with_time_and_not_beyond_its_size() -> None:
    bucket = TokenBucket(rate=2, size=3, now=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(0.5), bucket.take(0.5)] == [True, False]
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]


@given(st.lists(st.one_of(st.text(), st.binary(), st.sampled_from([HELLO, DISMISS]))))
def test_P6_whatever_is_sent_is_understood_or_a_violation(frames: list[str | bytes]) -> None:
    talk = conversation()
    for frame in frames:
        try:
            talk.receive(frame, 0.0)
        except Violation:
            assert talk.state is State.CLOSED
