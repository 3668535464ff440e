"""What is public, and under which name: the one list that pages and checks go by."""

from __future__ import annotations

from importlib import import_module
from typing import Final

MODULES: Final = (
    "spindle",
    "spindle.view",
    "spindle.web",
    "spindle.web.memory",
    "spindle.durable",
    "spindle.jinja",
    "spindle.opentelemetry",
    "spindle.sqlite",
    "spindle.testing",
    "spindle.testing.client",
    "spindle.testing.client.chromium",
    "spindle.testing.laboratory",
    "spindle.testing.properties",
    "spindle.testing.stores",
    "spindle.stress",
)


def public_names() -> dict[str, object]:
    """Everything in an `__all__`, by the name under which it is documented."""
    return {
        f"{module}.{name}": getattr(import_module(module), name)
        for module in MODULES
        for name in import_module(module).__all__
    }


def undocumented(documented: set[str]) -> list[str]:
    """The public names that are missing in what was documented."""
    return sorted(set(public_names()) - documented)


def leaked(documented: set[str]) -> list[str]:
    """The names in what was documented that lead through a private module."""
    return sorted(name for name in documented if "._" in name)
