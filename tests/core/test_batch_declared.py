"""Batched reads and limits of time as they are declared of a port."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from spindle import (
    Completed,
    ContractError,
    Coroutine,
    NotProvided,
    Port,
    UsageError,
    many,
    read,
    use,
    within,
    write,
)
from tests.library import Index, Library, ask


def test_many_takes_a_read_of_one_key() -> None:
    async def one(self: Port, key: int) -> int: ...

    async def two(self: Port, key: int, other: int) -> int: ...

    async def named(self: Port, *, key: int) -> int: ...

    for method in (one, write(one), "one", 3):
        with pytest.raises(ContractError, match=r"many\(\) takes the method of the same port"):
            many(method)  # type: ignore[arg-type]
    with pytest.raises(
        ContractError, match=r"it takes \(self: .*, key: .*, other: .*\), and has to"
    ):
        many(read(two))  # type: ignore[arg-type]
    with pytest.raises(ContractError, match="cannot be read in batches"):
        many(read(named))  # type: ignore[arg-type]
    for keep in (-1, "1", float("nan")):
        with pytest.raises(UsageError, match=r"many\(keep=\) takes seconds, 0 or more"):
            many(read(one), keep=keep)  # type: ignore[type-var]


def test_a_batched_form_takes_the_keys_and_returns_a_mapping() -> None:
    @read
    async def one(self: Port, key: int) -> int: ...

    def not_async(self: Port, keys: tuple[int, ...]) -> Mapping[int, int]: ...

    async def no_keys(self: Port) -> Mapping[int, int]: ...

    async def more(self: Port, keys: tuple[int, ...], of: str) -> Mapping[int, int]: ...

    async def a_list(self: Port, keys: tuple[int, ...]) -> list[int]: ...

    faults = {
        not_async: "not_async, many of one, has to be an `async def`",
        no_keys: "no_keys, many of one, takes (self: 'Port'); it has to take self and the keys, a "
        "tuple, and nothing else",
        more: "more, many of one, takes (self: 'Port', keys: 'tuple[int, ...]', of: 'str'); it has "
        "to take self and the keys, a tuple, and nothing else",
        a_list: "a_list, many of one, is declared to return list[int]; it has to return a mapping, "
        "of the keys to what was found for them",
    }
    for method, fault in faults.items():
        with pytest.raises(ContractError) as refused:
            many(one)(method)  # type: ignore[arg-type]
        assert str(refused.value).rpartition("<locals>.")[2] == fault


def test_the_older_spelling_of_types_is_as_good() -> None:
    class Old(Port):
        @read
        async def one(self, key): ...

        @many(one)
        async def several(self, keys): ...

    class New(Old):
        async def one(self, key):
            return key

        async def several(self, keys, chunk=100):
            return dict.fromkeys(keys, "several")

    async def reads() -> object:
        return await (await use(Old)).one(1)

    match Coroutine(reads, provide={Old: New()}).run():
        case Completed(value):
            assert value == "several"


@pytest.mark.parametrize("form", ["not async", "no keys"])
def test_an_implementation_of_many_is_checked_where_it_is_provided(form: str) -> None:
    class NotAsync(Index):
        def books(self, numbers):
            return {}

    class NoKeys(Index):
        async def books(self):
            return {}

    given = NotAsync() if form == "not async" else NoKeys()
    with pytest.raises(NotProvided) as refused:
        Coroutine(ask, provide={Library: given})
    assert str(refused.value).splitlines()[1:] == [
        f"  - {type(given).__name__}.books, many of Library.book, is not an async method of self "
        f"and the keys"
    ]


def test_within_takes_a_positive_number() -> None:
    for wrong in (0, -1, "1", len):
        with pytest.raises(UsageError, match=r"within\(\) takes a positive number of seconds"):
            within(wrong)  # type: ignore[arg-type]


def test_within_returns_the_function_it_marks() -> None:
    async def method(self: Port) -> None: ...

    assert within(2)(method) is method
