"""What the server logs while a page is loaded: why an address was not answered with one."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from spindle._core.errors import hides_frames
from spindle._core.names import error_shown
from spindle.testing.client.errors import VisitFailed
from spindle.testing.client.markup import parse, text_of
from spindle.web.log import logger

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Overheard", "overheard"]

__tracebackhide__ = hides_frames


class Overheard(logging.Handler):
    """Keeps the errors that are logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[tuple[str, BaseException]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        if record.exc_info and record.exc_info[1] is not None:
            self.errors.append((record.getMessage(), record.exc_info[1]))

    def visit_failed(self, target: str, status: int, html: str) -> VisitFailed:
        """Say why an address was not answered with a live page."""
        body = parse(html).body
        shown = text_of(body) if body is not None else html
        message = f"GET {target} was answered {_named(status)}: {shown[:300]}"
        if status == HTTPStatus.OK:
            message = f"GET {target} was answered with no live page: {shown[:300]}"
        error = VisitFailed(message, status, html)
        if self.errors:
            said, cause = self.errors[-1]
            error = VisitFailed(f"{message}\n{said}: {error_shown(cause)}", status, html)
            error.__cause__ = cause
        return error


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


@contextmanager
def overheard() -> Generator[Overheard]:
    """Listen to the server's log for as long as the block lasts."""
    heard = Overheard()
    logger.addHandler(heard)
    try:
        yield heard
    finally:
        logger.removeHandler(heard)
