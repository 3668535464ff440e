"""Random programs and inputs of what the model speaks of, made out of choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from tests.laboratory.programs import script as sc
from tests.laboratory.programs import statement as st
from tests.laboratory.programs.picks import Picks

__all__ = ["Author"]

T = TypeVar("T")

LEFT: st.Which = ("Left", None)
RIGHT: st.Which = ("Right", None)
OTHER: st.Which = ("Right", "x")
KEYS = (LEFT, LEFT, RIGHT, OTHER)
KINDS = ("Ask", "Take", "Read", "Listen")
SECONDS = (0.5, 1.0, 2.0)


class Author(Picks):
    """Writes programs. See `Picks`."""

    def __init__(self, pick: Callable[[int], int]) -> None:
        super().__init__(pick)
        self.keys: list[st.Which] = [LEFT]
        """Those that something was started under."""
        self.key = LEFT
        """The one whose program is being written."""

    # --- inputs ---------------------------------------------------------------------------------

    def inputs(self) -> list[sc.Input]:
        """All that is done to one page."""
        made: list[sc.Input] = [self.start()]
        makes: list[Callable[[], sc.Input]] = [self.tell] * 5 + [self.advance] * 3
        makes += [self.start] * 2 + [self.cancel]
        made += [self.one(makes)() for _ in range(3 + self.pick(11))]
        ends: list[sc.Input | None] = [None] * 4
        ends += [sc.CancelPage(), sc.StopPage(0), sc.StopPage(1.0)]
        end = self.one(ends)
        if end is not None:
            made += [end, *(self.one(makes)() for _ in range(self.pick(4)))]
        return made

    def start(self) -> sc.Start:
        key = self.one(KEYS)
        self.keys.append(key)
        return sc.Start(key, self.program(key, 2))

    def tell(self) -> sc.Tell:
        answers = self.one((None, None, None, 1, 2, 3))
        key = self.one([*self.keys[1:] * 2, *KEYS[1:]])
        return sc.Tell(key, self.one(("Told", "Queued", "Typed")), answers)

    def advance(self) -> sc.Advance:
        return sc.Advance(self.one(SECONDS))

    def cancel(self) -> sc.CancelStarted:
        return sc.CancelStarted(self.pick(4))

    # --- programs -------------------------------------------------------------------------------

    def program(self, key: st.Which, depth: int) -> st.Program:
        outer, self.key = self.key, key
        made = st.Program(self.body(depth, 1, 8), self.pick(4) != 3)
        self.key = outer
        return made

    def body(self, depth: int, least: int = 1, most: int = 4) -> st.Body:
        return self.few(lambda: self.statement(depth), least, most)

    def statement(self, depth: int) -> st.Statement:
        if depth > 0 and self.pick(5) > 2:
            return self.nested(depth - 1)
        makes: list[Callable[[], Any]] = [self.ask] * 3 + [self.share] * 3 + [self.race] * 2
        return self.one([*makes, self.wait, self.small])()

    def ask(self) -> st.Ask:
        return st.Ask(self.one(KINDS), self.once_in(20))

    def wait(self) -> Any:
        number = self.pick(3)
        waits = [st.Sleep(1.0), st.Take(number), st.Put(number), st.Change(self.one(KEYS))]
        other = self.pick(5)
        return self.one([*waits, st.Join(other), st.AwaitAll((other, other + 1))])

    def race(self) -> st.Race:
        return st.Race(self.few(self.source, 1, 4))

    def source(self) -> Any:
        number = self.pick(4)
        waits = [st.Change(self.one(KEYS)), st.Take(number), st.Join(number)]
        return self.one([self.ask(), *waits, st.Sleep(number / 2)])

    def share(self) -> st.Statement:
        number = self.pick(3)
        choices: list[st.Statement] = [st.Send(self.key)] * 3 + [st.Put(number)] * 2
        choices += [st.Take(number), st.Get(self.one(KEYS), True), st.Get(self.one(KEYS), False)]
        rare = st.Send(self.one(KEYS)), st.Close(number), st.Fail(number)
        return self.one([*choices, *rare])

    def small(self) -> st.Statement:
        number = self.pick(5)
        choices: list[st.Statement] = [st.Say("Said"), st.Draw("now"), st.Draw("cancel_reason")]
        choices += [st.CancelHandle(number), st.Raise(), st.Sleep(0), st.Say("Said", True)]
        return self.one(choices)

    def nested(self, depth: int) -> st.Statement:
        makes: list[Callable[[], st.Statement]] = [
            lambda: st.Fiber(self.body(depth)),
            self.contest,
            lambda: self.fork(depth),
            lambda: st.Scope((st.Fiber(self.body(depth)), *self.body(depth, 0, 3))),
            lambda: st.Timeout(self.one(SECONDS), self.body(depth)),
            lambda: st.Cleanup(self.one(SECONDS), self.body(depth)),
            lambda: st.Finally(self.body(depth), self.body(depth)),
            lambda: st.Catch(self.body(depth)),
            lambda: st.Swallow(self.body(depth)),
        ]
        return self.one(makes)()

    def fork(self, depth: int) -> st.Fork:
        key = self.one(KEYS)
        self.keys.append(key)
        return st.Fork(key, self.program(key, depth), self.pick(2) == 1)

    def contest(self) -> st.Timeout:
        """Several fibers that wait for the same, and what they wait for, within a limit."""
        number = self.pick(3)
        pairs: list[tuple[Any, st.Statement]] = [
            (st.Take(number), st.Put(number)),
            (st.Put(number), st.Take(number)),
            (st.Change(self.key), st.Send(self.key)),
            (self.ask(), st.Sleep(1.0)),
        ]
        wait, brings = self.one(pairs)
        hasty = wait if isinstance(wait, st.Put) else st.Race((wait, self.source()))
        fibers = self.few(lambda: st.Fiber((self.one((wait, hasty)), *self.body(0))), 2, 4)
        body = (*fibers, st.Sleep(0.5), *self.few(lambda: brings, 1, 3))
        return st.Timeout(self.one(SECONDS), (st.Scope(body),) if self.pick(2) else body)
