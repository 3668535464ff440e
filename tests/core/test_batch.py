"""Batched reads by hand: what is read, what is kept, and what is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from spindle import (
    Completed,
    Coroutine,
    Errored,
    NotLoaded,
    Port,
    UsageError,
    await_any,
    fiber,
    forget,
    many,
    map_fibers,
    perform,
    read,
    sleep,
    use,
    write,
)
from spindle.testing import Fake, HandPage, Recording
from tests.library import Books, Index, Library, ask, ask_all
from tests.talk import Desk, Talk


def run(fn: Any, *args: object, library: object = None, **given: Any) -> Any:
    match Coroutine(fn, *args, provide={Library: library or Books()}, **given).run():
        case Completed(value):
            return value
        case Errored(error):
            return error
        case state:
            raise AssertionError(state)


# --- read -----------------------------------------------------------------------------------------


def test_what_fibers_ask_for_is_one_call() -> None:
    books = Books()
    assert run(ask_all, 1, 2, 1, 3, library=books) == [
        "1, edition 1",
        "2, edition 1",
        "1, edition 1",
        "3, edition 1",
    ]
    assert books.log == [(1, 2, 3)]


def test_without_the_batched_form_each_key_is_a_call() -> None:
    index = Index()
    assert run(ask_all, 1, 2, 1, library=index) == ["1, edition 1", "2, edition 1", "1, edition 1"]
    assert index.log == [1, 2]


def test_what_was_read_is_kept() -> None:
    books = Books()
    assert run(ask, 1, 1, 2, 1, library=books)[3] == "1, edition 1"
    assert books.log == [(1,), (2,)]


def test_a_key_that_was_not_found_fails_who_asked_for_it() -> None:
    async def tries(number: int) -> str:
        try:
            return (await ask(number))[0]
        except NotLoaded as error:
            return str(error)

    books = Books()
    with HandPage(Talk, provide={Library: books}) as page:

        async def asks() -> list[str]:
            return list(await map_fibers(tries, (1, 100, 2), limit=3))

        handle = page.start(Desk, asks)
        assert page.result(handle) == [
            "1, edition 1",
            "Library.book(100): Library.books brought nothing for this key",
            "2, edition 1",
        ]
        # Not kept: it may be there by now.
        page.start(Desk, tries, 100)
        assert books.log == [(1, 100, 2), (100,)]


def test_not_loaded_is_a_lookup_error() -> None:
    assert isinstance(run(ask, 100), LookupError)


def test_what_a_batch_raises_is_raised_in_all_and_not_kept() -> None:
    books = Books()

    async def tries(*numbers: int) -> list[str]:
        said = []
        for each in numbers:
            try:
                said += await ask(each)
            except LookupError as error:
                said.append(f"{error!r} {error.__notes__}")
        return said

    async def asks() -> object:
        first = await map_fibers(tries, (1, -1, 2), limit=3)
        return first, await tries(1, -1)

    spoilt = "LookupError(-1) ['raised in Library.books']"
    once_more = ["1, edition 1", spoilt]
    assert run(asks, library=books) == (([spoilt], [spoilt], [spoilt]), once_more)
    assert books.log == [(1, -1, 2), (1,), (-1,)]


@pytest.mark.parametrize("brought", [["1"], None, "1, edition 1"])
def test_what_is_no_mapping_is_named(brought: object) -> None:
    class Wrong(Index):
        async def books(self, numbers):
            return brought

    error = run(ask, 1, library=Wrong())
    assert isinstance(error, UsageError)
    assert str(error) == (
        f"Library.books returned {type(brought).__name__}, not a mapping of the keys to what was "
        f"found for them"
    )


def test_none_is_a_value_like_any() -> None:
    class Nones(Books):
        async def books(self, numbers):
            await super().books(numbers)
            return dict.fromkeys(numbers)

    nones = Nones()
    assert run(ask, 1, 1, library=nones) == [None, None]
    assert nones.log == [(1,)]


def test_keys_have_to_be_hashable() -> None:
    error = run(ask, [1])
    assert isinstance(error, UsageError)
    assert str(error) == (
        "Library.book is read in batches, so its keys have to be hashable, and [1] is not: take a "
        "tuple or a frozen struct"
    )

    async def forgets() -> None:
        await forget((await use(Library)).book, [1])  # type: ignore[arg-type]

    assert isinstance(run(forgets), UsageError)


def test_wrong_arguments_are_the_callers_own_error() -> None:
    async def asks(args: Any, keywords: Any) -> object:
        return await (await use(Library)).book(*args, **keywords)

    assert run(asks, (), {"number": 1}) == "1, edition 1"
    for args, keywords in (((), {}), ((1, 2), {}), ((), {"count": 1}), ((1,), {"number": 1})):
        assert isinstance(run(asks, args, keywords), TypeError)


class Odd:
    """A key that can be told from others only as long as it is not `broken`."""

    broken = False

    def __init__(self, number: int) -> None:
        self.number = number

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        if Odd.broken:
            raise RuntimeError("eq")
        return isinstance(other, Odd) and other.number == self.number


class Breaking(dict[Any, str]):
    """Brings something for one key, and breaks them all when it is asked for another one."""

    def __contains__(self, key: object) -> bool:
        Odd.broken = not super().__contains__(key)
        return not Odd.broken


def test_a_key_whose_own_methods_fail_hurts_who_asks_for_it_only(monkeypatch) -> None:
    monkeypatch.setattr(Odd, "broken", False)

    class Failing(Index):
        async def books(self, numbers):
            return Breaking({numbers[0]: "found"})

    async def asks(key: Any) -> object:
        return await ask(key)

    async def starts() -> list[object]:
        return [await fiber(asks, Odd(number)) for number in (1, 2)]

    with HandPage(Talk, provide={Library: Failing()}) as page:
        handle = page.start(Desk, catches, starts)
        assert page.result(handle) == [["found"], "RuntimeError('eq')"]
        Odd.broken = False
        # Nothing is kept of it, and nothing else is hurt.
        assert page.result(page.start(Desk, asks, Odd(1))) == ["found"]


async def catches(starts) -> list[object]:
    said: list[object] = []
    for handle in await starts():
        try:
            said.append(await handle.result())
        except RuntimeError as error:
            said.append(repr(error))
    return said


def test_who_has_all_the_keys_calls_it_itself() -> None:
    async def asks(*numbers: int) -> object:
        library = await use(Library)
        return await library.books(numbers)

    for library, log in ((Books(), [(1, 2)]), (Index(), [1, 2])):
        assert run(asks, 1, 2, library=library) == {1: "1, edition 1", 2: "2, edition 1"}
        assert library.log == log


def test_a_call_of_another_kind_is_as_it_was() -> None:
    async def counts() -> object:
        return await (await use(Library)).count()

    assert run(counts) == 3


def test_it_is_no_source_of_a_race() -> None:
    async def races() -> None:
        library = await use(Library)
        await await_any(library.book(1), sleep(1))  # type: ignore[call-overload]

    error = run(races)
    assert "start the call as a fiber before, `call = await fiber(port.book, ...)`" in str(error)


def test_the_journal_tells_of_each_batch_by_its_number() -> None:
    recording = Recording()
    run(ask_all, 1, 2, 1, journal=recording)
    assert [line.split(maxsplit=1) for line in recording.lines() if "Batch" in line] == [
        ["Batch[1]", "-> Library.books((1, 2))"],
        ["Batch[1]", "<- Library.books returned {1: '1, edition 1', 2: '2, edition 1'}"],
    ]


def test_it_can_be_performed_and_mapped_like_any_call() -> None:
    async def calls() -> object:
        library = await use(Library)
        return await library.book(1), await perform(Books().book, 2)

    assert run(calls) == ("1, edition 1", "2, edition 1")


# --- kept, and forgotten --------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["lend", "buy"])
def test_a_write_forgets_what_its_implementation_has_brought(change: str) -> None:
    async def changes() -> list[str]:
        library: Any = await use(Library)
        before = await ask(1)
        await getattr(library, change)(1)
        return [*before, *await ask(1)]

    assert run(changes) == ["1, edition 1", "1, edition 2"]


def test_a_write_of_another_implementation_does_not() -> None:
    class Desks(Port):
        @write
        async def clean(self) -> None: ...

    class Clean(Desks):
        async def clean(self) -> None: ...

    class Both(Books, Desks):
        async def clean(self) -> None: ...

    async def cleans() -> None:
        await ask(1)
        await (await use(Desks)).clean()
        await ask(1)

    for library, desks, log in (
        (books := Books(), Clean(), [(1,)]),
        (both := Both(), both, [(1,), (1,)]),
    ):
        Coroutine(cleans, provide={Library: library, Desks: desks}).run()
        assert library.log == log
    assert books.log != both.log


def test_forget_reads_anew() -> None:
    async def forgets() -> None:
        library = await use(Library)
        await forget(library.book)  # nothing is kept yet
        await ask(1, 2)
        await forget(library.book, 1, 7)
        await ask(1, 2)
        await forget(library.book)
        await ask(1, 2)

    books = Books()
    run(forgets, library=books)
    assert books.log == [(1,), (2,), (1,), (1,), (2,)]


def test_forget_takes_a_method_that_is_read_in_batches() -> None:
    async def forgets() -> None:
        library: Any = await use(Library)
        await forget(library.count)

    assert "forget() takes a method that is read in batches" in str(run(forgets))
    for wrong in (Library.book, Books().book, 3):
        with pytest.raises(UsageError, match=r"await forget\(catalog.product, key\)"):
            forget(wrong)  # type: ignore[arg-type]


class Clock(Port):
    @read
    async def tick(self, key: int) -> int: ...

    @many(tick, keep=2)
    async def ticks(self, keys: tuple[int, ...]) -> Mapping[int, int]:
        raise NotImplementedError

    @read
    async def level(self, key: int) -> int: ...

    @many(level, keep=0)
    async def levels(self, keys: tuple[int, ...]) -> Mapping[int, int]:
        raise NotImplementedError


class Ticking(Clock):
    count = 0

    async def tick(self, key: int) -> int: ...

    async def level(self, key: int) -> int: ...

    async def ticks(self, keys: tuple[int, ...]) -> Mapping[int, int]:
        self.count += 1
        return dict.fromkeys(keys, self.count)

    async def levels(self, keys: tuple[int, ...]) -> Mapping[int, int]:
        return await self.ticks(keys)


def test_a_value_is_kept_for_so_long() -> None:
    async def asks() -> list[int]:
        clock = await use(Clock)
        told = []
        for seconds in (0, 1.9, 0.1, 1, 1):
            await sleep(seconds)
            told.append(await clock.tick(1))
        return told

    with HandPage(Talk, provide={Clock: Ticking()}) as page:
        handle = page.start(Desk, asks)
        page.wait()
        assert page.result(handle) == [1, 1, 2, 2, 3]


def test_nothing_is_kept_for_no_time() -> None:
    async def asks() -> list[int]:
        clock = await use(Clock)
        return [await clock.level(1), await clock.level(1)]

    with HandPage(Talk, provide={Clock: Ticking()}) as page:
        assert page.result(page.start(Desk, asks)) == [1, 2]


# --- fakes ----------------------------------------------------------------------------------------


def test_a_fake_is_asked_one_by_one_unless_many_are_scripted() -> None:
    fake = Fake(Library).when(Library.book).returns("a", "b")
    assert run(ask_all, 1, 2, library=fake) == ["a", "b"]
    assert fake.calls == [("book", (1,)), ("book", (2,))]

    fake = Fake(Library).when(Library.books).returns({1: "a", 2: "b"})
    assert run(ask_all, 1, 2, library=fake) == ["a", "b"]
    assert fake.calls == [("books", ((1, 2),))]
