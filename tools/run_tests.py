"""`make test`: every part in turn, one summary at the end. `--only NAME…` runs some parts.

Parts: units (SQLite), postgres (the same suite on PostgreSQL and NATS), web (the pages' own tests), budget
(what a browser loads), proofs (short
forms), journeys (a real browser). Journeys are left out with a clear line where Chromium cannot be installed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PY = sys.executable
PYTEST = [PY, "-m", "pytest", "-p", "no:cacheprovider"]
UNITS = ["tests", "-m", "not proof and not journey", "-n", "2"]
PARTS: dict[str, list[str]] = {
    "units": [*PYTEST, *UNITS],
    "postgres": [PY, "tools/with_servers.py", *PYTEST, *UNITS],
    "web": [PY, "tools/build_web.py", "npm", "run", "test"],
    "budget": [PY, "tools/build_web.py", "npm", "run", "--silent", "budget"],
    "proofs": [PY, "tools/with_servers.py", *PYTEST, "tests", "-m", "proof"],
    "journeys": [*PYTEST, "tests/journeys", "-m", "journey"],
}
COUNTS = re.compile(r"(\d+) (passed|failed|error|skipped)")


def has_browser() -> bool:
    """Make sure of Chromium; False, with the script's own words printed, where it cannot be had."""
    return subprocess.call(["sh", "tools/chromium.sh"], cwd=ROOT) == 0


def run_part(name: str) -> tuple[int, str]:
    """Run one part, showing its output; return its exit status and its closing lines."""
    started = time.monotonic()
    print(f"\n=== {name}: {' '.join(PARTS[name][1:])}", flush=True)
    process = subprocess.Popen(
        PARTS[name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    tail: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        tail = [*tail[-30:], line]
    status = process.wait()
    print(
        f"=== {name}: {'ok' if status == 0 else f'failed ({status})'} in {time.monotonic() - started:.0f} s",
        flush=True,
    )
    return status, "".join(tail)


def main() -> int:
    """Run the parts; print one closing line; return 1 when one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=sorted(PARTS), default=list(PARTS))
    wanted = parser.parse_args().only
    if "journeys" in wanted and not has_browser():
        print("journeys are left out: no Chromium on this machine")
        wanted = [name for name in wanted if name != "journeys"]
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    failed_parts = []
    for name in wanted:
        status, tail = run_part(name)
        for number, word in COUNTS.findall(tail.strip().splitlines()[-1] if tail.strip() else ""):
            totals["failed" if word == "error" else word] += int(number)
        if status != 0:
            failed_parts.append(name)
    print(f"\nfailed parts: {', '.join(failed_parts)}" if failed_parts else "\nall parts passed")
    if failed_parts and totals["failed"] == 0:
        totals["failed"] = len(failed_parts)
    print(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return 1 if failed_parts else 0


if __name__ == "__main__":
    sys.exit(main())
