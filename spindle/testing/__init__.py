"""Testing spindles without a loop, a socket or a browser."""

from __future__ import annotations

from spindle._core.operations.dropped import tell_of_dropped
from spindle._core.public import publish
from spindle.testing.expectations import CallExpectation as CallExpectation
from spindle.testing.expectations import Expectation as Expectation
from spindle.testing.fake import Fake as Fake
from spindle.testing.fake import Script as Script
from spindle.testing.hand_page import HandPage as HandPage
from spindle.testing.recording import Recording as Recording
from spindle.testing.transcript import Transcript as Transcript

__all__ = [
    "CallExpectation",
    "Expectation",
    "Fake",
    "HandPage",
    "Recording",
    "Script",
    "Transcript",
]

tell_of_dropped()

publish(__name__, [globals()[name] for name in __all__])
