"""Testing spindles without a loop, a socket or a browser.

What is behind a name is loaded when it is first asked for: a test by hand does not load pages.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from spindle._core.operations.dropped import tell_of_dropped
from spindle._core.public import publish

if TYPE_CHECKING:
    from spindle.testing.fake import Fake as Fake
    from spindle.testing.hand_page import HandPage as HandPage
    from spindle.testing.recording import Recording as Recording
    from spindle.testing.script import Script as Script
    from spindle.testing.transcript.expectations import CallExpectation as CallExpectation
    from spindle.testing.transcript.expectations import Expectation as Expectation
    from spindle.testing.transcript.transcript import Transcript as Transcript

__all__ = [
    "CallExpectation",
    "Expectation",
    "Fake",
    "HandPage",
    "Recording",
    "Script",
    "Transcript",
]

_HOMES: Final = {
    "transcript.expectations": "CallExpectation Expectation",
    "fake": "Fake",
    "hand_page": "HandPage",
    "recording": "Recording",
    "script": "Script",
    "transcript.transcript": "Transcript",
}
"""The modules, and what is public of each."""

_HOME_OF: Final = {
    name: f"{__name__}.{module}" for module, names in _HOMES.items() for name in names.split()
}

tell_of_dropped()

if not TYPE_CHECKING:  # with it in sight, checkers would take any misspelt import for right

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = import_module(_HOME_OF[name])
        public = {each: getattr(home, each) for each in _HOME_OF if _HOME_OF[each] == home.__name__}
        publish(__name__, public.values())
        globals().update(public)
        return public[name]


def __dir__() -> list[str]:
    return sorted(__all__)
