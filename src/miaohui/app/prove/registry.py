"""Which proofs there are, and how they are printed."""

from __future__ import annotations

import importlib
import time
from typing import Any

from miaohui.app.bench.registry import show
from miaohui.app.bench.report import machine

# name -> keyword arguments of the short form, for CI
PROOFS: dict[str, dict[str, Any]] = {
    "jobs": {"kills": 12},
    "power": {"states": 150, "rounds": 40},
    "chaos": {"before": 120, "live_s": 3.0, "rate": 1.5, "burst_s": 2.0},
    "clocks": {"kills": 4},
    "kill": {"kills": 12, "acknowledged": 1_500},
}


def run(name: str, *, quick: bool, seed: int) -> int:
    """Run one proof or all; return 1 when one fails."""
    if name == "list" or (name != "all" and name not in PROOFS):
        print("all", *sorted(PROOFS), sep="\n")
        return 0 if name == "list" else 2
    print(f"# {machine()}", flush=True)
    good = True
    for each in sorted(PROOFS) if name == "all" else [name]:
        started = time.perf_counter()
        module = importlib.import_module(f"miaohui.app.prove.{each}")
        for figure in module.measure(seed=seed, **(PROOFS[each] if quick else {})):
            show(figure)
            good = good and figure.holds
        print(f"# {each}: {time.perf_counter() - started:.1f} s", flush=True)
    return 0 if good else 1
