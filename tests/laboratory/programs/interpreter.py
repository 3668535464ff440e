"""The one spindle that plays any program."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spindle import (
    ESCALATE,
    REPORT,
    Cell,
    Changes,
    Channel,
    Event,
    Handle,
    Operation,
    Restart,
    await_all,
    await_any,
    cancel_reason,
    cleanup,
    fiber,
    forget,
    fork,
    map_fibers,
    now,
    random_float,
    scope,
    sleep,
    timeout,
    unique_id,
    use,
)
from spindle import When as Again
from tests.laboratory.programs import statement as st
from tests.laboratory.programs.errand import Errand, Parcel, Ticket
from tests.laboratory.programs.plaza import BLOCKS
from tests.laboratory.programs.world import Item, World

__all__ = ["POLICIES", "cell_of", "perform_program"]

POLICIES = {
    "report": REPORT,
    "escalate": ESCALATE,
    "permanent": Restart(when=Again.PERMANENT, intensity=2, period=1000, delay=0),
    "transient": Restart(intensity=2, period=1000, delay=0.25, spent=ESCALATE),
    "patient": Restart(intensity=1, period=1000, delay=0.5),
}


def cell_of(key: st.Which) -> Cell[int]:
    """The cell of a spindle."""
    block, instance = key
    cell: Cell[int] = BLOCKS[block].mood
    return cell if instance is None else cell.of(instance)


async def perform_program(world: World, block: str, program: st.Program) -> str:
    """Be the spindle."""
    return await Player(world, block, f"{block} {world.number()}").play(program)


class Player:
    """One coroutine that plays a program."""

    def __init__(self, world: World, block: str, who: str) -> None:
        self.world = world
        self.block = block
        self.who = who
        self.changes: dict[st.Which, Changes[int]] = {}

    async def play(self, program: st.Program) -> str:
        world = self.world
        world.began.append(self.who)
        self.note("begins")
        try:
            for statement in program.body:
                try:
                    await self.do(statement)
                except Exception as error:
                    self.note(f"met {error!r}")
                    if not program.stubborn:
                        raise
            return f"{self.who} is done"
        finally:
            world.unwound.append(self.who)
            self.note("ends")

    def note(self, line: str) -> None:
        self.world.note(f"{self.who} {line}")

    async def all(self, body: st.Body) -> None:
        for statement in body:
            await self.do(statement)

    async def do(self, statement: st.Statement) -> None:
        if self.who in self.world.failing:
            self.world.failing.remove(self.who)
            raise LookupError(f"{self.who} was made to fail")
        match statement:
            case st.Raise():
                raise LookupError(self.who)
            case st.Map(bodies, limit):
                values = await map_fibers(self.fiber, bodies, limit=limit)
                self.note(f"mapped {len(values)}")
            case st.Scope(body):
                await self.scope(body)
            case st.Timeout(seconds, body):
                async with timeout(seconds):
                    await self.all(body)
                self.note("left the timeout")
            case st.Cleanup(seconds, body):
                async with cleanup(seconds):
                    await self.all(body)
                self.note("left the cleanup")
            case st.Native(body):
                with self.world.native():
                    await self.all(body)
                self.note("left trio's scope")
            case st.Catch() | st.Swallow() | st.Finally():
                await self.guard(statement)
            case _:
                await self.step(statement)

    async def scope(self, body: st.Body) -> None:
        """Start fibers in a scope, and see that none is left behind it."""
        before = set(self.world.fibers)
        try:
            async with scope():
                await self.all(body)
        finally:
            running = set(self.world.began) - set(self.world.unwound)
            left = [each for each in running - before if each.rpartition(".")[0] == self.who]
            if left:
                self.world.faults.append(f"{self.who} left its scope before {left}")
        self.note("left the scope")

    async def guard(self, statement: st.Catch | st.Swallow | st.Finally) -> None:
        match statement:
            case st.Catch(body):
                try:
                    await self.all(body)
                except Exception as error:
                    self.note(f"caught {error!r}")
            case st.Swallow(body):
                try:
                    await self.all(body)
                except (KeyboardInterrupt, GeneratorExit):
                    raise
                except BaseException as error:
                    self.note(f"swallowed {_plain(error)}")
            case st.Finally(body, last):
                try:
                    await self.all(body)
                finally:
                    self.note("at last")
                    await self.all(last)

    async def step(self, statement: Any) -> None:
        """Await one operation."""
        if isinstance(statement, st.Put):
            await self.put(statement)
            return
        if isinstance(statement, st.Fail):
            await self.fail(statement)
            return
        if isinstance(statement, st.Call):
            await self.call(statement)
            return
        if isinstance(statement, st.Load | st.Forget):
            await self.load(statement)
            return
        operation = self.operation(statement)
        if operation is None:
            return
        value = await operation
        if isinstance(statement, st.Race):
            position, won = value
            self.got(statement.sources[position], won)
            self.note(f"source {position} won, of {statement!r}")
        else:
            self.got(statement, value)

    def got(self, statement: st.Statement, value: Any) -> None:
        """Look at what an operation gave."""
        if isinstance(value, Handle):
            self.world.handles.append(value)
            value = "a handle"
        elif isinstance(value, Item):
            self.world.taken.append(value)
        elif isinstance(value, Channel):
            self.world.channels.append(value)
            value = "a channel"
        elif isinstance(value, Event):
            self.world.heard.append(value)
        elif isinstance(statement, st.Send):
            self.world.sent.setdefault(statement.cell, []).append(value.new)
        elif isinstance(statement, st.Change):
            self.world.seen.setdefault((self.who, statement.cell), []).append(value)
        self.note(f"{type(statement).__name__} gave {value!r}")

    async def put(self, statement: st.Put) -> None:
        channel: Channel[Any] = self.own_channel(statement.channel)
        item = Item(self.world.number())
        await channel.put(item)
        self.world.put.append(item)
        self.note(f"put {item!r}")

    async def fail(self, statement: st.Fail) -> None:
        channel = self.own_channel(statement.channel)
        ended = channel.closed or channel.error is not None
        held = [] if ended else list(channel.items or ())
        await channel.fail(LookupError(f"failed by {self.who}"))
        self.world.dropped += [each for each in held if isinstance(each, Item)]
        self.note("failed a channel")

    async def call(self, statement: st.Call) -> None:
        errand: Any = await use(Errand)
        ticket = Ticket(self.world.number(), statement.seconds, statement.fails)
        self.note(f"called and got {await getattr(errand, statement.kind)(ticket)!r}")

    async def load(self, statement: st.Load | st.Forget) -> None:
        errand: Any = await use(Errand)
        ticket = Ticket(self.world.number(), None, False)
        if isinstance(statement, st.Load):
            ticket = replace(ticket, seconds=statement.seconds, fails=statement.fails)
            value = await errand.parcel(Parcel(statement.what, ticket))
            self.note(f"Load gave {value!r}")
        elif statement.what is None:
            await forget(errand.parcel)
        else:
            await forget(errand.parcel, Parcel(statement.what, ticket))

    async def fiber(self, body: st.Body) -> str:
        return await self.named_fiber(self.name_a_fiber(), body)

    async def named_fiber(self, name: str, body: st.Body) -> str:
        return await Player(self.world, self.block, name).play(st.Program(body))

    def name_a_fiber(self) -> str:
        name = f"{self.who}.{self.world.number()}"
        self.world.fibers.append(name)
        return name

    # --- operations -----------------------------------------------------------------------------

    def operation(self, statement: Any) -> Any:
        """The operation of a statement; None if there is nothing it could be about."""
        match statement:
            case st.Ask(kind, foreign) | st.Say(kind, foreign):
                return self.message(kind, foreign)
            case st.Sleep(seconds):
                return sleep(seconds)
            case st.Draw(kind):
                return DRAWS[kind]()
            case st.Join(number):
                handle = self.handle(number)
                return None if handle is None else handle.result()
            case st.CancelHandle(number):
                handle = self.handle(number)
                return None if handle is None else handle.cancel(f"by {self.who}")
            case st.AwaitAll(numbers):
                handles = [handle for n in numbers if (handle := self.handle(n)) is not None]
                return await_all(*handles)
            case st.Race(sources):
                return self.race(sources)
            case st.Fork():
                return self.fork(statement)
            case st.Fiber(body):
                return fiber(self.named_fiber, self.name_a_fiber(), body)
            case _:
                return self.sharing(statement)

    def sharing(self, statement: Any) -> Operation[Any]:
        match statement:
            case st.Send(cell):
                return cell_of(cell).put(self.world.number())
            case st.Get(cell, default):
                return cell_of(cell).get("nothing") if default else cell_of(cell).get()
            case st.Watch(cell):
                return cell_of(cell).watch()
            case st.Change(cell):
                if cell not in self.changes:
                    self.changes[cell] = cell_of(cell).changes()
                return self.changes[cell].next()
            case st.Take(number):
                return self.channel(number).take()
            case st.Close(number):
                return self.own_channel(number).close()
            case _:
                raise AssertionError(statement)

    def message(self, kind: str, foreign: bool) -> Any:
        name = self.block
        if foreign:
            name = "Right" if name == "Left" else "Left"
        made = getattr(BLOCKS[name], kind)
        return made(self.who) if kind in ("Said", "Progress") else made()

    def race(self, sources: tuple[Any, ...]) -> Any:
        operations = [self.operation(source) for source in sources]
        if any(operation is None for operation in operations):
            return None
        return await_any(*operations)

    def fork(self, statement: st.Fork) -> Any:
        block, instance = statement.key
        return fork(
            BLOCKS[block],
            perform_program,
            self.world,
            block,
            statement.program,
            instance=instance,
            replace=statement.replace,
            policy=POLICIES[statement.policy],
            significant=statement.significant,
        )

    def handle(self, number: int) -> Handle[Any] | None:
        handles = self.world.handles
        return handles[number % len(handles)] if handles else None

    def own_channel(self, number: int) -> Channel[Any]:
        """One that is not a watch of a cell: nobody but its cell puts into that."""
        return self.world.channels[number % 3]

    def channel(self, number: int) -> Channel[Any]:
        return self.world.channels[number % len(self.world.channels)]


DRAWS: dict[str, Any] = {
    "now": now,
    "random_float": random_float,
    "unique_id": unique_id,
    "cancel_reason": cancel_reason,
}


def _plain(error: BaseException) -> str:
    return repr(error) if isinstance(error, Exception) else "a cancellation"
