"""The page that is interrupted at every step: everything that spindles share and wait for."""

from __future__ import annotations

from tests.laboratory.programs import script as sc
from tests.laboratory.programs import statement as st

__all__ = ["PLAY"]

LEFT: st.Which = ("Left", None)
RIGHT: st.Which = ("Right", None)
OTHER: st.Which = ("Right", "x")

PUTS = (st.Put(0), st.Put(1), st.Put(0), st.Put(0))
TAKES = (
    st.Race((st.Take(0), st.Ask("Take"))),
    st.Native((st.Race((st.Take(1), st.Change(RIGHT), st.Take(0))),)),
    st.Take(0),
)
ASKS = (st.Catch((st.Timeout(0.5, (st.Ask("Listen"), st.Native((st.Take(2),)))),)),)
CLEANS = (
    st.Finally((st.Sleep(1.0),), (st.Cleanup(2.0, (st.Say(), st.Sleep(0.25))),)),
    st.Send(LEFT),
)
RESTARTS = st.Program((st.Race((st.Ask("Listen"), st.Sleep(0.25))), st.Raise()))
REPLACED = st.Program(
    (st.Finally((st.Ask(),), (st.Cleanup(2.0, (st.Sleep(0.5), st.Call("note", 0.25))),)),)
)

FIRST = st.Program(
    (
        st.Fiber(PUTS),
        st.Fiber(TAKES),
        st.Fork(OTHER, REPLACED),
        st.Catch((st.Scope((st.Fiber(ASKS), st.Fiber(CLEANS), st.Ask("Take"))),)),
        st.Fork(OTHER, REPLACED, replace=True),
        st.Race((st.Sleep(0), st.Ask("Take"))),
        st.Native((st.Race((st.Take(2), st.Change(RIGHT), st.Sleep(1.0), st.Ask("Take"))),)),
        st.Fork(OTHER, st.Program((st.Ask("Listen"), st.Sleep(0.5))), replace=True),
        st.Catch((st.Map(((st.Sleep(0.5),), ASKS, CLEANS), 2),)),
        st.Race((st.Sleep(0), st.Ask("Take"))),
        st.Catch((st.Join(1), st.AwaitAll((0, 1)))),
        st.Finally(
            (st.Native((st.Put(2), st.Put(2), st.Put(2), st.Ask("Listen"))),),
            (st.Cleanup(1.0, (st.Call("look", 0.25), st.Say())),),
        ),
    ),
    stubborn=True,
)
SECOND = st.Program(
    (
        st.Fiber((st.Change(LEFT), st.Fiber(CLEANS), st.Sleep(0.25))),
        st.Fiber((st.Race((st.Join(0), st.Sleep(0.25))), st.Join(0))),
        st.Watch(LEFT),
        st.Sleep(0.25),
        st.Send(RIGHT),
        st.Race((st.Take(3), st.Sleep(1.0))),
        st.Send(RIGHT),
        st.Scope((st.Fiber((st.Call("pay", 0.5),)), st.Native((st.Take(2),)))),
        st.Take(2),
        st.Send(RIGHT),
        st.Close(0),
    ),
    stubborn=True,
)


def _tells(*kinds: str) -> tuple[sc.Input, ...]:
    return tuple(sc.Tell(key, kind) for key in (LEFT, RIGHT, OTHER) for kind in kinds)  # type: ignore[arg-type]


PLAY = sc.Script(
    (
        (sc.Start(LEFT, FIRST), sc.Start(RIGHT, SECOND)),
        (sc.Start(("Left", "again"), RESTARTS, policy="permanent"), *_tells("Told", "Queued")),
        (sc.Outside(st.Take(0)), sc.Outside(st.Change(LEFT)), sc.Tell(("Left", "again"), "Told")),
        (sc.Advance(0.5), *_tells("Queued", "Typed")),
        (sc.Advance(1.0), *_tells("Queued"), sc.Leave(0)),
        (sc.Advance(1.0), *_tells("Queued", "Told")),
        (sc.Advance(2.0),),
    )
)
