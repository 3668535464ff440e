"""Where a suspended coroutine stands."""

from __future__ import annotations

from spindle._core.kernel.stack import place_of, stack_of
from tests.talk import Desk


def test_a_stack_of_very_many_frames_is_cut_in_the_middle() -> None:
    async def deep(left: int) -> None:
        if left:
            await deep(left - 1)
        else:
            await Desk.Ask()

    coroutine = deep(200)
    coroutine.send(None)
    stack = stack_of(coroutine)
    assert len(stack) == 33
    assert stack[8] == "... 170 more"
    assert stack[0].endswith("deep")
    coroutine.close()


def test_a_stack_goes_through_generators_and_what_has_no_frame_ends_it() -> None:
    class Awaitable:
        def __await__(self):
            return iter([1])

    async def numbers():
        await Awaitable()
        yield 1

    async def loops() -> None:
        async for _ in numbers():
            pass

    coroutine = loops()
    coroutine.send(None)
    assert [each.rpartition(".")[2] for each in stack_of(coroutine)][:1] == ["loops"]
    coroutine.close()
    assert stack_of(None) == ()
    assert stack_of(coroutine) == ()


def test_the_place_is_the_innermost_that_is_not_spindles_own() -> None:
    async def asks() -> None:
        await Desk.Ask()

    coroutine = asks()
    coroutine.send(None)
    line = asks.__code__.co_firstlineno + 1
    own = Desk.Ask().__await__()
    own.send(None)
    assert stack_of(coroutine)[-1] == stack_of(own)[0]
    assert place_of(coroutine).startswith(f"{__file__}:{line} ")
    assert place_of(own) == stack_of(own)[0]
    assert place_of(None) == "its beginning"
    coroutine.close()
