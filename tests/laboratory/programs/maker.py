"""Makes random scripts out of choices, whoever makes those: a seed, or Hypothesis.

The first of every list of choices is the simplest, so that a script shrinks with its choices. Most
waits are limited: a page where all wait for each other from the start shows nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar

from tests.laboratory.programs import script as sc
from tests.laboratory.programs import statement as st
from tests.laboratory.programs.picks import Picks

__all__ = ["Calls", "Maker", "script_of_seed"]

T = TypeVar("T")
Calls: TypeAlias = Literal["none", "late", "quick", "batched"]
"""Whether calls are made, and whether they end later or at once, or are for many at a time."""

LEFT: st.Which = ("Left", None)
RIGHT: st.Which = ("Right", None)
OTHER: st.Which = ("Right", "x")
KEYS = (LEFT, LEFT, LEFT, RIGHT, RIGHT, OTHER)
SECONDS = (0.25, 0.5, 1.0, 2.0)
KINDS = ("Ask", "Take", "Read", "Listen")
POLICIES = ("report",) * 12 + ("permanent", "permanent", "transient", "patient", "escalate")


def script_of_seed(seed: int, calls: Calls = "none") -> sc.Script:
    """The script of one seed, the same every time."""
    return Maker(random.Random(seed).randrange, calls).script()


class Maker(Picks):
    """Makes one script. See `Picks`."""

    def __init__(self, pick: Callable[[int], int], calls: Calls) -> None:
        super().__init__(pick)
        self.calls = calls
        self.keys: list[st.Which] = [LEFT]
        """Those that something was started under."""
        self.key = LEFT
        """The one whose program is being made."""

    # --- scripts --------------------------------------------------------------------------------

    def script(self) -> sc.Script:
        most = 1 if self.calls == "quick" else 4
        bursts = [self.few(self.start, 1, min(most, 2))]
        bursts += [self.few(self.input, 1, most) for _ in range(2 + self.pick(5))]
        # A call that ends at once would race with a time of grace that ends in the same instant.
        graces = (0.3, 1.1) if self.calls == "quick" else (0, 1.0)
        end = self.one([None, None, sc.CancelPage(), *map(sc.StopPage, graces)])
        if end is not None and self.calls == "quick":
            bursts.append((end,))
        elif end is not None:
            bursts.append((*self.few(self.input, 0, 2), end, *self.few(self.input, 0, 2)))
        return sc.Script(tuple(bursts))

    def input(self) -> sc.Input:
        make = self.one([self.tell] * 6 + [self.advance] * 2 + [self.start, self.meddle])
        return make()

    def tell(self) -> sc.Input:
        kind = self.one(("Told", "Queued", "Typed"))
        return sc.Tell(self.one([*self.keys, *KEYS[2:]]), kind, self.one([None] * 4 + [1, 2, 3]))

    def advance(self) -> sc.Input:
        return sc.Advance(self.one(SECONDS))

    def start(self) -> sc.Input:
        key = self.one(KEYS)
        self.keys += [key] * 3
        return sc.Start(key, self.program(key, 2), self.one(POLICIES), self.once_in(24))

    def meddle(self) -> sc.Input:
        which = self.pick(6)
        return self.one(
            [
                sc.CancelStarted(which),
                sc.Leave(which),
                sc.Outside(st.Take(which)),
                sc.Outside(st.Put(which)),
                sc.Outside(st.Change(self.one(KEYS))),
            ]
        )

    # --- programs -------------------------------------------------------------------------------

    def program(self, key: st.Which, depth: int) -> st.Program:
        outer, self.key = self.key, key
        made = st.Program(self.body(depth, 3, 9), self.pick(8) != 7)
        self.key = outer
        return made

    def body(self, depth: int, least: int = 1, most: int = 4) -> st.Body:
        return self.few(lambda: self.statement(depth), least, most)

    def statement(self, depth: int) -> st.Statement:
        if depth > 0 and self.pick(5) > 2:
            return self.nested(depth - 1)
        makes: list[Callable[[], Any]] = [self.ask] * 4 + [self.share] * 3 + [self.race] * 2
        makes += [self.limited] * 2 + [self.wait, self.small]
        if self.calls == "batched":
            makes += [self.load] * 6
        makes += [self.call] * (self.calls != "none") * 2
        return self.one(makes)()

    def ask(self) -> st.Ask:
        return st.Ask(self.one(KINDS), self.once_in(24))

    def wait(self) -> Any:
        number = self.pick(6)
        key = self.one(KEYS)
        choices = [st.Take(number), st.Put(number), st.Change(key), st.Join(number)]
        return self.one([*choices, st.AwaitAll((number, number + 1)), st.Sleep(0.5)])

    def limited(self) -> st.Statement:
        return st.Timeout(self.one(SECONDS), (self.wait(),))

    def race(self) -> st.Statement:
        sources = self.few(self.source, 1, 3)
        return st.Race((*sources, st.Sleep(self.one(SECONDS))) if self.pick(3) else sources)

    def source(self) -> Any:
        number = self.pick(6)
        key = self.one(KEYS)
        waits = [st.Change(key), st.Change(key), st.Take(number), st.Join(number)]
        return self.one([self.ask(), self.ask(), *waits, st.Sleep(number / 4)])

    def share(self) -> st.Statement:
        number = self.pick(6)
        key = self.one(KEYS)
        choices: list[st.Statement] = [st.Send(self.key)] * 6 + [st.Put(number)] * 4
        choices += [st.Send(key), st.Watch(key), st.Get(key, True), st.Get(key, False)]
        return self.one([*choices, st.Close(number), st.Fail(number)])

    def small(self) -> st.Statement:
        number = self.pick(6)
        draws = ("now", "random_float", "unique_id", "cancel_reason")
        choices: list[st.Statement] = [st.Say("Said"), st.Say("Progress"), st.Say("Said", True)]
        choices += [st.Draw(self.one(draws)), st.CancelHandle(number), st.Raise(), st.Sleep(0)]
        return self.one(choices)

    def call(self) -> st.Statement:
        seconds = None if self.calls == "quick" else self.one((0.25, 1.0, 7.0))
        return st.Call(self.one(("look", "note", "pay")), seconds, self.once_in(24))

    def load(self) -> st.Statement:
        what = self.pick(6)
        if self.once_in(12):
            return st.Forget(self.one((what, None)))
        return st.Load(what, self.one((0.25, 1.0, 7.0)), self.once_in(24))

    def crowd(self, depth: int) -> st.Statement:
        """Several that read at once, perhaps the same, within a limit."""
        fibers = self.few(lambda: st.Fiber((self.load(), *self.body(0, 0, 1))), 2, 5)
        return st.Timeout(self.one(SECONDS), (st.Scope((*fibers, st.Catch((self.load(),)))),))

    def nested(self, depth: int) -> st.Statement:
        makes: list[Callable[[int], st.Statement]] = [
            self.fiber,
            self.fiber,
            self.fork,
            self.fork,
            self.map,
            self.contest,
            self.contest,
            lambda depth: st.Scope((st.Fiber(self.body(depth)), *self.body(depth, 0, 3))),
            lambda depth: st.Timeout(self.one(SECONDS), self.body(depth)),
            lambda depth: st.Cleanup(self.one(SECONDS), self.body(depth)),
            lambda depth: st.Catch(self.body(depth)),
            lambda depth: st.Swallow(self.body(depth)),
            lambda depth: st.Finally(self.body(depth), self.body(depth)),
        ]
        if self.calls == "batched":
            makes += [self.crowd] * 6
        return self.one(makes)(depth)

    def fiber(self, depth: int) -> st.Statement:
        return st.Fiber(self.body(depth))

    def fork(self, depth: int) -> st.Statement:
        key = self.one(KEYS)
        self.keys.append(key)
        replace = self.pick(2) == 1
        return st.Fork(key, self.program(key, depth), replace, self.one(POLICIES), self.once_in(24))

    def map(self, depth: int) -> st.Statement:
        return st.Map(self.few(lambda: self.body(depth), 0, 4), 1 + self.pick(3))

    def contest(self, depth: int) -> st.Statement:
        """Several fibers that wait for the same, and what they wait for, within a limit."""
        number = self.pick(3)
        pairs: list[tuple[Any, st.Statement]] = [
            (st.Change(self.key), st.Send(self.key)),
            (st.Take(number), st.Put(number)),
            (st.Put(number), st.Take(number)),
            (self.ask(), st.Sleep(1.0)),
        ]
        wait, brings = self.one(pairs)
        hasty = st.Race((wait, self.source())) if not isinstance(wait, st.Put) else wait
        fibers = self.few(lambda: st.Fiber((self.one((wait, hasty)), *self.body(0))), 2, 4)
        return st.Timeout(self.one(SECONDS), (st.Scope((*fibers, st.Sleep(0.25), brings)),))
