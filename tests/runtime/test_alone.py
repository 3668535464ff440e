"""The one private name of trio's that is used, and the versions it was tried with."""

from __future__ import annotations

import trio

from spindle._runtime.alone import VERIFIED_WITH, alone


def test_alone_was_verified_with_this_trio() -> None:
    minor = ".".join(trio.__version__.split(".")[:2])
    assert minor in VERIFIED_WITH, (
        f"spindle._runtime.alone was not tried with trio {minor}: run the tests of hosted pages "
        f"with it, then add it to VERIFIED_WITH"
    )


async def test_there_is_no_task_within_and_the_same_one_afterwards() -> None:
    task = trio.lowlevel.current_task()
    seen: list[bool] = []

    def within() -> None:
        try:
            trio.lowlevel.current_task()
        except RuntimeError:
            seen.append(True)
        alone(lambda: seen.append(False))

    alone(within)
    assert seen == [True, False]
    assert trio.lowlevel.current_task() is task
