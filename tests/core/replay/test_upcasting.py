"""D3: messages that have changed since a log kept them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

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


def test_D3_upcasts_takes_a_class() -> None:
    with pytest.raises(UsageError, match="takes the class that has changed, not 'Name'"):
        upcasts("Name")  # type: ignore[arg-type]


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
