"""A conversational flow without a contract, as its users write it: clean under both checkers."""

from __future__ import annotations

import msgspec

from spindle import Completed, Coroutine, Suspended, Yield, open_coroutine
from spindle.testing import Transcript


class AskName(Yield[str]): ...


class AskEmail(Yield[str]):
    name: str


class User(msgspec.Struct, frozen=True):
    name: str
    email: str


async def wizard() -> User:
    name = await AskName()
    return User(name, await AskEmail(name))


def check_by_hand() -> None:
    runner = Coroutine(wizard)
    match runner.run():
        case Suspended(AskName()):
            pass
        case other:
            raise AssertionError(other)
    match runner.run("Ada"):
        case Suspended(AskEmail(name)):
            assert name == "Ada"
        case other:
            raise AssertionError(other)
    match runner.run("ada@example.org"):
        case Completed(user):
            assert user.email == "ada@example.org"
        case other:
            raise AssertionError(other)


def check_as_a_transcript() -> None:
    run = Transcript(wizard)
    run.expect(AskName()).answer("Ada")
    run.expect(AskEmail("Ada")).answer("ada@example.org")
    assert run.result == User("Ada", "ada@example.org")


async def main() -> None:
    async with open_coroutine(wizard, tag="wizard") as runner:
        match await runner.run():
            case Suspended(AskName() as first):
                print(await runner.resume(first, "Ada"))
            case _:
                pass
        async for tag, state in runner.results:
            match state:
                case Suspended(AskEmail() as second):
                    runner.resume_nowait(second, "ada@example.org")
                case Completed(user):
                    print(tag, user.email)
                case _:
                    pass
