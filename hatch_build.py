"""Build hook of hatchling: a wheel carries the built pages, and no release goes out without them."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
INDEX = ROOT / "src" / "miaohui" / "app" / "web" / "index.html"


def _build_web() -> ModuleType:
    """Return the module `tools/build_web.py`, which is not on the path of a build environment."""
    spec = importlib.util.spec_from_file_location("build_web", ROOT / "tools" / "build_web.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("tools/build_web.py is missing from the source tree")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class WebBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the pages before a wheel is packed.

    An editable install leaves them to `make run`, which builds them too; `MIAOHUI_SKIP_WEB=1` leaves them out
    for pure Python work, but never from a wheel that somebody might publish.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages. Raises: RuntimeError when the wheel would have none."""
        if version == "editable" or self.target_name != "wheel":
            return
        if os.environ.get("MIAOHUI_SKIP_WEB") != "1":
            _build_web().build()
        if not INDEX.is_file():
            raise RuntimeError("the wheel would have no pages: build them with python tools/build_web.py")
