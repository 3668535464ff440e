"""D3: messages that have changed since a log kept them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Generic, NewType, TypedDict, TypeVar

import msgspec
import pytest

from spindle import (
    Completed,
    Coroutine,
    Log,
    Port,
    ReplayMismatch,
    Suspended,
    UsageError,
    Yield,
    read,
    upcasts,
    use,
)
from spindle._core.replay import upcasting
from spindle._core.replay.formats import Format
from spindle._core.replay.kept import keep
from spindle._core.replay.kept import read as read_back

FORMS = pytest.mark.parametrize("form", list(Format), ids=lambda form: form.value)


class Name(msgspec.Struct):
    """Once `name`, then `first` and `rest`, now `first` and `last`."""

    first: str
    last: str


@upcasts(Name)
def name_was_one(old: dict[str, object]) -> dict[str, object]:
    first, _, rest = str(old["name"]).partition(" ")
    return {"first": first, "rest": rest}


@upcasts(Name)
def rest_was_called_so(old: dict[str, object]) -> dict[str, object]:
    return {"first": old["first"], "last": old["rest"]}


@dataclass
class Person:
    name: Name
    others: list[Name]
    by_role: dict[str, Name | None]
    pair: tuple[Name, int]
    many: tuple[Name, ...] = ()
    sure: Annotated[Name | None, "perhaps"] = None


V1, V2, V3 = {"name": "Ada Lovelace"}, {"first": "Ada", "rest": "Lovelace"}, Name("Ada", "Lovelace")


@FORMS
@pytest.mark.parametrize("old", [V1, V2, V3])
def test_D3_a_value_comes_through_as_few_functions_as_lead_to_what_fits(
    form: Format, old: object
) -> None:
    kept, _ = keep(old, Any if isinstance(old, dict) else Name, "it", form)
    assert read_back(kept, Name, form) == V3


@FORMS
def test_D3_wherever_it_stands(form: Format) -> None:
    old = {
        "name": V1,
        "others": [V2, V1],
        "by_role": {"boss": V1, "nobody": None},
        "pair": [V2, 3],
        "many": [V1, V1],
        "sure": V1,
    }
    kept, _ = keep(old, Any, "it", form)
    assert read_back(kept, Person, form) == Person(
        V3, [V3, V3], {"boss": V3, "nobody": None}, (V3, 3), (V3, V3), V3
    )
    assert read_back(kept, int | Person, form) == read_back(kept, Person, form)


@FORMS
def test_D3_what_fits_no_form_says_what_was_tried(form: Format) -> None:
    kept, _ = keep({"nick": "ada"}, Any, "it", form)
    with pytest.raises(msgspec.ValidationError) as caught:
        read_back(kept, Name, form)
    said = str(caught.value)
    assert "missing required field `first`" in said
    assert "rest_was_called_so raised KeyError" in said
    assert "name_was_one raised KeyError" in said
    for value, kind in [([1], list[Name]), (3, Name), ({"a": 1}, dict[str, Name])]:
        with pytest.raises(msgspec.ValidationError):
            read_back(keep(value, Any, "it", form)[0], kind, form)


def test_D3_where_nobody_has_told_of_changes_what_does_not_fit_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept, _ = keep(V1, Any, "it", Format.JSON)
    assert read_back(kept, Annotated[Name, "with a note"], Format.JSON) == V3
    monkeypatch.setattr(upcasting, "_UPCASTERS", {})
    with pytest.raises(msgspec.ValidationError, match=r"missing required field `first`$"):
        read_back(kept, Name, Format.JSON)


class Colour(Enum):
    RED = "red"


def test_D3_upcasts_takes_a_class() -> None:
    with pytest.raises(UsageError, match=r"takes a class with fields, and .*Colour is an enum"):
        upcasts(Colour)
    with pytest.raises(UsageError, match="takes the class that has changed, not 'Name'"):
        upcasts("Name")  # type: ignore[arg-type]


class Item(msgspec.Struct, rename={"code": "c"}, frozen=True):
    """Once `sku`, then `code` without a field `colour`, which was left out without a word."""

    code: str = ""


@upcasts(Item)
def sku_is_code(old: dict[str, object]) -> dict[str, object]:
    newer = dict(old)
    newer["c"] = newer.pop("sku")
    return newer


@dataclass
class Shelf:
    number: int = 0


@upcasts(Shelf)
def label_has_the_number(old: dict[str, object]) -> dict[str, object]:
    return {"number": int(str(old["label"]))}


class Pot(TypedDict, total=False):
    litres: float


@upcasts(Pot)
def size_is_litres(old: dict[str, object]) -> dict[str, object]:
    return {"litres": old["size"]}


class Tea(msgspec.Struct, tag=True):
    name: str = ""


@upcasts(Tea)
def leaf_is_name(old: dict[str, object]) -> dict[str, object]:
    return {"name": old["leaf"]}


class Cup(msgspec.Struct, tag=True):
    leaf: str = ""


T = TypeVar("T")
U = TypeVar("U")


class Noted(msgspec.Struct, Generic[U], kw_only=True):
    by: U | None = None


class Box(Noted[str], Generic[T]):
    content: T
    more: list[T]
    note: dict[str, str]


class Row(msgspec.Struct, Generic[T], array_like=True):
    first: T
    names: list[str]


class Nested(msgspec.Struct):
    item: Item | None = None
    shelves: list[Shelf] = []
    nested: Nested | None = None


Wrapped = NewType("Wrapped", Nested)
OLD, TEA = {"sku": "tea"}, Item("tea")


@FORMS
@pytest.mark.parametrize(
    ("old", "kind", "new"),
    [
        (OLD, Item, TEA),
        ({"c": "tea"}, Item, TEA),
        ({}, Item, Item()),
        (OLD, str | Item, TEA),
        ([OLD, {"c": "tea"}], list[Item], [TEA, TEA]),
        ([OLD], set[Item], {TEA}),
        ({"nested": {"item": OLD}}, Nested, Nested(nested=Nested(TEA))),
        ({"nested": {"item": OLD}}, Wrapped, Nested(nested=Nested(TEA))),
        ({"shelves": [{"label": "4"}]}, Nested, Nested(shelves=[Shelf(4)])),
        ([{"size": 2.0}, {"litres": 1.0}], list[Pot], [{"litres": 2.0}, {"litres": 1.0}]),
        ({"type": "Tea", "leaf": "x"}, Tea | Cup, Tea("x")),
        ({"type": "Tea", "leaf": "x"}, Tea, Tea("x")),
        ({"type": "Cup", "leaf": "x"}, Tea | Cup, Cup("x")),
        (
            {"content": OLD, "more": [OLD], "note": {"sku": "it stays"}, "by": "Ada"},
            Box[Item],
            Box(TEA, [TEA], {"sku": "it stays"}, by="Ada"),
        ),
        ([{"c": "tea"}, ["it", "stays"]], Row[Item], Row(TEA, ["it", "stays"])),
    ],
)
def test_D3_a_field_that_the_class_does_not_know_is_not_dropped_where_it_can_be_read(
    form: Format, old: object, kind: Any, new: object
) -> None:
    kept, _ = keep(old, Any, "it", form)
    assert read_back(kept, kind, form) == new


@FORMS
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"c": "tea", "colour": "green"}, TEA),
        ({"sku": "tea", "colour": "green"}, TEA),
    ],
)
def test_D3_one_that_was_left_out_without_a_word_does_no_harm(
    form: Format, old: object, new: Item
) -> None:
    kept, _ = keep(old, Any, "it", form)
    assert read_back(kept, Item, form) == new


def test_D3_a_type_whose_classes_have_not_changed_is_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> object:
        raise AssertionError

    class Plain(msgspec.Struct):
        name: str

    monkeypatch.setattr("spindle._core.replay.kept.upcast", never)
    kept, _ = keep({"name": "Ada", "nick": "a"}, Any, "it", Format.JSON)
    assert read_back(kept, dict[str, str] | None, Format.JSON) == {"name": "Ada", "nick": "a"}
    assert read_back(kept, Plain, Format.JSON) == Plain("Ada")


def test_D3_what_a_class_of_the_application_raises_says_that_it_does_not_fit() -> None:
    class Picky(msgspec.Struct):
        name: str = ""

        def __post_init__(self) -> None:
            raise LookupError(self.name)

    @upcasts(Picky)
    def nick_was_name(old: dict[str, object]) -> dict[str, object]:
        return {"name": old["nick"]}

    kept, _ = keep({"nick": "ada"}, Any, "it", Format.JSON)
    with pytest.raises(msgspec.ValidationError, match="LookupError"):
        read_back(kept, Picky, Format.JSON)
    assert nick_was_name({"nick": "ada"}) == {"name": "ada"}


class AskName(Yield[str]): ...


def people(of: object) -> type[Any]:
    """A port that declares to return that."""

    class People(Port):
        @read
        async def find(self, name: str) -> Any: ...

    People.find.__annotations__["return"] = of
    return People


def looks_up(port: type[Any]) -> Callable[..., Any]:
    async def looks_up() -> object:
        found = await (await use(port)).find(await AskName())
        await AskName()
        return found

    return looks_up


def test_D3_a_conversation_goes_on_with_what_was_kept_before_its_class_changed() -> None:
    before, after = people(dict[str, str]), people(Name)

    class Book(before):  # type: ignore[misc, valid-type]
        async def find(self, name: str) -> Any:
            return {"name": name}

    class Other(after):  # type: ignore[misc, valid-type]
        async def find(self, name: str) -> Any:
            raise AssertionError

    log = Log()
    old = Coroutine(looks_up(before), provide={before: Book()}, log=log)
    old.run()
    assert old.run("Ada Lovelace") == Suspended(AskName())
    again = Log.load(log.dump())
    new = Coroutine.resume(looks_up(after), again, provide={after: Other()})
    assert new.run("go on") == Completed(V3)


def test_D3_without_such_a_function_it_is_a_mismatch() -> None:
    before, after = people(dict[str, str]), people(Person)

    class Book(before):  # type: ignore[misc, valid-type]
        async def find(self, name: str) -> Any:
            return {"name": name}

    class Other(after):  # type: ignore[misc, valid-type]
        async def find(self, name: str) -> Any:
            raise AssertionError

    log = Log()
    old = Coroutine(looks_up(before), provide={before: Book()}, log=log)
    old.run()
    old.run("Ada Lovelace")
    with pytest.raises(ReplayMismatch, match="of another type than is declared now"):
        Coroutine.resume(looks_up(after), Log.load(log.dump()), provide={after: Other()})
