"""Logs of every format there was."""

from __future__ import annotations

import pytest

from spindle.durable import Chain, read_log
from spindle.durable.frames import VERSION
from tests.durable.golden_log import GOLDEN, GoldenLog


@pytest.mark.parametrize("log", GOLDEN.values(), ids=GOLDEN)
def test_every_format_is_read(log: GoldenLog) -> None:
    chain = Chain(log.page)
    frames = list(read_log(chain, log.sealed, len(log.bodies) - 1))
    assert [frame.body for frame in frames] == log.bodies
    assert [frame.time for frame in frames] == log.times
    covered = Chain(log.page).open_snapshot(log.snapshot)
    assert (covered.seq, covered.body) == (len(log.bodies) - 1, log.covered)


def test_the_format_of_today_is_written_as_it_was() -> None:
    log = GOLDEN[f"log_{VERSION}"]
    chain = Chain(log.page)
    assert [chain.seal(*each) for each in zip(log.times, log.bodies, strict=True)] == log.sealed
    assert chain.seal_snapshot(1772360001.0, log.covered) == log.snapshot
