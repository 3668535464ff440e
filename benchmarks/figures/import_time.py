"""From the start of a process to its first test by hand: what importing costs.

The processor time of a whole process, interpreter included. All that is imported has been compiled
before, as it is from the second run of a test on: into a folder of this figure's own, wherever this
process keeps such code or not.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from functools import cache
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure, Target

__all__ = ["figure"]

figure = Figure("import_time", "ms", n=1, rounds=20, fresh=True)

BY_HAND = "from spindle import Coroutine, Event, Notify, Port, Spindle, Suspended, Yield, read, use"

FAKE = "\nfrom spindle.testing import Fake"
TRANSCRIPT = "\nfrom spindle.testing import Transcript"

SPINDLE = f"""
from __future__ import annotations
{BY_HAND}

class Desk(Spindle[str]):
    class Told(Event):
        word: str

    class Ask(Yield[Told]): ...

class Book(Port):
    @read
    async def find(self, word: str) -> str: ...

class Words(Book):
    async def find(self, word: str) -> str:
        return word.upper()

async def ask() -> str:
    book = await use(Book)
    return await book.find((await Desk.Ask()).word)
"""

FIRST_TEST = f"""
{SPINDLE}
desk = Coroutine(ask, provide={{Book: Words()}})
assert desk.run() == Suspended(Desk.Ask())
assert desk.run(Desk.Told("hi")).value == "HI"
"""

FIRST_TRANSCRIPT = f"""
{SPINDLE + TRANSCRIPT}
transcript = Transcript(ask, provide={{Book: Words()}})
transcript.expect(Desk.Ask()).answer(Desk.Told("hi"))
assert transcript.result == "HI"
"""


def _running(code: str) -> float:
    """Milliseconds of processor time of a process that runs `code`."""
    _run(code)  # compiles what it is the first to import
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def _run(code: str) -> None:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": _compiled().name}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


@cache
def _compiled() -> TemporaryDirectory[str]:
    return TemporaryDirectory("_compiled")


figure.case("nothing")(lambda _: _running("pass"))
msgspec = figure.case("import msgspec", symbol="msgspec")(lambda _: _running("import msgspec"))
figure.case("what tests by hand import", floor=msgspec, target=Target(1.3, 1.3))(
    lambda _: _running(BY_HAND)
)
figure.case("and a first test", floor=msgspec)(lambda _: _running(FIRST_TEST))
figure.case("the same with Fake", floor=msgspec, target=Target(1.3, 1.3))(
    lambda _: _running(BY_HAND + FAKE)
)
figure.case("and with Transcript", floor=msgspec, target=Target(1.3, 1.3))(
    lambda _: _running(BY_HAND + FAKE + TRANSCRIPT)
)
figure.case("and a first transcript", floor=msgspec)(lambda _: _running(FIRST_TRANSCRIPT))
