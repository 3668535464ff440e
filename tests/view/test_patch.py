from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spindle.view import Full, Patch, apply, checksum, diff
from spindle.view.delta import delta

ALPHABET = 'ab <>="é😀𝄞'
texts = st.text() | st.text(ALPHABET, max_size=60)

PIECES = ['<li id="a">', '<li id="b">', "<tr data-key='k'>", "<td>", "</td>", "text", "😀" * 9, "é"]
pages = st.lists(st.sampled_from(PIECES) | st.text(ALPHABET, max_size=3), max_size=40).map("".join)


def row(number: int, price: int, key: str = ' id="row-{}"') -> str:
    return (
        f'<tr{key.format(number)} class="product"><td>Product number {number} 😀</td>'
        f'<td class="price">{price} EUR</td><td><button data-sp-click="Search.BuyPressed" '
        f'data-sp-value=\'{{"sku":"p{number}"}}\'>Buy</button></td></tr>'
    )


def table(rows: Iterable[str], title: str = "Products") -> str:
    return f"<h1>{title}</h1><table>{''.join(rows)}</table><p>End</p>"


def size(change: Full | Patch) -> int:
    return len(msgspec.json.encode(change))


BEFORE = table(row(number, number) for number in range(200))


@given(texts, texts)
@example("😀a", "😀b")
@example("", "")
def test_P5_what_is_applied_is_what_was_rendered(old: str, new: str) -> None:
    change = diff(old, new)
    assert apply(old, change) == new
    assert change.hash == zlib.crc32(new.encode()) == checksum(new)


@given(texts, texts, texts)
def test_P5_what_long_texts_have_in_common_does_not_matter(old: str, new: str, same: str) -> None:
    old, new = same + old + "x" * 600 + same * 9, same + new + "y" * 1200 + same * 9
    assert apply(old, diff(old, new)) == new


@given(pages, pages)
def test_P5_a_delta_is_right_wherever_the_pieces_were_cut(old: str, new: str) -> None:
    assert apply(old, Patch(delta(old, new).finish(), 0)) == new


def test_P5_offsets_count_utf16_units() -> None:
    old = "😀" * 20 + "a" + "𝄞" * 20
    assert diff(old, old.replace("a", "b")) == Patch(
        ((0, 40), "b", (41, 40)), checksum(old.replace("a", "b"))
    )


def test_P5_one_changed_row_of_200_sends_under_200_bytes() -> None:
    after = table(row(number, number + (number == 100)) for number in range(200))
    change = diff(BEFORE, after)
    assert apply(BEFORE, change) == after
    assert size(change) < 200


@pytest.mark.parametrize(
    ("change", "title", "most"),
    [
        (lambda rows: [*rows[:-1], row(199, 4)], "News", 100),
        (lambda rows: rows[::-1], "Products", 3_000),
        (lambda rows: rows[::2], "Products", 1_600),
        (lambda rows: [rows[-1], *rows[:-1]], "News", 200),
        (lambda rows: [row(number, number + 1) for number in range(200)], "Products", 6_000),
        (lambda rows: [row(500, 1), *rows, row(501, 1)], "Products", 500),
    ],
    ids=["title and last", "reversed", "every other", "last first", "every row", "both ends"],
)
def test_P5_rows_with_keys_send_what_changed(
    change: Callable[[list[str]], list[str]], title: str, most: int
) -> None:
    after = table(change([row(number, number) for number in range(200)]), title)
    patch = diff(BEFORE, after)
    assert apply(BEFORE, patch) == after
    assert size(patch) < most
    assert size(patch) < len(after) / 5


def test_P5_rows_without_keys_still_send_little() -> None:
    before, after = (
        table((row(number, number + grown, key="") for number in range(200)), f"{grown}")
        for grown in (0, 1)
    )
    assert size(diff(before, after)) < len(after) / 5


def test_another_page_is_sent_in_full() -> None:
    after = "".join(f"<p>{number * 7919}</p>" for number in range(500))
    assert diff(BEFORE, after) == Full(after, checksum(after))
    assert apply(BEFORE, diff(BEFORE, after)) == after


def test_a_small_page_is_never_sent_in_full() -> None:
    assert diff("", "<p>hello</p>") == Patch(("<p>hello</p>",), checksum("<p>hello</p>"))


def test_equal_texts_copy_everything() -> None:
    assert diff("a" * 50, "a" * 50) == Patch(((0, 50),), checksum("a" * 50))


def test_a_patch_is_arrays_and_texts_on_the_wire() -> None:
    change = diff("a" * 50, "a" * 50 + "<b>")
    assert msgspec.json.decode(msgspec.json.encode(change)) == {
        "ops": [[0, 50], "<b>"],
        "hash": change.hash,
    }
