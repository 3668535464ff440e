"""Which address shows what."""

# Handles are left unused; modules that hold spindles keep this rule on, for a forgotten await.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

from pathlib import Path

from examples.assistant.contract import Assistant, Chat
from examples.assistant.ports import Model, Trains
from examples.assistant.spindle import converse
from examples.assistant.view import AssistantView
from spindle import PageMachine
from spindle.durable import Store
from spindle.web import App, Request

__all__ = ["train_desk"]

STYLESHEET = Path(__file__).with_name("style.css")


def train_desk(model: Model, trains: Trains, pages: Path | Store | None = None) -> App:
    """Make the site of the assistant.

    Args:
        model: says what comes next.
        trains: the railway.
        pages: keeps the conversations, so that they outlive tab and server; else they end with
            the tab.
    """
    app = App(provide={Model: model, Trains: trains}, store=pages)

    @app.page(
        "/",
        Assistant,
        AssistantView,
        title="Train desk",
        stylesheet=STYLESHEET,
        hosted=True,
        durable=pages is not None,
    )
    async def talk(page: PageMachine, request: Request) -> None:
        page.start(Chat, converse)

    return app
