"""What fibers do in tests: return, fail, or wait until somebody cancels them."""

from __future__ import annotations

from spindle import cancel_reason, cleanup, sleep
from tests.talk import Desk


async def return_after(seconds: float, value: object) -> object:
    await sleep(seconds)
    return value


async def say_after(seconds: float, word: str) -> str:
    await sleep(seconds)
    await Desk.Said(word)
    return word


async def fail_after(seconds: float, word: str = "failed") -> None:
    await sleep(seconds)
    raise LookupError(word)


async def wait_and_tidy(word: str, seconds: float = 1) -> None:
    """Wait for ever; cancelled, say why after some time."""
    try:
        await sleep(1000)
    finally:
        why = await cancel_reason()
        async with cleanup(60):
            await sleep(seconds)
            assert why is not None
            await Desk.Said(f"{word}: {why.reason}")


async def wait_and_fail(word: str) -> None:
    """Wait for ever; cancelled, fail."""
    try:
        await sleep(1000)
    finally:
        raise LookupError(word)


def notes_of(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", ()))
