"""`make test`: every part in turn, one summary at the end. `--only NAME…` runs some parts.

Parts: units (SQLite), postgres (the same suite on PostgreSQL and NATS), web (the pages' own tests), budget
(what a browser loads), proofs (short forms), journeys (a real browser). Journeys are left out with a clear line
where Chromium cannot be installed. A part that does not end in its time is stopped and has failed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PY = sys.executable
PYTEST = [PY, "-m", "pytest", "-p", "no:cacheprovider"]
UNITS = ["tests", "-m", "not proof and not journey", "-n", "2", "--timeout", "180"]
PARTS: dict[str, list[str]] = {
    "units": [*PYTEST, *UNITS],
    "postgres": [PY, "tools/with_servers.py", *PYTEST, *UNITS],
    "web": [PY, "tools/build_web.py", "npm", "run", "test"],
    "budget": [PY, "tools/build_web.py", "npm", "run", "--silent", "budget"],
    "proofs": [PY, "tools/with_servers.py", *PYTEST, "tests", "-m", "proof"],
    "journeys": [*PYTEST, "tests/journeys", "-m", "journey"],
}
# Several times what each takes on two cores. Units: seconds.
LIMITS = {"units": 600, "postgres": 900, "web": 300, "budget": 120, "proofs": 1800, "journeys": 900}
# Compiled modules are kept out of the tree: each of the hundred processes of a run would compile them anew.
ENV = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
ENV["PYTHONPYCACHEPREFIX"] = str(ROOT / ".cache" / "pycache")
COUNTS = re.compile(r"(\d+) (passed|failed|error|skipped)")


def has_browser() -> bool:
    """Make sure of Chromium; False, with the script's own words printed, where it cannot be had."""
    return subprocess.call(["sh", "tools/chromium.sh"], cwd=ROOT) == 0


def end(process: subprocess.Popen[str], sign: int) -> None:
    """Send a signal to a part and to everything it started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, sign)


def stop(process: subprocess.Popen[str], name: str) -> None:
    """Stop a part that did not end in its time: politely, so that it can say what hangs, then for good."""
    print(f"\n=== {name}: not ended after {LIMITS[name]} s, stopped here", flush=True)
    process.terminate()
    time.sleep(30)
    end(process, signal.SIGKILL)


def run_part(name: str) -> tuple[int, str]:
    """Run one part, showing its output; return its exit status and its closing lines."""
    started = time.monotonic()
    print(f"\n=== {name}: {' '.join(PARTS[name][1:])}", flush=True)
    process = subprocess.Popen(
        PARTS[name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True, env=ENV,
    )  # fmt: skip
    watch = threading.Timer(LIMITS[name], stop, (process, name))
    watch.daemon = True
    watch.start()
    tail: list[str] = []
    assert process.stdout is not None
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
            tail = [*tail[-30:], line]
        status = process.wait()
    finally:
        watch.cancel()
        end(process, signal.SIGKILL)  # nothing of a part outlives it
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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the part that runs is ended too
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
