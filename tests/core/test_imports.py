"""What importing costs: tests stepped by hand start without any event loop."""

from __future__ import annotations

import subprocess
import sys
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


def test_every_public_name_is_there() -> None:
    import spindle

    for name in spindle.__all__:
        assert getattr(spindle, name) is not None
    assert sorted(spindle.__all__) == dir(spindle)
    assert len(set(spindle.__all__)) == len(spindle.__all__)
    with pytest.raises(AttributeError, match="module 'spindle' has no attribute 'nothing'"):
        _ = spindle.nothing
