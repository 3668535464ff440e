"""The laboratory bites: each fault that is sown into the runtime is found by it."""

from __future__ import annotations

import pytest

from spindle.testing.laboratory import Violation, search
from tests.testing.laboratory.mutants import MUTANTS
from tests.testing.laboratory.scenarios import MAY_RAISE, SCENARIOS

pytestmark = [pytest.mark.search, pytest.mark.mutant]

CASES = [
    pytest.param(name, hosted, id=f"{name}-{'hosted' if hosted else 'task'}")
    for name, (_, _, drivers) in MUTANTS.items()
    for hosted in drivers
]


@pytest.mark.parametrize(("name", "hosted"), CASES)
def test_a_sown_fault_is_found(monkeypatch, name: str, hosted: bool) -> None:
    sow, scenario, _ = MUTANTS[name]
    sow(monkeypatch)
    with pytest.raises(Violation) as found:
        search(SCENARIOS[scenario](hosted), runs=400, may_raise=MAY_RAISE)
    assert found.value.run.faults
    print(str(found.value).split("\n\n")[0])
