"""Clients and a backend that outlive a server which is killed, and what they have seen of it."""

from __future__ import annotations

import os
import selectors
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Any

import msgspec

from tests.lasting.desk import PAGES, SCRIPTS, words
from tests.lasting.desk_server import Order
from tests.lasting.forks import Forked, Forks
from tests.lasting.kept_log import KeptLog, kept_logs

__all__ = ["Plan", "Visitors"]

PATIENCE = 30
"""After so many seconds in which nothing happens, a server is taken to hang."""
DOUBLED = {"Order", "Note", "Look"}
"""What a client says twice, as one does that was not answered in time."""

Seat = tuple[str, str]
"""A page, and the block of one of its spindles."""
CLIENTS: list[Seat] = [(page, block) for page in PAGES for block in SCRIPTS]


@dataclass
class Plan:
    """What the other end does to a server.

    Attributes:
        done: it is killed when its backend has done so many calls, and before the reply.
        withheld: that call is never answered; the server is killed when all else is done.
        lines: it is killed when it has said so much.
        seconds: it is killed after that time.
        stays: it is not told to finish.
    """

    done: int = 0
    withheld: int = 0
    lines: int = 0
    seconds: float = 0.0
    stays: bool = False


@dataclass
class Life:
    """What is known of one server."""

    told: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    acted: dict[Seat, int] = field(default_factory=dict)
    standing: set[str] = field(default_factory=set)
    unsettled: set[int] = field(default_factory=set)
    kept_back: set[Seat] = field(default_factory=set)
    calls: int = 0
    finished: bool = False


@dataclass
class Visitors:
    """All of them, for as many servers as it takes.

    Attributes:
        calls: how often each call was made: page, method, turn and key.
        told: by page, the longest story that a view was told.
        texts: what was said of a turn, once and for all.
        handled: by client, the last turn whose event was acknowledged as handled.
        asked: by client, the last turn that it was asked for.
        in_doubt: the `once` calls that were begun and had not ended when a server was killed.
        ended: calls whose end is in a log.
        final: by page, what it asks and its cells at last.
        view: by page, block and class, what was told last.
    """

    forks: Forks
    path: Path
    calls: Counter[tuple[str, str, int, str]] = field(default_factory=Counter)
    told: dict[str, list[Any]] = field(default_factory=dict)
    texts: dict[tuple[str, str, int], str] = field(default_factory=dict)
    handled: dict[Seat, int] = field(default_factory=dict)
    asked: dict[Seat, int] = field(default_factory=dict)
    sent: dict[int, tuple[str, str, int, bool]] = field(default_factory=dict)
    acknowledged: dict[int, str] = field(default_factory=dict)
    in_doubt: set[tuple[str, int]] = field(default_factory=set)
    ended: set[tuple[str, str, int]] = field(default_factory=set)
    final: dict[str, Any] = field(default_factory=dict)
    view: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    kills: int = 0

    # ── One server ───────────────────────────────────────────────────────────────────────────────

    def meet(self, plan: Plan | None = None, /, **order: Any) -> bool:
        """Start a server, do what there is to be done until it ends, and look at what it has kept.

        Returns:
            Whether it was killed.
        """
        plan, self._life = plan or Plan(), Life()
        forked = self.forks.fork(Order(str(self.path), **order))
        timer = Timer(plan.seconds, forked.kill)
        if plan.seconds:
            timer.start()
        try:
            for number, line in enumerate(_lines(forked), 1):
                self._hear(line, plan, forked)
                if number == plan.lines:
                    forked.kill()
        finally:
            timer.cancel()
            forked.kill()
            status = self.forks.wait(forked)
        assert status == -9 or (status == 0 and self.final.keys() == PAGES.keys()), status
        killed = not self._life.finished or status != 0
        self._remember()
        self.kills += killed
        self._look(kept_logs(self.path))
        return killed

    def _hear(self, line: list[Any], plan: Plan, forked: Forked) -> None:
        life = self._life
        match line:
            case ["standing", page, asks, busy, cells]:
                life.standing.add(page)
                self._stands(page, asks, cells)
                for block in SCRIPTS:  # what it has asked before is told again
                    turn = len(cells[f"{block}.story"])
                    life.acted[page, block] = turn if block in busy else turn - 1
                for block, (turn, number) in asks.items():
                    self._answer(page, block, turn, number, forked)
            case ["told", page, block, what, turn, text, number, _]:
                life.told[page].append(line[2:])
                if what == "Told":
                    said = self.texts.setdefault((page, block, turn), text)
                    assert said == text, f"{block} was told {said!r}, and now {text!r}"
                if what == "Yielded":
                    seat = page, block
                    self.asked[seat] = max(turn, self.asked.get(seat, -1))
                    self._answer(page, block, turn, number, forked)
            case ["settled", page, seq, settlement]:
                life.unsettled.discard(seq)
                self.acknowledged[seq] = settlement
                _, block, turn, first = self.sent[seq]
                assert (settlement == "HANDLED") == first, (self.sent[seq], settlement)
                if first:
                    self.handled[page, block] = max(turn, self.handled.get((page, block), -1))
            case ["call", number, method, page, turn, key]:
                self._called(number, method, page, turn, key, plan, forked)
            case ["final", page, asks, cells]:
                life.finished = True
                self.final[page] = asks, cells
        self._go_on(plan, forked)

    def _answer(self, page: str, block: str, turn: int, number: int, forked: Forked) -> None:
        seat = page, block
        if seat not in CLIENTS or turn <= self._life.acted.get(seat, -1):
            return
        self._life.acted[seat] = turn
        if turn == len(SCRIPTS[block]):
            return
        word = SCRIPTS[block][turn]
        for first in (True, False) if word in DOUBLED else (True,):
            seq = len(self.sent)
            self.sent[seq] = page, block, turn, first
            self._life.unsettled.add(seq)
            forked.say("event", page, word, turn, seq, number)

    def _called(
        self,
        number: int,
        method: str,
        page: str,
        turn: int,
        key: str,
        plan: Plan,
        forked: Forked,
    ) -> None:
        life = self._life
        assert page in life.standing, "a call was made before its page was taken up"
        assert (page, method, turn) not in self.ended, f"{method} {turn} was made again"
        self.calls[page, method, turn, key] += 1
        life.calls += 1
        if life.calls == plan.done:
            forked.kill()
        elif life.calls == plan.withheld:
            life.kept_back.add((page, "Clerk" if method == "file" else "Buyer"))
        else:
            forked.say("reply", number, f"{method} {turn}")

    def _go_on(self, plan: Plan, forked: Forked) -> None:
        life = self._life
        if life.unsettled and not life.kept_back:
            return
        for seat in CLIENTS:
            done = life.acted.get(seat, -1) == len(SCRIPTS[seat[1]])
            if not done and seat not in life.kept_back:
                return
        if life.kept_back:
            forked.kill()
        elif not plan.stays:
            forked.say("finish")

    # ── What has to be so ────────────────────────────────────────────────────────────────────────

    def _stands(self, page: str, asks: dict[str, Any], cells: dict[str, Any]) -> None:
        """A page was taken up: it is not behind what was acknowledged or told."""
        for block in SCRIPTS:
            seat, story = (page, block), cells.get(f"{block}.story")
            behind = self.handled.get(seat, -1)
            if block in asks:
                turn = asks[block][0]
                assert turn > behind, f"{block} asks for turn {turn}, which was acknowledged"
            else:
                turn = -1 if story is None else len(story)
                assert turn >= behind, (
                    f"turn {behind} of {block} was acknowledged, and is not there"
                )
            seen = self.asked.get(seat, -1)
            assert turn >= seen, f"{block} has asked for turn {seen}, and does not know of it"
            for done in range(turn):
                methods = ("price", "order", "pay") if block == "Buyer" else ("file",)
                self.ended |= {(page, method, done) for method in methods}

    def _remember(self) -> None:
        """What views were told is what they would have been told, as far as that goes."""
        for page, told in self._life.told.items():
            if not PAGES[page]:
                before = self.told.get(page, [])
                for then, now in zip(before, told, strict=False):
                    assert then == now, f"a view was told {then}, and then {now}"
                self.told[page] = max(before, told, key=len)
            self.view = {key: last for key, last in self.view.items() if key[0] != page} | {
                (page, each[0], each[1]): each for each in told
            }

    def _look(self, logs: dict[str, KeptLog]) -> None:
        for page, log in logs.items():
            self._look_at(page, log)

    def _look_at(self, page: str, log: KeptLog) -> None:
        numbers = [seq for *_, seq in log.events]
        assert len(set(numbers)) == len(numbers), "an event is in the log twice"
        for block in SCRIPTS:
            of_block = [seq for _, of, _, _, seq in log.events if of == block]
            assert of_block == sorted(of_block), "events are not in their order"
        if log.snapshot < 0:
            mine = {seq for seq in self.acknowledged if self.sent[seq][0] == page}
            lost = mine.difference(numbers)
            assert not lost, f"events {lost} were acknowledged, and are not in the log"
        for _, _, _, what in log.ends:
            method, _, turn = what.partition(" ")
            if turn:
                self.ended.add((page, method, int(turn)))
        for seq, block, kind, turn, _ in log.events:
            if kind == "Pay" and not any(call == "pay" for call, _ in log.ended(block, seq)):
                self.in_doubt.add((page, turn))

    def check_the_end(self) -> None:
        """All has come to what it would have come to without a kill."""
        for page in PAGES:
            asks, cells = self.final[page]
            for block, script in SCRIPTS.items():
                assert asks[block] == [len(script), len(script) + 1]
                story = [self._text(page, word, turn) for turn, word in enumerate(script)]
                came = cells[f"{block}.story"]
                assert came == story, f"{block} has come to {came}, and should to {story}"
        for seat in CLIENTS:
            page, block = seat
            last = len(SCRIPTS[block]) - 1
            told = self.view[page, block, "Told"]
            assert told[2:4] == [last, self._text(page, SCRIPTS[block][last], last)]
            assert self.view[page, block, "Yielded"][2] == last + 1
        assert self.view["long", "Watcher", "Seen"][5].endswith(f"turns={len(SCRIPTS['Buyer'])}))")
        self._check_calls()

    def _text(self, page: str, word: str, turn: int) -> str:
        unknown = word == "Pay" and (page, turn) in self.in_doubt
        return f"unknown {turn}" if unknown else words(word, turn)

    def _check_calls(self) -> None:
        keys: dict[str, tuple[str, str, int]] = {}
        made: Counter[tuple[str, str, int]] = Counter()
        for (page, method, turn, key), times in self.calls.items():
            made[page, method, turn] += times
            assert method == "price" or keys.setdefault(key, (page, method, turn)) == (
                page,
                method,
                turn,
            ), f"two calls have the key {key}"
        assert len(keys) == len([each for each in made if each[1] != "price"]), (
            "a call has two keys"
        )
        for page in PAGES:
            for script in SCRIPTS.values():
                for turn, word in enumerate(script):
                    for method in _METHODS.get(word, ()):
                        self._check_call(page, method, turn, made[page, method, turn])

    def _check_call(self, page: str, method: str, turn: int, made: int) -> None:
        if method == "pay":
            assert made <= 1, f"pay {turn} was made {made} times"
            assert made == 1 or (page, turn) in self.in_doubt
        else:
            assert made >= 1, f"{method} {turn} was never made"


_METHODS = {
    "Look": ("price",),
    "Order": ("order",),
    "Pay": ("pay",),
    "Both": ("price", "order"),
    "File": ("file",),
}


def _lines(forked: Forked) -> Iterator[list[Any]]:
    """What a server says, until it has ended."""
    rest = b""
    with closing(selectors.DefaultSelector()) as selector:
        selector.register(forked.out, selectors.EVENT_READ)
        while True:
            assert selector.select(PATIENCE), f"nothing has happened for {PATIENCE} s"
            chunk = os.read(forked.out, 65536)
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield msgspec.json.decode(line)
