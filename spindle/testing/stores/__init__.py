"""The conformance suite of stores: whatever keeps logs of pages can be held to what it has to do.

`test_it_conforms = conformance(MyBench)`. Needs the extra:
`pip install 'trio-spindle[hypothesis]'`.
"""

from __future__ import annotations

try:
    import hypothesis as hypothesis
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "spindle.testing.stores needs Hypothesis: pip install 'trio-spindle[hypothesis]'",
        name=missing.name,
    ) from missing

from spindle._core.public import publish
from spindle.testing.stores.bench import Bench as Bench
from spindle.testing.stores.bench import MemoryBench as MemoryBench
from spindle.testing.stores.conformance import conformance as conformance

__all__ = ["Bench", "MemoryBench", "conformance"]

publish(__name__, [globals()[name] for name in __all__])
