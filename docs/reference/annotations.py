"""Lets annotations be read that name what is imported for type checkers only."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from contextlib import suppress
from importlib import import_module
from types import ModuleType

import spindle


def complete_annotations() -> None:
    """Import what stands below `if TYPE_CHECKING:`, now that every module is loaded."""
    names = [each.name for each in pkgutil.walk_packages(spindle.__path__, "spindle.")]
    for module in [import_module(name) for name in names if not name.endswith("__main__")]:
        _import_for_checkers(module)


def _import_for_checkers(module: ModuleType) -> None:
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for line in node.body:
                with suppress(ImportError):  # typeshed knows more names than there are
                    exec(ast.unparse(line), module.__dict__)
