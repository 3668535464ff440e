"""A long run with the real clock and real sockets: `python -m spindle.stress`.

Pages are opened, talked to and ended, many at a time and in every way there is; nothing may be left
of any, nor the memory grow. What is opened is a page of Spindle's own, or the user's:

    python -m spindle.stress shop.app:make --path /buy/tea --seconds 600

How it is used, and what it does not show: docs/stress.md. Needs trio and trio-websocket; nothing
else of Spindle loads this package.
"""

from __future__ import annotations

from spindle.stress.page_load import PageLoad
from spindle.stress.site_load import SiteLoad

__all__ = ["PageLoad", "SiteLoad"]
