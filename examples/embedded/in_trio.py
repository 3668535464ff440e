"""A trio program with work of its own, to which the pages are one task more."""

from __future__ import annotations

from itertools import count

import trio

from examples.embedded.shared import PORT, open_app, told_to_stop


async def own_work() -> None:
    """Do what the program is there for."""
    for seconds in count():
        print(f"at work for {seconds} s", flush=True)
        await trio.sleep(1)


async def main() -> None:
    """Work and serve, until told to stop."""
    with open_app() as app:
        async with trio.open_nursery() as nursery:
            url = await nursery.start(app.serve, "127.0.0.1", PORT)
            print(f"{url}/", flush=True)
            nursery.start_soon(own_work)
            await told_to_stop()
            nursery.cancel_scope.cancel()
    print("done", flush=True)


if __name__ == "__main__":
    trio.run(main)
