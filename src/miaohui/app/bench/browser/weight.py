"""What a browser loads, gzip: the first workbench route, and the charts that come later."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from miaohui.app.bench.report import Figure, Unavailable
from miaohui.app.http import WEB_DIR

FIRST = ("index.html", "src/app/routes/desk/DeskPage.tsx")
CHART_WORDS = ("chart", "echarts")


def closure(manifest: dict[str, Any], entries: list[str]) -> set[str]:
    """Return the scripts that entries of Vite's manifest need, directly and through others."""
    seen: set[str] = set()
    todo = list(entries)
    while todo:
        chunk = manifest.get(todo.pop())
        if chunk is not None and chunk["file"] not in seen:
            seen.add(chunk["file"])
            todo += chunk.get("imports", [])
    return {file for file in seen if file.endswith(".js")}


def kilobytes(folder: Path, files: set[str]) -> float:
    """Return the size of files, each compressed as the server sends it."""
    return sum(len(gzip.compress((folder / file).read_bytes(), 9)) for file in files) / 1024


def measure() -> list[Figure]:
    """Return the two weights, and what the desk must not load: the charts."""
    path = WEB_DIR / ".vite" / "manifest.json"
    if not path.is_file():
        raise Unavailable("需要构建好的网页：make web（python tools/build_web.py）")
    manifest = json.loads(path.read_text())
    first = closure(manifest, list(FIRST))
    charts = closure(manifest, [key for key in manifest if any(word in key.lower() for word in CHART_WORDS)])
    charts -= first
    facts = {"files": len(first)}
    return [
        Figure("first workbench route, JavaScript gzip", kilobytes(WEB_DIR, first), "KB", at_most=420, facts=facts),
        Figure(
            "charts on top, JavaScript gzip", kilobytes(WEB_DIR, charts), "KB", at_most=220,
            facts={"chunks": len(charts)},
        ),
    ]  # fmt: skip
