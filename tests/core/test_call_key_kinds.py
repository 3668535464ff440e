"""A call has the key that it had, whatever kind the methods are of in newer code."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from spindle import Coroutine, Log, Port, call_key, once, read, use, write


def teller(kind: Callable[..., Any], keys: list[str]) -> tuple[type[Port], Port]:
    """A port whose first method is of that kind, and what notes the keys of the other."""

    class Teller(Port):
        @kind
        async def look(self) -> int: ...
        @write
        async def pay(self) -> None: ...

    class Notes(Teller):
        async def look(self) -> int:
            return 3

        async def pay(self) -> None:
            keys.append(call_key())

    return Teller, Notes()


@pytest.mark.parametrize(("then", "now"), [*permutations((read, write, once), 2)])
def test_it_has_it_though_an_earlier_call_is_of_another_kind_in_newer_code(
    then: Callable[..., Any], now: Callable[..., Any]
) -> None:
    keys: list[str] = []
    port, notes = teller(then, keys)

    async def looks_and_pays() -> None:
        bank: Any = await use(port)
        await bank.look()
        await bank.pay()

    log = Log()
    Coroutine(looks_and_pays, provide={port: notes}, log=log).run()
    del log.frames[2:]  # as if the process had died while it paid
    port, notes = teller(now, keys)
    Coroutine.resume(looks_and_pays, log, provide={port: notes})
    assert len(keys) == 2
    assert keys[0] == keys[1]
