"""What is shown of an error that a test made by `play` has found: its own line, and what it calls.

Between them stands Hypothesis, and the function that plays; neither is of any interest there.
"""

from __future__ import annotations

import ast
import linecache
from itertools import count
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from spindle.testing.refused import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FunctionType

__all__ = ["cut_between", "in_place_of", "is_raised_by_spindle"]


def in_place_of(function: FunctionType, calls: Callable[..., object]) -> Callable[..., object]:
    """Make a function that makes a call, and whose line is the one where another is defined."""
    tree, line = ast.parse("def made(*args, **kwargs): calls(*args, **kwargs)"), _line_of(function)
    for node in ast.walk(tree):
        if isinstance(node, (ast.stmt, ast.expr, ast.arg, ast.keyword)):
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = -1  # nothing there is to be underlined
    # Globals of its own: in those of this module pytest finds what it is not to show.
    names: dict[str, Any] = {"__name__": function.__module__, "calls": calls}
    exec(compile(tree, function.__code__.co_filename, "exec"), names)
    made: FunctionType = names["made"]
    made.__code__ = made.__code__.replace(co_name=function.__name__)
    return made


def _line_of(function: FunctionType) -> int:
    """The line of its `def`, below its decorators; where that is not known, the first one."""
    code = function.__code__
    for line in count(code.co_firstlineno):
        text = linecache.getline(code.co_filename, line)
        if text.lstrip().startswith("def "):
            return line
        if not text:
            break
    return code.co_firstlineno


def is_raised_by_spindle(error: BaseException) -> bool:
    """Whether it was Spindle's code that raised it."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    home = str(frames[-1].f_globals.get("__name__")) if frames else "spindle"
    return home.partition(".")[0] == "spindle"


def cut_between(error: BaseException, code: CodeType) -> None:
    """Cut off a traceback what is above the last call of a function, which goes by its code.

    All of it where that is not in it, of what Hypothesis itself raises; of a group each.
    """
    trace, found = error.__traceback__, None
    while trace is not None:
        found = trace if trace.tb_frame.f_code is code else found
        trace = trace.tb_next
    for each in parts_of(error):
        cut_between(each, code)
    if found is not None or type(error).__module__.startswith("hypothesis"):
        error.__traceback__ = found
