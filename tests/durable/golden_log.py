"""Logs as bytes that are kept in the repository."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

__all__ = ["GOLDEN", "GoldenLog"]

FOLDER = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class GoldenLog:
    """A log, and what it says."""

    page: str
    times: list[float]
    bodies: list[bytes]
    sealed: list[bytes]
    covered: bytes
    snapshot: bytes

    @staticmethod
    def load(path: Path) -> GoldenLog:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return GoldenLog(
            kept["page"],
            kept["times"],
            [bytes.fromhex(each) for each in kept["bodies"]],
            [bytes.fromhex(each) for each in kept["sealed"]],
            bytes.fromhex(kept["covered"]),
            bytes.fromhex(kept["snapshot"]),
        )

    def text(self) -> str:
        kept = {
            "page": self.page,
            "times": self.times,
            "bodies": [each.hex() for each in self.bodies],
            "sealed": [each.hex() for each in self.sealed],
            "covered": self.covered.hex(),
            "snapshot": self.snapshot.hex(),
        }
        return json.dumps(kept, indent=2) + "\n"


GOLDEN = {path.stem: GoldenLog.load(path) for path in sorted(FOLDER.glob("log_*.json"))}
