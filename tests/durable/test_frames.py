"""Frames and chains: what comes back, and what damage is noticed."""

from __future__ import annotations

from struct import pack
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle import SpindleError
from spindle.durable import Chain, Frame, PageLogCorrupt, PageLogTooNew, read_log

PAGE = "cart-7f3"


def log_of(*bodies: bytes, page: str = PAGE) -> list[bytes]:
    chain = Chain(page)
    return [chain.seal(100.0 + number, body) for number, body in enumerate(bodies)]


def read(sealed: list[bytes], head: int | None = None) -> tuple[list[bytes], SpindleError | None]:
    """The bodies that are read, and the error behind them."""
    bodies: list[bytes] = []
    try:
        log = read_log(Chain(PAGE), sealed, len(sealed) - 1 if head is None else head)
        bodies.extend(frame.body for frame in log)
    except (PageLogCorrupt, PageLogTooNew) as error:
        return bodies, error
    return bodies, None


def resealed(sealed: bytes, *, version: int = 1, kind: bytes = b"F", payload: bytes = b"") -> bytes:
    """The same payload, or another, under a checksum that is right."""
    payload = payload or sealed[6:]
    return pack(">BcI", version, kind, crc32(payload, crc32(kind, version))) + payload


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_what_was_sealed_is_opened(bodies: list[bytes]) -> None:
    sealed = log_of(*bodies)
    chain = Chain(PAGE)
    frames = list(read_log(chain, sealed, len(bodies) - 1))
    assert [frame.body for frame in frames] == bodies
    assert [frame.seq for frame in frames] == list(range(len(bodies)))
    assert [frame.time for frame in frames] == [100.0 + seq for seq in range(len(bodies))]
    assert chain.head == len(bodies) - 1


def test_a_log_that_was_read_goes_on() -> None:
    whole = log_of(b"a", b"b", b"c")
    chain = Chain(PAGE)
    assert len(list(read_log(chain, whole[:2], 1))) == 2
    assert chain.seal(102.0, b"c") == whole[2]


def test_a_log_goes_on_behind_its_snapshot() -> None:
    before, after = Chain(PAGE), Chain(PAGE)
    before.seal(1.0, b"a")
    snapshot = before.seal_snapshot(2.0, b"state")
    later = before.seal(3.0, b"b")
    covered = after.open_snapshot(snapshot)
    assert (covered.seq, covered.time, covered.body) == (0, 2.0, b"state")
    assert [frame.body for frame in read_log(after, [later], 1)] == [b"b"]


@given(st.data())
def test_no_changed_bit_is_passed_over(data: st.DataObject) -> None:
    sealed = log_of(b"a", b"the second", b"c")
    which = data.draw(st.integers(0, 2))
    bit = data.draw(st.integers(0, len(sealed[which]) * 8 - 1))
    changed = bytearray(sealed[which])
    changed[bit // 8] ^= 1 << bit % 8
    sealed[which] = bytes(changed)
    bodies, error = read(sealed)
    assert bodies == [b"a", b"the second", b"c"][:which]
    assert isinstance(error, PageLogCorrupt)
    assert error.seq == which
    assert error.intact == range(which)


@pytest.mark.parametrize("length", range(len(log_of(b"a", b"b")[1])))
def test_no_cut_is_passed_over(length: int) -> None:
    sealed = log_of(b"a", b"b", b"c")
    sealed[1] = sealed[1][:length]
    bodies, error = read(sealed)
    assert bodies == [b"a"]
    assert isinstance(error, PageLogCorrupt)


@given(st.permutations(range(4)))
def test_no_other_order_is_passed_over(order: list[int]) -> None:
    sealed = log_of(b"a", b"b", b"c", b"d")
    bodies, error = read([sealed[each] for each in order])
    right = next((at for at, each in enumerate(order) if at != each), 4)
    assert len(bodies) == right
    assert (error is None) == (right == 4)


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        (0, "damaged at frame 0: expected frame 0, found frame 1; no frame before it was read"),
        (1, "damaged at frame 1: expected frame 1, found frame 2; frames 0 to 0 are intact"),
        (2, "damaged at frame 2: expected frames up to 2, found the end; frames 0 to 1 are"),
    ],
)
def test_no_missing_frame_is_passed_over(gone: int, found: str) -> None:
    sealed = log_of(b"a", b"b", b"c")
    del sealed[gone]
    bodies, error = read(sealed, head=2)
    assert bodies == [b"a", b"b", b"c"][:gone]
    assert found in str(error)


def test_no_frame_of_another_log_is_passed_over() -> None:
    sealed, other = log_of(b"a", b"b", b"c"), log_of(b"a", b"b", b"c", page="cart-7f4")
    for which in range(3):
        bodies, error = read([*sealed[:which], *other[which:]])
        assert bodies == [b"a", b"b", b"c"][:which]
        assert isinstance(error, PageLogCorrupt)
        assert error.found == "one that follows another"


def test_no_frame_of_another_past_is_passed_over() -> None:
    one, two = log_of(b"a", b"b", b"c"), log_of(b"a", b"B", b"c")
    bodies, error = read([one[0], one[1], two[2]])
    assert bodies == [b"a", b"b"]
    assert "expected one that follows frame 1, found one that follows another" in str(error)


def test_no_frame_behind_the_end_is_passed_over() -> None:
    bodies, error = read(log_of(b"a", b"b"), head=0)
    assert bodies == [b"a"]
    assert "at frame 1: expected the end, found one frame more; frames 0 to 0" in str(error)


def test_the_error_says_what_is_intact_and_what_to_do() -> None:
    sealed = log_of(*[b"x"] * 50)
    sealed[42] = sealed[42][:-1] + b"y"
    _, error = read(sealed)
    found = int.from_bytes(sealed[42][2:6], "big")
    assert isinstance(error, PageLogCorrupt)
    assert str(error) == (
        f"the log of page 'cart-7f3' is damaged at frame 42: expected {error.expected}, found "
        f"{found:08x}; frames 0 to 41 are intact, and nothing was changed. Copy the store away, "
        f"then put back a backup, or rewind the log to what is intact"
    )


def test_a_newer_format_is_no_damage() -> None:
    sealed = log_of(b"a", b"b")
    sealed[1] = resealed(sealed[1], version=2)
    bodies, error = read(sealed)
    assert bodies == [b"a"]
    assert isinstance(error, PageLogTooNew)
    assert (error.seq, error.version, error.known) == (1, 2, 1)
    assert "has a newer format at frame 1: version 2, and this Spindle reads up to 1" in str(error)


def test_what_is_whole_and_no_frame_is_said_to_be_none() -> None:
    first = log_of(b"a")[0]
    for wrong, said in [
        (resealed(first, payload=b"\xc1"), "found what is none"),
        (resealed(first, kind=b"S"), "expected a frame, found a snapshot"),
        (resealed(first, kind=b"?"), "expected a frame, found the kind b'?'"),
    ]:
        bodies, error = read([wrong])
        assert bodies == []
        assert said in str(error)


def test_a_snapshot_of_another_page_is_found() -> None:
    other = Chain("cart-7f4")
    other.seal(1.0, b"a")
    with pytest.raises(
        PageLogCorrupt, match="expected a snapshot of page 'cart-7f3', found another"
    ):
        Chain(PAGE).open_snapshot(other.seal_snapshot(1.0, b"state"))


def test_a_damaged_snapshot_is_found() -> None:
    snapshot = Chain(PAGE).seal_snapshot(1.0, b"state")
    with pytest.raises(PageLogCorrupt, match="expected the checksum"):
        Chain(PAGE).open_snapshot(snapshot[:-1] + b"E")
    with pytest.raises(PageLogCorrupt, match="expected a snapshot, found what is none"):
        Chain(PAGE).open_snapshot(resealed(snapshot, kind=b"S", payload=b"\xc1"))
    with pytest.raises(PageLogCorrupt, match="expected a snapshot, found a frame"):
        Chain(PAGE).open_snapshot(log_of(b"a")[0])


def test_behind_a_snapshot_only_what_was_read_is_called_intact() -> None:
    chain = Chain(PAGE)
    for _ in range(5):
        chain.seal(1.0, b"x")
    again = Chain(PAGE)
    again.open_snapshot(chain.seal_snapshot(1.0, b"state"))
    good, bad = chain.seal(2.0, b"y"), chain.seal(2.0, b"z")
    with pytest.raises(PageLogCorrupt) as found:
        list(read_log(again, [good, bad[:-1]], 6))
    assert found.value.intact == range(5, 6)


def test_a_log_is_rewound_where_something_is_intact_only() -> None:
    """To its snapshot, too; but nothing goes before its beginning."""
    chain = Chain(PAGE)
    frames = [chain.seal(1.0, b"x") for _ in range(5)]
    again = Chain(PAGE)
    again.open_snapshot(chain.seal_snapshot(1.0, b"state"), 4)
    with pytest.raises(PageLogCorrupt, match="a backup, or rewind the log to what is intact"):
        again.open(b"")
    with pytest.raises(PageLogCorrupt, match="a backup: nothing is intact that the log could be"):
        Chain(PAGE).open(frames[0][:-1])


def test_a_snapshot_of_other_frames_than_the_store_says_is_found() -> None:
    chain = Chain(PAGE)
    chain.seal(1.0, b"x")
    snapshot = chain.seal_snapshot(1.0, b"state")
    with pytest.raises(PageLogCorrupt, match="at frame 7: expected a snapshot of frames up to 7"):
        Chain(PAGE).open_snapshot(snapshot, 7)
    with pytest.raises(PageLogCorrupt, match="at frame 0: expected a snapshot, whole, found 0 by"):
        Chain(PAGE).open_snapshot(b"", 0)


def test_frames_are_values() -> None:
    frame = Chain(PAGE).open(log_of(b"a")[0])
    assert frame == Frame(0, 100.0, frame.link, b"a")
