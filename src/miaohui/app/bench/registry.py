"""Which benchmarks there are, and how their figures are printed."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from miaohui.app.bench.report import Figure, Unavailable, machine

# name -> (module, keyword arguments of the short form)
BENCHES: dict[str, tuple[str, dict[str, Any]]] = {
    "dispatch": ("dispatch", {"queued": 2_000, "rounds": 200}),
    "clocks": ("clocks", {"clocks": 2_000, "firing": 200, "seconds": 4.0}),
    "live": ("live", {"rate": 60, "sockets": 40, "seconds": 4.0}),
    "start": ("start", {"rounds": 2, "idle_s": 2.0}),
    "inbox": ("inbox", {"conversations": 3_000, "messages": 30_000, "rounds": 10}),
    "lane": ("lane", {"count": 4_000, "rounds": 2}),
    "webhook": ("webhook", {"count": 1_500, "rounds": 2}),
    "browser": ("browser", {"quick": True}),
    "importing": ("importing", {"orders": 30_000, "messages": 60_000, "slow_share": 0.2}),
}


def run(name: str, *, quick: bool, out: Path | None) -> int:
    """Run one benchmark or all; print a table, write JSON; return 1 when a target is missed."""
    if name == "list" or (name != "all" and name not in BENCHES):
        print("all", *sorted(BENCHES), sep="\n")
        return 0 if name == "list" else 2
    wanted = sorted(BENCHES) if name == "all" else [name]
    print(f"# {machine()}", flush=True)
    figures: list[Figure] = []
    missing = False
    for each in wanted:
        module, short = BENCHES[each]
        try:
            found = importlib.import_module(f"miaohui.app.bench.{module}").measure(**(short if quick else {}))
        except Unavailable as reason:
            print(f"{each}: {reason}", file=sys.stderr, flush=True)
            missing = True
            continue
        for figure in found:
            show(figure)
        figures += found
    if out is not None:
        out.write_text(
            json.dumps(
                {"machine": machine(), "figures": [f.as_dict() for f in figures]},
                ensure_ascii=False,
                indent=1,
            )
        )
    return 0 if not missing and all(f.holds for f in figures) else 1


def show(figure: Figure) -> None:
    """Print one figure: a line for people, JSON elsewhere."""
    if sys.stdout.isatty():
        mark = "✔" if figure.holds else "✘"
        print(
            f"{mark} {figure.name}: {figure.value:.3g} {figure.unit} (target {figure.target})  {figure.facts}",
            flush=True,
        )
    else:
        print(json.dumps(figure.as_dict(), ensure_ascii=False), flush=True)
