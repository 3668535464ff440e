"""What type checkers say of the code that the docs about testing, and about calls, show."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["calls", "testing", "transcripts", "hand_pages", "properties", "headless", "pytest"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a module for each document, and what their reader has saved before."""
    folder = tmp_path_factory.mktemp("shown")
    for name in DOCUMENTS:
        text = ROOT.joinpath("docs", f"{name}.md").read_text()
        blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        _ = folder.joinpath(f"of_{name}.py").write_text("\n\n".join(blocks))
    _ = shutil.copy(ROOT / "examples" / "booking.py", folder)
    return folder


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_mypy_finds_nothing_in_the_docs(shown: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds: that who copies the docs, and runs a type checker, is not told of our slips."""
    pytest.importorskip("mypy")
    monkeypatch.setenv("MYPYPATH", str(ROOT))
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
    said = subprocess.run(
        [*command, "--no-error-summary", *map(str, sorted(shown.glob("*.py")))],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.stdout + said.stderr == ""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_basedpyright_finds_nothing_in_the_docs(shown: Path) -> None:
    """Seconds: as above."""
    checker = Path(sys.executable).with_name("basedpyright")
    if not checker.exists():
        pytest.skip("basedpyright is not installed")
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())
    chosen: dict[str, object] = project["tool"]["basedpyright"]
    chosen |= {"include": [str(shown)], "exclude": [], "executionEnvironments": []}
    # What is wrong on purpose is marked for all checkers; blocks of one document are one module.
    chosen |= {"enableTypeIgnoreComments": True, "extraPaths": [str(ROOT)]}
    chosen |= {"venvPath": str(Path(sys.prefix).parent), "venv": Path(sys.prefix).name}
    config = shown / "pyrightconfig.json"
    _ = config.write_text(json.dumps(chosen))
    said = subprocess.run(
        [str(checker), "--outputjson", "--project", str(config)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = [
        f"{Path(each['file']).name}:{each['range']['start']['line'] + 1}: {each['message']}"
        for each in json.loads(said.stdout)["generalDiagnostics"]
    ]
    assert found == []
