"""Makes golden logs of the format of today: `python -m tests.core.replay.make_golden VERSION`.

Only for a new format: golden logs that are there are never made anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from unittest import mock

import msgspec

from spindle import Coroutine, Event, Log
from tests.core.replay.golden_shop import Shop, Till, Working, keeps, sells

__all__ = ["FOLDER", "LOGS", "Golden", "Life", "made", "taken_up"]

FOLDER = Path(__file__).parent / "golden"
Step: TypeAlias = "Event | float | str | None"
"""What is answered, how many seconds pass, why it is cancelled, or that it begins."""


class Life(msgspec.Struct, frozen=True):
    """What is done with a conversation before its log is kept, and after it was taken up."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    before: Sequence[Step]
    after: Sequence[Step]


class Golden(msgspec.Struct, frozen=True):
    """A log in both formats, and what is seen of who takes it up."""

    data: bytes
    text: str
    state: str
    later: list[str]
    calls: list[str]


CHOSEN = Till.Chosen(["tea", "lemons", "“crème”"], 2**60 + 1)
SELLS = (sells, (2.5, "Good day"))
KEEPS = (keeps, (2**55 + 1,))
ROUND = [Till.Chosen(["tea"], 2), Till.Paid("4242")]
LOGS = {
    "not-begun": Life(*SELLS, [], [None, CHOSEN, 0.5, Till.Paid("4242")]),
    "asks": Life(*SELLS, [None], [CHOSEN, 0.5, Till.Paid("4242")]),
    "sleeps": Life(*SELLS, [None, CHOSEN, 0.125], [0.375, Till.Paid("4242")]),
    "may-be-late": Life(*SELLS, [None, CHOSEN, 0.5, 1.0], [2.0, Till.Paid("4242")]),
    "was-late": Life(*SELLS, [None, CHOSEN, 0.5, 2.5], [Till.Paid("4242")]),
    "paid": Life(*SELLS, [None, CHOSEN, 0.5, Till.Paid("4242")], []),
    "cancelled": Life(*SELLS, [None, CHOSEN, "has left"], []),
    "marks-first": Life(*KEEPS, [None], [*ROUND, Till.Chosen([])]),
    "marked": Life(*KEEPS, [None, *ROUND, *ROUND], [*ROUND, Till.Chosen([])]),
    "behind-a-mark": Life(*KEEPS, [None, *ROUND, ROUND[0]], [ROUND[1], Till.Chosen([])]),
}


def does(conversation: Coroutine[Any], steps: Sequence[Step]) -> list[str]:
    """Let it do this, and tell what is seen each time."""
    told: list[str] = []
    for step in steps:
        match step:
            case None:
                state = conversation.run()
            case float():
                state = conversation.advance(step)
            case str():
                state = conversation.cancel(step)
            case _:
                state = conversation.run(step)
        told.append(seen(state, conversation))
    return told


def seen(state: object, conversation: Coroutine[Any]) -> str:
    said = [*conversation.notified]
    return f"{state} {said} {conversation.pending()} {conversation.now}"


def written(life: Life, as_json: bool) -> Log:
    """Its log, made anew."""
    log = Log(json=as_json)
    with mock.patch("spindle._core.replay.head.drawn", return_value=bytes(range(16))):
        begun = Coroutine(life.function, *life.args, provide={Shop: Working()}, seed=7, log=log)
    does(begun, life.before)
    return log


def taken_up(life: Life, log: Log) -> tuple[str, list[str], list[str]]:
    """What is seen of who takes it up: at once, later, and of its calls."""
    works = Working()
    again = Coroutine.resume(life.function, log, provide={Shop: works})
    state = seen(again.state, again) if life.before else "not begun"
    return state, does(again, life.after), works.calls


def made(life: Life) -> Golden:
    """Make one, and see that it goes on as one that was never put away."""
    data, text = written(life, as_json=False).dump(), written(life, as_json=True).dump()
    golden = Golden(data, text.decode(), *taken_up(life, Log.load(data)))
    assert taken_up(life, Log.load(text)) == (golden.state, golden.later, golden.calls)
    works = Working()
    whole = Coroutine(life.function, *life.args, provide={Shop: works}, seed=7, log=Log())
    told = does(whole, [*life.before, *life.after])
    assert told[len(life.before) :] == golden.later, (told, golden.later)
    return golden


def main(version: str) -> None:
    """Write them."""
    path = FOLDER / f"logs_{version}.json"
    if path.exists():
        sys.exit(f"{path} is there: it is never made anew")
    golden = {name: made(life) for name, life in LOGS.items()}
    text = msgspec.json.format(msgspec.json.encode(golden), indent=1).decode()
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
