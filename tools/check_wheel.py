"""Builds the wheel, installs it into a fresh environment and starts it there: what somebody gets from `pip install`.

    make wheel                         build into dist/, then try it
    python tools/check_wheel.py FILE   try a wheel that was built already

Checked: the wheel carries the built pages; without the source tree, Node or the development tools `miaohui run`
answers, serves the page, its scripts, the widget and its embed script.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NEEDED = (
    "miaohui/app/web/index.html",
    "miaohui/inbox/page/chat.js",
    "miaohui/app/migrations/versions/0001_first.py",
)


def built() -> Path:
    """Build the wheel into dist/; return it."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(ROOT / "dist"),
        str(ROOT),
    ]
    subprocess.run(command, check=True)
    return max((ROOT / "dist").glob("miaohui-*.whl"), key=lambda path: path.stat().st_mtime)


def check_files(wheel: Path) -> None:
    """Raise SystemExit unless the wheel holds what it must, and nothing of the tests."""
    names = set(zipfile.ZipFile(wheel).namelist())
    missing = [name for name in NEEDED if name not in names]
    scripts = [name for name in names if re.fullmatch(r"miaohui/app/web/assets/.*\.js", name)]
    if missing or not scripts or any(name.startswith("tests/") for name in names):
        raise SystemExit(f"{wheel.name}: missing {missing}, {len(scripts)} scripts")
    print(
        f"{wheel.name}: {wheel.stat().st_size / 2**20:.1f} MB, {len(names)} files, {len(scripts)} scripts",
        flush=True,
    )


@contextlib.contextmanager
def running(program: Path, folder: Path) -> Iterator[str]:
    """Run the installed program on an empty folder, away from the source tree; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env |= {"MIAOHUI_DATA_DIR": str(folder / "data")}
    server = subprocess.Popen([str(program), "run", "--demo", "--port", str(port)], cwd=folder, env=env,
                              stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 90
        while time.monotonic() < until and server.poll() is None:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/healthz", timeout=2)
                break
            time.sleep(0.3)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def look(url: str) -> None:
    """Fetch the page, its first script, the desk's address and the widget. Raises: URLError, SystemExit."""
    page = urllib.request.urlopen(f"{url}/", timeout=10).read().decode()
    script = re.search(r'src="(/assets/[^"]+\.js)"', page)
    if script is None:
        raise SystemExit("the page names no script")
    for path in (
        script.group(1),
        "/desk",
        "/widget/demo-widget",
        "/widget/demo-widget.js",
        "/widget/assets/chat.js",
    ):
        answer = urllib.request.urlopen(url + path, timeout=10)
        print(f"{answer.status} {path} {answer.headers['content-type']}", flush=True)


def main(args: list[str]) -> int:
    """Run the command line; return the exit status."""
    wheel = Path(args[0]).resolve() if args else built()
    check_files(wheel)
    with tempfile.TemporaryDirectory(prefix="miaohui-wheel-") as name:
        folder = Path(name)
        venv.create(folder / "env", with_pip=True)
        bin_folder = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin")
        subprocess.run([str(bin_folder / "pip"), "install", "--quiet", str(wheel)], check=True)
        with running(bin_folder / "miaohui", folder) as url:
            look(url)
    print(f"pip install {wheel.name} && miaohui run: ok")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
