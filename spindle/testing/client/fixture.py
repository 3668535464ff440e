"""What pytest's fixture `headless` is: opens apps in memory until its nursery is cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import trio

from spindle.testing.client.memory import open_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spindle.testing.client.visitor import Client
    from spindle.web.app import App

__all__ = ["Headless", "headless_in"]

Headless: TypeAlias = "Callable[[App], Awaitable[Client]]"


def headless_in(nursery: trio.Nursery) -> Headless:
    """Make what opens an app for a visitor, as long as the nursery stands."""

    async def hold(  # noqa: ASYNC114 - started below, by nothing else
        app: App, *, task_status: trio.TaskStatus[Client]
    ) -> None:
        async with open_client(app) as client:
            task_status.started(client)
            await trio.sleep_forever()

    async def headless(app: App) -> Client:
        client: Client = await nursery.start(hold, app)
        return client

    return headless
