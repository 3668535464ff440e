"""What importing costs: tests stepped by hand start without any event loop."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import pytest

from spindle import Completed, Coroutine, Suspended
from spindle._core.kernel.solitude import ASYNCIO, TRIO
from tests.talk import Desk, ask_once


def in_a_new_process(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


HEAVY = ("trio", "asyncio", "socket", "ssl", "anyio", "hypothesis", "h11", "trio_websocket")


@pytest.mark.parametrize("name", ["spindle", "spindle.testing", "spindle.view"])
def test_importing_loads_no_event_loop(name: str) -> None:
    loaded = in_a_new_process(
        f"""
        import sys, {name}
        print([heavy for heavy in {HEAVY!r} if heavy in sys.modules])
        """
    )
    assert loaded.strip() == "[]"


def test_a_conversation_by_hand_loads_no_event_loop() -> None:
    said = in_a_new_process(
        """
        import sys
        from spindle import *
        from spindle.testing import HandPage, Transcript

        class Desk(Spindle[str]):
            class Told(Event):
                word: str
            class Ask(Yield[Told]): ...
            class Said(Notify): ...

        async def ask() -> str:
            try:
                await Desk.Said()
                return (await Desk.Ask()).word
            finally:
                async with cleanup(1):
                    await Desk.Said()

        run = Transcript(ask)
        run.expect(Desk.Ask()).answer(Desk.Told("hi"))
        assert run.result == "hi"
        fiber = Coroutine(ask)
        fiber.run()
        fiber.cancel()
        with HandPage(Desk) as page:
            handle = page.start(Desk, ask)
            page.advance(1)
            page.resume(Desk.Told("hi"))
            assert page.result(handle) == "hi"
        print(run.result, "trio" in sys.modules, "asyncio" in sys.modules)
        """.replace("from spindle import *", "from spindle import " + BY_HAND)
    )
    assert said.strip() == "hi False False"


SLOW = ("ctypes", "difflib", "hashlib", "logging", "random", "socketserver", "tempfile", "trio")
"""Modules that a test by hand has no need of and that take their time."""


def test_a_spindle_that_only_talks_loads_no_kernel() -> None:
    said = in_a_new_process(
        f"""
        import sys, msgspec
        before = set(sys.modules)
        from spindle import Coroutine, Event, Notify, Port, Spindle, Suspended, Yield, read, use

        class Desk(Spindle[str]):
            class Told(Event):
                word: str
            class Ask(Yield[Told]): ...
            class Said(Notify): ...

        class Book(Port):
            @read
            async def find(self, word: str) -> str: ...

        class Words(Book):
            async def find(self, word: str) -> str:
                return word.upper()

        async def ask() -> str:
            book = await use(Book)
            await Desk.Said()
            return await book.find((await Desk.Ask()).word)

        desk = Coroutine(ask, provide={{Book: Words()}})
        assert desk.run() == Suspended(Desk.Ask())
        assert desk.run(Desk.Told("hi")).value == desk.state.value == "HI"
        loaded = set(sys.modules) - before
        kernel = "spindle._core.kernel."
        print(sorted(name.removeprefix(kernel) for name in loaded if name.startswith(kernel)))
        print([name for name in {SLOW!r} if name in loaded])
        """
    )
    assert said.splitlines() == ["['lane']", "[]"]


@pytest.mark.parametrize("missing", [TRIO, ASYNCIO])
def test_by_hand_either_event_loop_may_be_missing(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where another test has loaded both."""
    monkeypatch.delitem(sys.modules, missing, raising=False)
    spindle = Coroutine(ask_once)
    assert spindle.run() == Suspended(Desk.Ask())
    assert spindle.run(Desk.Told("hi")) == Completed("hi")
    assert missing not in sys.modules


BY_HAND = "Coroutine, Event, Notify, Spindle, Yield, cleanup"


def test_what_needs_trio_is_loaded_when_it_is_asked_for() -> None:
    said = in_a_new_process(
        """
        import sys, spindle
        assert "open_page" in dir(spindle)
        assert "trio" not in sys.modules
        spindle.open_page
        assert "trio" in sys.modules
        assert spindle.open_page is spindle.open_page
        assert vars(spindle)["open_page"] is spindle.open_page
        print("ok")
        """
    )
    assert said.strip() == "ok"


@pytest.mark.parametrize("package", ["spindle", "spindle.testing"])
def test_what_checkers_see_is_what_is_loaded_when_it_is_asked_for(package: str) -> None:
    module = import_module(package)
    assert module.__file__ is not None
    seen = {
        each.asname: node.module
        for block in ast.parse(Path(module.__file__).read_text()).body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for each in node.names
        if each.asname == each.name
    }
    assert seen == module._HOME_OF
    assert sorted(seen) == sorted(module.__all__) == dir(module)


def test_a_class_is_in_the_package_that_it_says_it_is_from_before_anybody_asks() -> None:
    said = in_a_new_process(
        """
        import spindle
        from spindle import Yield
        assert Yield.__module__ == "spindle"
        import spindle._core.errors as errors
        assert errors.NotLoaded.__module__ == "spindle"
        print(vars(spindle)["NotLoaded"] is errors.NotLoaded)
        """
    )
    assert said.strip() == "True"


def test_every_public_name_is_there() -> None:
    import spindle.testing

    for name in spindle.__all__:
        assert getattr(spindle, name) is not None
    assert sorted(spindle.__all__) == dir(spindle)
    assert len(set(spindle.__all__)) == len(spindle.__all__)
    for package in spindle, spindle.testing:
        said = f"module '{package.__name__}' has no attribute 'nothing'"
        with pytest.raises(AttributeError, match=said):
            _ = package.nothing
