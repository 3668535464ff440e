"""Which form, field and sender of a new rendering is which one of the page, as in the browser.

A form is its event, its spindle's instance, its place and the ask it answers; once that ask was
answered, the next one's is another form, and empty. A field is its form, its name and its place. A
place is an element's own id, or the nearest one around it. The browser script's identity.ts says
why; the same pages are driven through both, so that they cannot drift apart unseen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple, TypeAlias

from bs4.element import Tag

from spindle.testing.client.forms import form_of
from spindle.testing.client.inputs import controls_in, is_checkable
from spindle.testing.client.markup import attribute, tags, within

__all__ = ["Address", "Pairs", "pair"]

Key: TypeAlias = Callable[[Tag], Hashable | None]


class Pairs:
    """Elements of the page, each with its counterpart in the new rendering."""

    def __init__(self) -> None:
        self._new: dict[int, tuple[Tag, Tag]] = {}
        self._taken: set[int] = set()

    def __iter__(self) -> Iterator[tuple[Tag, Tag]]:
        """Go through them: the old one, and the new."""
        return iter(list(self._new.values()))

    def of(self, old: Tag) -> Tag | None:
        """Return an element's counterpart."""
        entry = self._new.get(id(old))
        return entry[1] if entry else None

    def has_new(self, fresh: Tag) -> bool:
        """Whether an element of the new rendering was on the page already."""
        return id(fresh) in self._taken

    def match(
        self,
        olds: list[Tag],
        news: list[Tag],
        key: Key,
        may: Callable[[Tag, Tag], bool] = lambda old, fresh: True,
    ) -> None:
        """Pair what has the same key, in order; None pairs with nothing."""
        waiting: dict[Hashable, deque[Tag]] = {}
        for fresh in news:
            if id(fresh) not in self._taken and (wanted := key(fresh)) is not None:
                waiting.setdefault(wanted, deque()).append(fresh)
        for old in olds:
            queue = waiting.get(key(old))
            if id(old) not in self._new and queue and may(old, queue[0]):
                fresh = queue.popleft()
                self._new[id(old)] = old, fresh
                self._taken.add(id(fresh))


class Address(NamedTuple):
    """Which event, and whom it is for."""

    name: str
    to: int | None
    instance: str | None

    @classmethod
    def of(cls, carrier: Tag, verb: str) -> Address:
        """Read it from the element that carries the event."""
        to = attribute(carrier, "data-sp-to")
        name = attribute(carrier, f"data-sp-{verb}") or ""
        return cls(name, None if to is None else int(to), attribute(carrier, "data-sp-instance"))

    @property
    def ask(self) -> Hashable | None:
        """The ask that it answers; None if it answers none."""
        return (self.name.rpartition(".")[0], self.instance, self.to) if self.to else None


def pair(old: Tag, new: Tag, answered: Callable[[Hashable], bool]) -> Pairs:
    """Pair what visitors use of two renderings.

    Args:
        old: the root as it is.
        new: the root as it will be.
        answered: whether the visitor has answered an ask.
    """
    pairs = Pairs()
    place = _place_in(old, new)
    _pair_forms(pairs, old, new, place, answered)
    _pair_fields(pairs, old, new, place)
    pairs.match(_having(old, "data-sp-click"), _having(new, "data-sp-click"), _sender(place))
    pairs.match(_called(old, "details"), _called(new, "details"), lambda tag: ("", place(tag)))
    return pairs


def _pair_forms(
    pairs: Pairs, old: Tag, new: Tag, place: Key, answered: Callable[[Hashable], bool]
) -> None:
    def meaning(form: Tag) -> Hashable:
        return attribute(form, "data-sp-submit"), attribute(form, "action"), place(form)

    def addressee(form: Tag) -> Hashable:
        return meaning(form), attribute(form, "data-sp-instance"), _form_ask(form)

    def may_become(was: Tag, fresh: Tag) -> bool:
        instances = [attribute(each, "data-sp-instance") for each in (was, fresh)]
        if None not in instances and instances[0] != instances[1]:
            return False
        ask = _form_ask(was)
        return ask is None or _form_ask(fresh) is None or not answered(ask)

    olds, news = _called(old, "form"), _called(new, "form")
    pairs.match(olds, news, addressee)
    pairs.match(olds, news, meaning, may_become)


def _pair_fields(pairs: Pairs, old: Tag, new: Tag, place: Key) -> None:
    numbers: dict[int, int] = {}
    for number, both in enumerate(pairs):
        numbers.update((id(form), number) for form in both)

    def key(field: Tag) -> Hashable | None:
        form = form_of(field)
        if form is not None and id(form) not in numbers:
            return None
        whose = attribute(field, "data-sp-typed") if form is None else numbers[id(form)]
        value = attribute(field, "value") if is_checkable(field) else None
        return whose, field.name, attribute(field, "name"), value, place(field)

    pairs.match(controls_in(old), controls_in(new), key)


def _form_ask(form: Tag) -> Hashable | None:
    return Address.of(form, "submit").ask


def _called(root: Tag, name: str) -> list[Tag]:
    return [tag for tag in tags(root) if tag.name == name]


def _having(root: Tag, name: str) -> list[Tag]:
    return [tag for tag in tags(root) if tag.has_attr(name)]


def _sender(place: Key) -> Key:
    names = ("data-sp-click", "data-sp-value", "data-sp-instance")
    return lambda tag: (*(attribute(tag, name) for name in names), place(tag))


def _place_in(*trees: Tag) -> Key:
    def place(tag: Tag) -> str | None:
        if own := attribute(tag, "id"):
            return f"#{own}"
        for outer in within(tag):
            if any(outer is tree for tree in trees):
                return None
            if outer.has_attr("id"):
                return attribute(outer, "id")
        return None

    return place
