"""Property-based tests of pages: values of any message, and conversations that nobody thought of.

`events(Store)` and its like are Hypothesis strategies; `@play(Store, ...)` makes a test of a page
that is talked to in every way, legal and illegal. Needs the extra:
`pip install 'trio-spindle[hypothesis]'`. Importing `spindle.testing` does not load it.
"""

from __future__ import annotations

try:
    import hypothesis as hypothesis
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "spindle.testing.properties needs Hypothesis: pip install 'trio-spindle[hypothesis]'",
        name=missing.name,
    ) from missing

from spindle._core.public import publish
from spindle.testing.properties.play import play as play
from spindle.testing.properties.played_page import PlayedPage as PlayedPage
from spindle.testing.properties.played_test import PlayedTest as PlayedTest
from spindle.testing.properties.strategies import events as events
from spindle.testing.properties.strategies import messages as messages
from spindle.testing.properties.strategies import returned_by as returned_by
from spindle.testing.properties.strategies import values as values

__all__ = ["PlayedPage", "PlayedTest", "events", "messages", "play", "returned_by", "values"]

publish(__name__, [globals()[name] for name in __all__])
