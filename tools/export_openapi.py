"""Writes the API's description and the browser's types from the application itself.

python tools/export_openapi.py          write web/openapi.json and web/src/api/schema.d.ts
python tools/export_openapi.py --check  fail when either is not what the application says (part of `make check`)
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
DESCRIPTION = WEB / "openapi.json"
TYPES = WEB / "src" / "api" / "schema.d.ts"
MARK = "// made from openapi.json, sha256 "


def description() -> dict[str, Any]:
    """Return the OpenAPI document of all routes. Starts nothing: only the routes are assembled."""
    sys.path.insert(0, str(ROOT / "src"))
    from miaohui.app.http import make_app
    from miaohui.app.wiring import routers

    document = make_app(cast(Any, None), cast(Any, None), routers()).openapi()
    document["info"]["version"] = "0"  # a release changes no route
    return document


def as_text(document: dict[str, Any]) -> str:
    """Return a document as stable text: sorted, so that a change shows as itself."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def mark_of(text: str) -> str:
    """Return the first line of the types made from a description."""
    return MARK + hashlib.sha256(text.encode()).hexdigest()


def write_types(text: str) -> None:
    """Make the browser's types from the description with the packaged Node."""
    spec = importlib.util.spec_from_file_location("build_web", ROOT / "tools" / "build_web.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("tools/build_web.py is missing")
    build_web = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build_web)
    build_web.install()
    build_web.run_npm("exec", "--", "openapi-typescript", str(DESCRIPTION), "-o", str(TYPES))
    TYPES.write_text(mark_of(text) + "\n" + TYPES.read_text())


def check(text: str) -> int:
    """Return 0 when the files in the repository are those of the application, else 1 with what to do."""
    fresh = DESCRIPTION.is_file() and DESCRIPTION.read_text() == text
    if fresh and TYPES.is_file() and TYPES.read_text().startswith(mark_of(text)):
        return 0
    print(
        "web/openapi.json or web/src/api/schema.d.ts is stale: python tools/export_openapi.py",
        file=sys.stderr,
    )
    return 1


def main(args: list[str]) -> int:
    """Run the command line; return the exit status."""
    text = as_text(description())
    if args == ["--check"]:
        return check(text)
    DESCRIPTION.write_text(text)
    try:
        write_types(text)
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
