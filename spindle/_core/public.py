"""Where a public class says it is from: the package that a program imports it from.

It is what a traceback names, and what `pickle` looks it up by; so it is to be found there from the
moment on that it says so, even where others are loaded when they are asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

__all__ = ["publish"]


def publish(module: str, values: Iterable[object]) -> None:
    """Let each class of these that is Spindle's own be known by `module`.

    Not one with annotations: those are looked up in the module that a class says it is from, by
    msgspec for example, and of classes derived from it, too.
    """
    for value in values:
        if not isinstance(value, type) or "__annotations__" in vars(value):
            continue
        if value.__module__.startswith("spindle."):
            value.__module__ = module
            vars(sys.modules[module]).setdefault(value.__name__, value)
