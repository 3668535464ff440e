"""What is done to a store at a time, is given up, and goes wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, Final, TypeAlias

import trio

from spindle._core.errors import SpindleError
from spindle._core.names import shown
from spindle.durable.errors import Fenced, StoreClosed, StoreFailed
from spindle.durable.faults import Call, Fault
from spindle.durable.store import Lease
from spindle.testing.stores.example import OWNERS, told
from spindle.testing.stores.model import Page, Wrong, broken, called
from spindle.testing.stores.moves import Moves

if TYPE_CHECKING:
    from spindle.durable.store import Store
    from spindle.testing.stores.steps import Step

__all__ = ["ALWAYS", "Move", "Trouble"]

Answer: TypeAlias = "Lease | SpindleError | None"

CALLS: Final[Sequence[Call]] = (
    "append",
    "snapshot",
    "create",
    "acquire",
    "release",
    "rewind",
    "append",
    "append",
    "snapshot",
    "create",
)
"""Those that are given up, and go wrong."""

LATE: Final[Sequence[Call]] = ("append", "append", "snapshot", "release", "rewind")
"""Those that are made while another acquires the page."""


class Trouble(Moves):
    """Several things at a time, and faults."""

    # ── At a time ────────────────────────────────────────────────────────────────────────────────

    async def race(self, store: Store) -> None:
        """Several appends at a time, to each page that is held: one of each page is kept."""
        held = self.held()
        rivals = self.number(1, 3)
        steps = [self.appending(lease, least=1) for lease in held for _ in range(rivals)]
        await self._at_a_time(store, steps, "G5", 0)

    async def usurp(self, store: Store) -> None:
        """The time of a lease is over: somebody else acquires the page while it is written to."""
        lease = await self.lent(store)
        self.let_lapse(self.page_of(lease))
        call: Call = self.one(*LATE)
        late = self.sound_with(lease, call)
        other = self.acquisition(lease.page, *[each for each in OWNERS if each != lease.owner])
        steps = [late, other] if self.one(True, False) else [other, late]
        await self._at_a_time(store, steps, "G3", self.one(0, 0, 1, 1, 2, 3))
        for each in self.stores:
            await self.take(each, self.appending(lease))

    async def contend(self, store: Store) -> None:
        """Two want one page at a time, which is free, or new."""
        if self.one(True, True, False):
            name, guarantee = (await self.free(store)).name, "G3"
            steps = [self.acquisition(name, owner) for owner in OWNERS]
        else:
            step, guarantee = self.new_page(), "G5"
            steps = [step, self.creation(step.page, least=1)]
        await self._at_a_time(store, steps, guarantee, self.one(0, 0, 1, 1, 2, 3))

    async def _at_a_time(
        self, store: Store, steps: Sequence[Step], guarantee: str, pause: int
    ) -> None:
        """Make calls at a time: it has to be as if they were made in one order or another."""
        answers: dict[int, Answer] = {}
        stores = [store, *[self.store() for _ in steps[1:]]]
        self.say(f"at a time, {pause} steps apart: {'; '.join(step.said for step in steps)}")

        async def one(number: int) -> None:
            answers[number] = await told(steps[number].make(stores[number]))

        async with trio.open_nursery() as nursery:
            for number in range(len(steps)):
                nursery.start_soon(one, number)
                for _ in range(pause):
                    await trio.lowlevel.checkpoint()
        for name in {step.page: None for step in steps}:
            made = [(step, answers[at]) for at, step in enumerate(steps) if step.page == name]
            await self._one_after_the_other(store, name, made, guarantee)

    async def _one_after_the_other(
        self, store: Store, name: str, made: Sequence[tuple[Step, Answer]], guarantee: str
    ) -> None:
        """Look for an order in which calls answer as they did, and leave what is there."""
        before = self.pages.get(name)
        outcomes = [_end(before, order) for order in permutations(made)]
        ends = [end for end in outcomes if isinstance(end, Page)]
        if not ends:
            wrong = [each for each in outcomes if isinstance(each, Wrong)]
            if any(each.in_bytes for each in wrong):
                raise wrong[0].broken("G6")
            got = ", ".join(f"{step.call}: {shown(answer)}" for step, answer in made)
            also = f" ({'; or '.join(each.said for each in wrong)})" if wrong else ""
            expected = "expected answers as if one call was made after the other"
            raise broken(guarantee, f"page {called(name)}: {expected}, got {got}{also}")
        for _, answer in made:
            if isinstance(answer, Lease):
                self.granted(answer)
        await self.settle(store, name, ends, guarantee)

    async def queue(self, store: Store) -> None:
        """Appends that do not wait for one another: they are kept in the order of the calls."""
        lease = await self.lent(store)
        page, answers = self.page_of(lease), list[object]()
        self.say(f"append to {called(page.name)} three times, without waiting")

        async def one(head: int, frames: Sequence[bytes]) -> None:
            answers.append(await told(store.append(lease, head, frames)))

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                frames = self.seal(page, page.head, self.bodies(1))
                nursery.start_soon(one, page.head, frames)
                page = replace(page, frames=[*page.frames, *frames])
                for _ in range(2):
                    await trio.lowlevel.checkpoint()
        if answers != [None] * 3:
            raise broken("G5", f"append: expected to succeed in the order of calls, got {answers}")
        await self.settle(store, page.name, [page])

    # ── Given up ─────────────────────────────────────────────────────────────────────────────────

    async def give_up(self, store: Store) -> None:
        """A call that is cancelled while it waits: kept or not, as a whole."""
        call: Call = self.one(*CALLS)
        step = await self.sound(store, call)
        before, steps = self.pages.get(step.page), self.one(2, 3, 1, 0, 4, 5)
        end = _page(step, before)
        self.say(f"cancelled after {steps} steps: {step.said}")
        answers: list[Answer] = []

        async def one() -> None:
            answers.append(await told(step.make(store)))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(one)
            for _ in range(steps):
                await trio.lowlevel.checkpoint()
            nursery.cancel_scope.cancel()
        may_be: list[Page | None] = [before, end]
        if answers:
            answer = answers[0]
            if isinstance(answer, SpindleError):
                wrong = f"{step.call}: expected to succeed, or to be cancelled, got {answer!r}"
                raise broken(step.guarantee, wrong)
            may_be = [self.answered(step, end, answer)]
        await self.settle(store, step.page, may_be)

    # ── Going wrong ──────────────────────────────────────────────────────────────────────────────

    async def fault(self, store: Store) -> bool:
        """A call that goes wrong.

        Returns:
            Whether the store has failed, and has to be opened anew.
        """
        fault = self.one(*Fault)
        call: Call = self.one(*CALLS)
        if fault is Fault.FENCED and call in ("create", "acquire"):
            fault = Fault.LOST  # nobody has had a page yet
        step = await self.sound(store, call)
        if not self.bench.fail_at(call, fault):
            step = await self.sound(store, "append")
            if not self.bench.fail_at("append", fault):
                return False
        before = self.pages.get(step.page)
        self.say(f"goes wrong ({fault.name}): {step.said}")
        if fault is Fault.FENCED:
            await self.call("G3", Fenced, step.make(store), step.call)
            assert before is not None
            self.pages[step.page] = before.left(self.bench.time)
            return True
        failed = await told(step.make(store))
        if not isinstance(failed, StoreFailed):
            expected = f"{step.call}: the store broke: expected StoreFailed"
            raise broken("G7", f"{expected}, got {shown(failed)}")
        self.doubts[step.page] = [before, _page(step, before)] if failed.in_doubt else [before]
        await self._stays_failed(store)
        return True

    async def _stays_failed(self, store: Store) -> None:
        """Whatever is asked of a store that has failed: it fails."""
        now, name, owner = self.bench.time, f"page-{self.made}", OWNERS[0]
        for lease in self.held():
            await self._fails(store.append(lease, self.page_of(lease).head, []), "append")
        await self._fails(store.create(name, b"", [], owner=owner, ttl=1.0), "create")
        for page in self.pages.values():
            if not page.taken(now):
                await self._fails(store.acquire(page.name, owner=owner, ttl=1.0), "acquire")

    async def _fails(self, call: Awaitable[object], what: str) -> None:
        answer = await told(call)
        if not isinstance(answer, StoreFailed):
            expected = f"{what}: the store has failed: expected StoreFailed"
            raise broken("G8", f"{expected}, got {shown(answer)}")

    # ── Leaving and coming back ──────────────────────────────────────────────────────────────────

    async def resume(self, store: Store) -> None:  # noqa: ASYNC910
        """Acquire all that is free."""
        for page in [*self.pages.values()]:
            if not page.taken(self.bench.time):
                await self.take(store, self.acquisition(page.name))

    async def closed(self, store: Store, *, failed: bool) -> None:  # noqa: ASYNC910
        """Whatever is asked of a store that was left: it is closed.

        Args:
            store: which.
            failed: it has failed before, and may say that.
        """
        allowed = (StoreClosed, StoreFailed) if failed else (StoreClosed,)
        for what, call in _all_calls(store, self.names[0], self.held(), self.bench.time):
            answer = await told(call)
            if not isinstance(answer, allowed):
                expected = f"{what}: the store was left: expected StoreClosed"
                raise broken("closed", f"{expected}, got {shown(answer)}")


def _all_calls(
    store: Store, name: str, held: Sequence[Lease], now: float
) -> Iterator[tuple[str, Awaitable[object]]]:
    """Each call of a store."""
    yield "create", store.create("page-", b"", [], owner=OWNERS[0], ttl=1.0)
    yield "acquire", store.acquire(name, owner=OWNERS[0], ttl=1.0)
    for lease in held[:1]:
        yield "append", store.append(lease, lease.head, [])
        yield "read", store.read(lease, lease.head)
        yield "snapshot", store.snapshot(lease, max(0, lease.head), b"")
        yield "rewind", store.rewind(lease, lease.head)
        yield "release", store.release(lease)
    yield "renew", store.renew(held)
    yield "due", store.due(now)
    yield "pages", store.pages()
    yield "look", store.look(name)
    yield "purge", store.purge(now)


def _page(step: Step, before: Page | None) -> Page:
    """What becomes of a page by a step that has to succeed."""
    end = step.after(before)
    assert isinstance(end, Page), f"{step.said}: {end}"
    return end


def _end(page: Page | None, order: Sequence[tuple[Step, Answer]]) -> Page | Wrong | None:
    """What became of a page, if calls were made in this order; if not, what is wrong with that."""
    for step, answer in order:
        end = step.after(page)
        if not isinstance(end, Page):
            if type(answer) is not end:
                return None
            continue
        if isinstance(answer, SpindleError):
            return None
        if isinstance(answer, Lease):
            if wrong := end.lease_fault(answer):
                return wrong
            end = replace(end, lease=answer)
        page = end
    return page


Move: TypeAlias = "Callable[[Trouble, Store], Awaitable[None]]"

ALWAYS: Final[Sequence[Move]] = (
    Moves.append,
    Moves.acquire,
    Moves.create,
    Moves.read,
    Moves.release,
    Moves.wait,
    Moves.snapshot,
    Moves.renew,
    Moves.look,
    Trouble.race,
    Trouble.usurp,
    Trouble.contend,
    Trouble.queue,
    Trouble.give_up,
    Trouble.give_up,
    Moves.due,
    Moves.rest,
    Moves.list,
    Moves.purge,
    Moves.retire,
    Moves.rewind,
    Moves.misuse,
)
"""The simplest first: examples shrink towards them."""
