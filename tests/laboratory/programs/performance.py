"""A script, played once under one driver, and all that can be compared of it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from spindle import Cancelled, Completed, Errored, PageClosed, SpindleIsLive
from spindle.testing.laboratory.leftovers import collect, complaints
from tests.laboratory.programs import script as sc
from tests.laboratory.programs import statement as st
from tests.laboratory.programs.errand import Errand, Errands
from tests.laboratory.programs.interpreter import (
    POLICIES,
    cell_of,
    perform_program,
)
from tests.laboratory.programs.late import LatePage
from tests.laboratory.programs.plaza import BLOCKS, Plaza
from tests.laboratory.programs.world import Item, World
from tests.stage import HandStage, Stage, TrioStage

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.ledger import Letter
    from spindle._core.kernel.record import SpindleRecord

__all__ = ["Performance"]

SEED = 7
HANGS_AFTER = 1e5


class Performance:
    """One page and what is done to it; `play` it once."""

    def __init__(self, script: sc.Script, driver: str, seed: int = 0) -> None:
        self.script = script
        self.driver = driver
        self.seed = seed
        self.world = World()
        self.log = self.world.log
        self.said: list[str] = []
        self.receipts: list[Letter] = []
        self.started: list[Any] = []
        self.visits: list[tuple[Any, SpindleRecord, Item | None]] = []
        self.escalated: list[str] = []
        self.notes: list[str] = []
        self.instruments: list[Any] = []
        self.hung = False
        self.broke = ""
        """How the run itself has ended, if it should not have."""
        self._counts = count(1)
        self.kernel: Kernel
        self.turns: Any
        """What drives the page; its kernel lets go of it at the end."""
        self._may_end = "significant=True" in repr(script) or "spent" in repr(script)
        self._may_end = self._may_end or "escalate" in repr(script) or "transient" in repr(script)

    def play(self) -> Performance:
        """Play it to its end."""
        if self.driver == "hand":
            self._by_hand()
        else:
            self._on_trio()
        return self

    # --- drivers --------------------------------------------------------------------------------

    def _by_hand(self) -> None:
        page = LatePage(Plaza, self.world, SEED)
        stage = HandStage(self.world, Plaza, page)
        self.kernel = stage.kernel
        self.turns = stage.kernel.driver
        coroutine = self._scenario(stage)
        try:
            coroutine.send(None)
        except StopIteration:
            pass
        else:
            raise AssertionError("a script played by hand has waited for something")
        try:
            stage.leave()
        except ExceptionGroup as group:
            self.escalated = [repr(error) for error in group.exceptions]
        self.said += stage.said()

    def _on_trio(self) -> None:
        from tests.drivers import run_on_trio

        with complaints() as heard:
            try:
                run_on_trio(self._main, self.seed, self.instruments)
            except Exception as error:
                self.broke = "hung" if self.hung else f"broke with {_root_of(error)!r}"
        if self.broke:
            self.forget()
        else:
            self.world.faults += heard

    async def _main(self) -> None:
        import trio

        trio.lowlevel.spawn_system_task(self._watch)
        await self._page()

    async def _page(self) -> None:
        import trio

        from spindle import open_page

        opened = open_page(
            Plaza,
            provide={Errand: Errands()},
            hosted=self.driver == "hosted",
            journal=self.world,
            seed=SEED,
        )
        try:
            async with opened as page:
                stage = TrioStage(page, self.driver, self.world)
                self.kernel = stage.kernel
                self.turns = stage.kernel.driver
                # What escalates cancels the body; the script is played all the same.
                with trio.CancelScope(shield=True):
                    await self._scenario(stage)
        except ExceptionGroup as group:
            self.escalated = [repr(error) for error in group.exceptions]
        self.said += stage.said()

    async def _watch(self) -> None:
        """The clock jumps when nothing goes on: then the page hangs."""
        import trio
        from trio._core._run import GLOBAL_RUN_CONTEXT

        await trio.sleep(HANGS_AFTER)
        self.hung = True
        # What is shielded and never woken ends in no other way than with the whole run.
        GLOBAL_RUN_CONTEXT.runner.runq.append(None)

    def forget(self) -> None:
        """Drop what a run that broke has left, without the complaints of cut coroutines."""
        held: list[object] = [
            self.__dict__.pop("kernel", None),
            self.__dict__.pop("turns", None),
            self.world,
        ]
        self.world, self.receipts, self.started, self.visits = World(), [], [], []
        collect(held)

    # --- the script -----------------------------------------------------------------------------

    async def _scenario(self, stage: Stage) -> None:
        for burst in self.script.bursts:
            for position, each in enumerate(burst):
                await self._input(stage, each, first=position == 0)
            await stage.settle()

    async def _input(self, stage: Stage, each: sc.Input, *, first: bool) -> None:
        match each:
            case sc.Start():
                if not first and self._may_end:
                    await stage.settle()
                self._start(stage, each, first=first)
            case sc.Tell((block, instance), kind, answers):
                event = getattr(BLOCKS[block], kind)(self._number())
                self.receipts.append(stage.resume(event, yield_id=answers, instance=instance))
            case sc.CancelStarted(number) if self.started:
                handle = self.started[number % len(self.started)]
                handle.cancel_nowait("from outside")
            case sc.Outside(use):
                if not first and self._may_end:
                    await stage.settle()
                self._use(stage, use)
            case sc.Leave(number) if self.visits:
                record = self.visits[number % len(self.visits)][1]
                self.turns.post(record.kernel.cancel, record, Cancelled("left from outside"))
            case sc.Advance(seconds):
                await stage.advance(seconds)
            case sc.CancelPage():
                self._ends()
                self.turns.leave(Cancelled("closing time"))
            case sc.StopPage(grace):
                self._ends()
                await stage.stop("closing soon", grace)
            case _:
                pass

    def _number(self) -> int:
        # Its own: spindles take theirs when their turn comes, and a burst does not wait for that.
        return -next(self._counts)

    def _ends(self) -> None:
        # Whether anything starts after this is asked at once, not when its turn comes.
        self._may_end = True

    def _start(self, stage: Stage, start: sc.Start, *, first: bool) -> None:
        block, instance = start.key
        if not first:
            instance = f"s{-self._number()}"
        try:
            self.started.append(
                stage.start(
                    BLOCKS[block],
                    perform_program,
                    self.world,
                    block,
                    start.program,
                    instance=instance,
                    policy=POLICIES[start.policy],
                    significant=start.significant,
                )
            )
        except (PageClosed, SpindleIsLive) as refused:
            self.notes.append(f"start: {refused!r}")

    def _use(self, stage: Stage, use: Any) -> None:
        kernel = stage.kernel
        item = None
        match use:
            case st.Put(number):
                item = Item(self._number())
                operation = self.world.channels[number % 3].put(item)
            case st.Take(number):
                operation = self.world.channels[number % 3].take()
            case _:
                operation = cell_of(use.cell).changes().next()
        try:
            record = kernel.let_in(_visit, (Visit(use, operation),))
        except PageClosed as refused:
            self.notes.append(f"outside: {refused!r}")
            return
        self.visits.append((use, record, item))
        self.turns.post(kernel.launch, record)

    # --- what came of it ------------------------------------------------------------------------

    def outcome(self) -> dict[str, Any]:
        """Everything that has to be the same under every driver."""
        books = self.kernel.ledger
        return {
            "log": self.world.log,
            "notes": self.notes,
            # What conflates depends on when the view looks; all of it is in the log.
            "said": [line for line in self.said if " says Progress" not in line],
            "settled": [(str(each.settlement), each.reason) for each in self.receipts],
            "ledger": (books.accepted, books.handled, books.refused, books.dead_lettered),
            "outside": [_plain(record.outcome) for _, record, _ in self.visits],
            "handles": [_plain(handle.outcome) for handle in self.world.handles + self.started],
            "escalated": self.escalated,
        }


class Visit:
    """One use of a cell or channel from outside; its text is the same every time."""

    def __init__(self, use: object, operation: Any) -> None:
        self.use = use
        self.operation = operation

    def __repr__(self) -> str:
        return repr(self.use)


def _root_of(error: BaseException) -> BaseException:
    """What was raised first of all that an exception is about."""
    while True:
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        elif error.__cause__ is not None:
            error = error.__cause__
        else:
            return error


async def _visit(visit: Visit) -> object:
    return await visit.operation


def _plain(outcome: Any) -> str:
    if isinstance(outcome, Completed):
        return f"completed {outcome.value!r}"
    if isinstance(outcome, Errored):
        return f"failed {outcome.error!r}"
    return repr(outcome)
