"""CRUD teaches forms: one with several buttons, and a list that is filtered while somebody types.

The button that was pressed is a field of the event, and so is the entry that was selected: what
happens to it is a `match`.
"""

from itertools import count
from typing import Literal

from examples.sevenguis.events import Latest, Queued
from examples.sevenguis.parts import flag, frame, pick_field, text_field
from spindle import Spindle, Yield
from spindle.view import Markup, View, fields, on, submit, typed

__all__ = ["Crud", "CrudView", "crud"]


class Crud(Spindle):
    class Filtered(Latest):
        prefix: str

    class Picked(Latest):
        person: int

    class Pressed(Queued):
        action: Literal["create", "update", "delete"]
        name: str
        surname: str
        person: int = 0

    class Showing(Yield[Filtered | Picked | Pressed]):
        people: tuple[tuple[int, tuple[str, str]], ...] = ()
        person: int = 0


async def crud() -> None:
    people = {1: ("Hans", "Emil"), 2: ("Max", "Mustermann"), 3: ("Roman", "Tisch")}
    prefix, person = "", 0
    for number in count(4):
        found = {key: each for key, each in people.items() if each[1].lower().startswith(prefix)}
        match await Crud.Showing((*found.items(),), person if person in found else 0):
            case Crud.Filtered(prefix):
                prefix = prefix.lower()
            case Crud.Picked(person):
                pass
            case Crud.Pressed("create", name, surname):
                people[number] = (name, surname)
            case Crud.Pressed("update", name, surname, person) if person in people:
                people[person] = (name, surname)
            case Crud.Pressed(_, _, _, person):
                _ = people.pop(person, None)


class CrudView(View):
    at: Crud.Showing = Crud.Showing()

    @on(Crud.Showing)
    def showing(self, ask: Crud.Showing) -> None:
        self.at = ask

    def render(self) -> Markup:
        people, key, of = dict(self.at.people), self.at.person, fields(Crud.Pressed)
        (name, surname), filtered = people.get(key, ("", "")), fields(Crud.Filtered)
        entries = [(each, f"{surname}, {name}") for each, (name, surname) in people.items()]
        body = Markup(
            '{}<form {} class="crud">{}<div>{}{}</div><p class="row">'
            '<button name="{of.action}" value="create">Create</button>'
            '<button name="{of.action}" value="update" {off}>Update</button>'
            '<button name="{of.action}" value="delete" {off}>Delete</button></p></form>'
        ).format(
            text_field("Filter prefix", self.field(filtered.prefix), typed(Crud.Filtered)),
            submit(Crud.Pressed),
            pick_field("People", self.field(of.person), entries, key, typed(Crud.Picked), lines=8),
            text_field("Name", self.field(of.name), value=name, key=key),
            text_field("Surname", self.field(of.surname), value=surname, key=key),
            of=of,
            off=flag("disabled", not key),
        )
        return frame("CRUD", body)
