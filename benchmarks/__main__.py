"""Run all benches, print a table, write `benchmarks/results/latest.json`."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from pathlib import Path

from benchmarks import hand_step, idle_page_bytes, page_open_close, yield_round_trip
from benchmarks.harness import Result, measure

LATEST = Path(__file__).parent / "results" / "latest.json"


def table(results: list[Result]) -> str:
    """The results as lines of text; the floor is the line whose ratio is 1."""
    lines = [f"{'figure':<18} {'contender':<38} {'value':>12} {'unit':<6} {'to the floor':>12}"]
    lines += [
        f"{each.name:<18} {each.contender:<38} {each.value:>12,.2f} {each.unit:<6} "
        f"{each.ratio:>12.2f}"
        for each in results
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, write."""
    benches = [yield_round_trip.bench, hand_step.bench, page_open_close.bench]
    results = measure(benches) + measure([idle_page_bytes.bench])
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps([asdict(each) for each in results], indent=2) + "\n")
    print(f"Python {platform.python_version()}; smallest of all rounds, ratio of the smallest\n")
    print(table(results))


if __name__ == "__main__":
    main()
