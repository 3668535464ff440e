"""Log records that say which page and spindle they come from."""

from __future__ import annotations

import logging

from spindle._core.public import publish
from spindle._core.tags import TAGS

__all__ = ["SpindleFilter"]


class SpindleFilter(logging.Filter):
    """Gives each record a `page` and a `spindle`: the names of those whose code logs.

    Add it to a handler (not to a logger, whose filters do not see the records of its children), and
    name both in the format: `%(page)s %(spindle)s`. It is found out for the code of spindles and
    fibers, for what ports do, and for threads started there with `trio.to_thread.run_sync`. Both
    are `-` elsewhere, and in spindles started before the first filter was made; only from then on
    is kept who is who. It lets every record through. A record that has them already, as those of
    the loggers `spindle...` do, keeps them.
    """

    def __init__(self, name: str = "") -> None:
        """Begin to keep who is who; `name` as for any filter of the standard library."""
        super().__init__(name)
        TAGS.wanted = True

    def filter(self, record: logging.LogRecord) -> bool:
        """Add both to a record."""
        tag = TAGS.current()
        known = vars(record)
        known.setdefault("page", "-" if tag is None else tag.page)
        known.setdefault("spindle", "-" if tag is None else tag.spindle)
        return super().filter(record)


publish("spindle", [SpindleFilter])
