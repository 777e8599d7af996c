"""How a measured figure looks: name, value, target, whether it holds."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


class Unavailable(RuntimeError):
    """What a benchmark needs is not on this machine; the text says what to do."""


@dataclass
class Figure:
    """One measured figure. `at_least`/`at_most` is the target; `facts` what it was computed from."""

    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the target is reached."""
        if self.at_least is not None and self.value < self.at_least:
            return False
        return self.at_most is None or self.value <= self.at_most

    @property
    def target(self) -> str:
        """The target as text."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return f"≤ {self.at_most:g}" if self.at_most is not None else "–"

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {**asdict(self), "holds": self.holds}


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which `share` (0–1) of `values` lie (nearest rank)."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def machine() -> str:
    """Return the machine in one line: what a figure must stand beside."""
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        model = next(
            (ln.split(":")[1].strip() for ln in info.read_text().splitlines() if ln.startswith("model name")),
            "",
        )
    return (
        f"{os.cpu_count()} cores {model}, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.release()}"
    )


def median_fdatasync_ms(folder: Path, rounds: int = 60) -> float:
    """Return the median time of writing 4 KiB and fdatasync in `folder`, in milliseconds."""
    path = folder / "fdatasync.probe"
    times = []
    with path.open("wb", buffering=0) as file:
        for _ in range(rounds):
            file.write(b"x" * 4096)
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - started) * 1000)
    path.unlink()
    return percentile(times, 0.5)
