from __future__ import annotations

import msgspec
import pytest

from spindle.web.socket.protocol import (
    Bye,
    ClientMessage,
    Dismissed,
    EventSent,
    FormSent,
    Full,
    Gone,
    Hello,
    Patched,
    Resync,
    ServerMessage,
    Settled,
    decode,
    decode_server,
    encode,
)

SPELLED: list[tuple[ClientMessage | ServerMessage, str]] = [
    (Hello("token", 4294967295), '{"t":"hello","page":"token","hash":4294967295}'),
    (
        EventSent(1, "Search.BuyPressed", msgspec.Raw(b'{"sku":"tea"}'), 3, "x"),
        '{"t":"event","seq":1,"name":"Search.BuyPressed","data":{"sku":"tea"},"to":3,"instance":"x"}',
    ),
    (
        FormSent(2, "Checkout.ShippingGiven", [("street", "Main St"), ("tag", "a")]),
        '{"t":"form","seq":2,"name":"Checkout.ShippingGiven",'
        '"fields":[["street","Main St"],["tag","a"]]}',
    ),
    (Dismissed(4), '{"t":"dismiss","flash":4}'),
    (Resync(), '{"t":"resync"}'),
    (Full("<p>", 7, "Tea"), '{"t":"full","html":"<p>","hash":7,"title":"Tea"}'),
    (
        Patched(((0, 100), "text", (120, 5000)), 9),
        '{"t":"patch","ops":[[0,100],"text",[120,5000]],"hash":9}',
    ),
    (
        Settled(1, "refused", "stale"),
        '{"t":"settled","seq":1,"settlement":"refused","reason":"stale"}',
    ),
    (Gone(), '{"t":"gone"}'),
    (Bye(), '{"t":"bye"}'),
]  # fmt: skip


@pytest.mark.parametrize(("message", "frame"), SPELLED)
def test_every_message_has_one_spelling(message: ClientMessage | ServerMessage, frame: str) -> None:
    assert encode(message) == frame
    read = decode if isinstance(message, ClientMessage) else decode_server
    assert read(frame) == message


@pytest.mark.parametrize(
    "frame",
    [
        '{"t":"hello","page":"x"}',
        '{"t":"hello","page":"x","hash":-1}',
        '{"t":"hello","page":"x","hash":4294967296}',
        '{"t":"hello","page":"x","hash":1,"admin":true}',
        '{"t":"event","seq":-1,"name":"A.B"}',
        '{"t":"event","seq":1,"name":"A.B","to":"3"}',
        '{"t":"event","seq":1.5,"name":"A.B"}',
        '{"t":"form","seq":1,"name":"A.B","fields":{"street":"x"}}',
        '{"t":"form","seq":1,"name":"A.B","fields":[["street"]]}',
        '{"t":"form","seq":1,"name":"A.B","fields":[["street",1]]}',
        '{"t":"full","html":"","hash":1}',
        '{"t":"bye"}',
        '{"t":"EVENT"}',
        "[]",
        "null",
        '"hello"',
    ],
)
def test_what_is_not_a_message_of_the_browser_is_refused(frame: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(frame)


def test_no_server_message_says_more_than_it_has_to() -> None:
    assert encode(Settled(1, "handled")) == '{"t":"settled","seq":1,"settlement":"handled"}'
    assert "title" not in encode(Full("", 0))
