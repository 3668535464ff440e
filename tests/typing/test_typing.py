"""What the type checkers say of programs that use the package."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.typing import store, wizard

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CLEAN = (
    "store",
    "wizard",
    "answers",
    "client",
    "laboratory",
    "logs",
    "observing",
    "properties",
    "stores",
    "transcripts",
    "views",
)
FILES = [str(HERE.joinpath(f"{name}.py").relative_to(ROOT)) for name in (*CLEAN, "mistakes")]

UNUSED = "reportUnusedCallResult"

Reports: TypeAlias = Mapping[str, Mapping[int, str]]
"""What was reported: by file and line."""


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def mypy() -> Reports:
    pytest.importorskip("mypy")
    said = run(sys.executable, "-m", "mypy", "--no-error-summary", *FILES)
    found: dict[str, dict[int, str]] = {}
    for path, line, text in re.findall(r"^([^:\n]+):(\d+): error: (.*)$", said, re.MULTILINE):
        found.setdefault(Path(path).stem, {})[int(line)] = text
    return found


@pytest.fixture(scope="module")
def basedpyright(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    checker = Path(sys.executable).with_name("basedpyright")
    if not checker.exists():
        pytest.skip("basedpyright is not installed")
    config = tmp_path_factory.mktemp("basedpyright") / "pyrightconfig.json"
    _ = config.write_text(json.dumps(settings()))
    said = json.loads(run(str(checker), "--outputjson", "--project", str(config)))
    found: dict[str, dict[int, str]] = {}
    for report in said["generalDiagnostics"]:
        line: int = report["range"]["start"]["line"] + 1
        of_file = found.setdefault(Path(report["file"]).stem, {})
        if report["rule"] == UNUSED:  # says little where something else is wrong, too
            _ = of_file.setdefault(line, UNUSED)
        else:
            of_file[line] = report["message"]
    return found


def settings() -> dict[str, object]:
    """Return the project's own settings, made to look at the mistakes as well."""
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())
    chosen: dict[str, object] = project["tool"]["basedpyright"]
    here = {"root": str(HERE), "extraPaths": [str(ROOT)], "reportUnusedCallResult": "error"}
    environment: dict[str, object] = {
        "venvPath": str(Path(sys.prefix).parent),
        "venv": Path(sys.prefix).name,
    }
    environment["extraPaths"] = [str(ROOT)]  # this checkout, not the one that is installed
    files = [str(ROOT / file) for file in FILES]
    return chosen | environment | {"include": files, "exclude": [], "executionEnvironments": [here]}


def marked() -> dict[int, str]:
    lines = HERE.joinpath("mistakes.py").read_text().splitlines()
    return {number: line for number, line in enumerate(lines, 1) if "# error" in line}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("checker", ["mypy", "basedpyright"])
def test_C6_right_programs_are_clean(checker: str, request: pytest.FixtureRequest) -> None:
    """Seconds: that the static promises hold in both checkers, and go on holding."""
    reports: Reports = request.getfixturevalue(checker)
    assert {name: reports[name] for name in CLEAN if name in reports} == {}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("checker", ["mypy", "basedpyright"])
def test_C6_each_mistake_is_reported_and_nothing_else(
    checker: str, request: pytest.FixtureRequest
) -> None:
    """Seconds: that what is promised to be an error is one in both checkers."""
    reports: Reports = request.getfixturevalue(checker)
    reported, expected = reports["mistakes"], marked()
    assert {line: expected[line] for line in set(expected) - set(reported)} == {}, "not reported"
    assert {line: reported[line] for line in set(reported) - set(expected)} == {}, "not marked"
    for_another_reason = {
        line: text
        for line, text in expected.items()
        if reported[line] == UNUSED and "not awaited" not in text
    }
    assert for_another_reason == {}


def test_C6_the_right_programs_run() -> None:
    store.check_by_hand()
    store.check_as_a_transcript()
    store.check_the_page_by_hand()
    wizard.check_by_hand()
    wizard.check_as_a_transcript()


async def test_C6_the_right_page_runs() -> None:
    await store.check_on_a_page()


async def test_C6_the_right_program_without_a_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    await wizard.main()
    said = capsys.readouterr().out
    assert said == "Suspended(ask=AskEmail(name='Ada'))\nwizard ada@example.org\n"
