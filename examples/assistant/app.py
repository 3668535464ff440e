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
from spindle.web import App, Request

__all__ = ["train_desk"]

STYLESHEET = Path(__file__).with_name("style.css")


def train_desk(model: Model, trains: Trains) -> App:
    """Make the site of the assistant."""
    app = App(provide={Model: model, Trains: trains})

    @app.page("/", Assistant, AssistantView, title="Train desk", stylesheet=STYLESHEET, hosted=True)
    async def talk(page: PageMachine, request: Request) -> None:
        page.start(Chat, converse)

    return app
