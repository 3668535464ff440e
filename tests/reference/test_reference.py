"""The API reference: what it has to name, and that the build complains if it does not."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

import pytest

import spindle
from tests.test_public_api import PUBLIC

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "docs" / "reference"


def load(name: str) -> ModuleType:
    spec = util.spec_from_file_location(f"reference_{name}", SOURCE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def public() -> ModuleType:
    return load("public")


def test_it_goes_by_every_public_list(public: ModuleType) -> None:
    names = public.public_names()
    assert set(PUBLIC) | {"spindle.testing.laboratory"} <= set(public.MODULES)
    for module in public.MODULES:
        assert {f"{module}.{name}" for name in import_module(module).__all__} <= set(names)
    assert names["spindle.open_page"] is spindle.open_page


def test_a_name_that_is_on_no_page_is_found(public: ModuleType) -> None:
    documented = set(public.public_names())
    assert public.undocumented(documented) == []
    assert public.undocumented(documented - {"spindle.fork"}) == ["spindle.fork"]


def test_a_private_path_is_found(public: ModuleType) -> None:
    assert public.leaked({"spindle.fork", "spindle._core.x.fork"}) == ["spindle._core.x.fork"]


def test_every_document_is_in_the_table_of_contents() -> None:
    contents = re.findall(r"^(?!:)[\w/]+$", load_text("contents.txt"), re.MULTILINE)
    documents = {*ROOT.glob("docs/*.md"), *SOURCE.glob("*.md")}
    written = {path.relative_to(ROOT).with_suffix("").as_posix() for path in documents}
    assert set(contents) == written | {"CHANGELOG", "CONTRIBUTING"}
    assert len(contents) == len(set(contents))


def load_text(name: str) -> str:
    return (SOURCE / name).read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_build_fails_if_a_public_name_is_on_no_page(tmp_path: Path) -> None:
    """Builds once: the only proof that the check is heard."""
    pytest.importorskip("sphinx", reason="`make docs` installs it")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-b", "dummy", "-W", "--keep-going", "-c", SOURCE),
            *("-D", "exclude_patterns=docs/reference/operations.md", "-d", tmp_path),
            *(ROOT, tmp_path),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert re.search("public, but on no page of the reference: .*spindle.await_any", done.stderr)
