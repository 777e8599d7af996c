"""Rules of the house that no linter knows; each message says what to do instead (house.md §2, §6)."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "miaohui"
ROOM_FILES = {"__init__", "model", "events", "store", "queries", "actions", "jobs", "routes", "schemas"}
FREE_ROOMS = {"app", "kit", "channels"}
MAX_FILE, MAX_FUNCTION = 300, 40
BANNED_NAMES = re.compile(r"(Service|Manager|Helper|Util|Utils|Base)$")
BANNED_FILES = {"helpers", "utils", "util", "common", "misc", "base", "service", "manager"}
CLOCKS = {
    ("time", "time"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
}
WORDS = re.compile(r"(^|[^A-Za-z])(T[O]DO|F[I]XME|X[X]X)([^A-Za-z(#]|$)")
MACHINE_PATH = re.compile(r"/(w[o]rk|r[o]ot|h[o]me/[a-z]+)/")
REGISTRY_HOST = re.compile(r"https?://(pypi|files\.pythonhosted|registry\.npmjs|deb\.debian)")


def python_files() -> Iterator[Path]:
    """Give every Python file of the product, its tests and its tools."""
    for folder in ("src", "tests", "tools"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def size_problems(path: Path, tree: ast.AST, lines: int) -> Iterator[str]:
    """Find files and functions over the house's limits."""
    if "versions" in path.parts:
        return
    if lines > MAX_FILE:
        yield f"{lines} lines: make it a package split by capability (actions/assign.py), never helpers.py"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > MAX_FUNCTION:
                yield f"line {node.lineno}: {node.name} has {length} lines: take out a function that has a name"


def name_problems(path: Path, tree: ast.AST) -> Iterator[str]:
    """Find file and class names that say nothing."""
    parts = path.relative_to(ROOT).parts
    if parts[:2] == ("src", "miaohui") and len(parts) > 3 and parts[2] not in FREE_ROOMS:
        top = parts[3].removesuffix(".py")
        if top not in ROOM_FILES:
            yield f"a room has only {', '.join(sorted(ROOM_FILES - {'__init__'}))}: put {top!r} into one of them"
    if path.stem in BANNED_FILES:
        yield f"{path.stem!r} says nothing: name the file after what it holds"
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and BANNED_NAMES.search(node.name):
            yield f"line {node.lineno}: class {node.name}: name the thing, not its layer"


def purity_problems(path: Path, tree: ast.AST) -> Iterator[str]:
    """Find clocks, commits and I/O where they do not belong."""
    parts = path.relative_to(ROOT).parts
    if (
        parts[:2] != ("src", "miaohui")
        or parts[2] in ("app", "channels")
        or parts[2:4] == ("kit", "clock.py")
    ):
        return
    yield from _clock_problems(tree)
    names = {path.stem, *parts[3:-1]}
    if parts[2] == "kit":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and _catches_all(node):
            yield f"line {node.lineno}: except Exception: only the worker loop and the HTTP edge may (house §7)"
    if "model" in names:
        yield from _model_imports(tree)
    if "actions" in names:
        yield from _action_imports(tree)


def _action_imports(tree: ast.AST) -> Iterator[str]:
    for line, name in _imports(tree):
        if name.split(".")[0] in {"httpx", "asyncio", "socket", "requests", "aiohttp"}:
            yield f"line {line}: actions do SQL only: move {name} into jobs.py"


def _clock_problems(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if (owner, node.func.attr) in CLOCKS:
                yield f"line {node.lineno}: {owner}.{node.func.attr}(): take the time from tx.now or rt.clock"


def wait_problems(path: Path, tree: ast.AST) -> Iterator[str]:
    """Find waits that swallow a cancellation (`miaohui.kit.waiting`)."""
    for node in ast.walk(tree):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_call and ast.unparse(node.func) == "asyncio.wait_for" and "src" in path.parts:
            yield f"line {node.lineno}: asyncio.wait_for swallows cancellations: kit.waiting or asyncio.timeout"


def _catches_all(node: ast.ExceptHandler) -> bool:
    return node.type is None or (
        isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
    )


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def _model_imports(tree: ast.AST) -> Iterator[str]:
    for line, name in _imports(tree):
        top = name.split(".")[0]
        if top in {"sqlalchemy", "fastapi", "httpx", "asyncio", "structlog"}:
            yield f"line {line}: model.py is pure: {name} belongs into store, routes or jobs"


def text_problems(path: Path, text: str) -> Iterator[str]:
    """Find words and paths that do not belong into the product."""
    for number, line in enumerate(text.splitlines(), 1):
        if WORDS.search(line):
            yield f"line {number}: unfinished work has no place here: do it, or file an issue"
        if MACHINE_PATH.search(line):
            yield f"line {number}: a path of one machine"
        if REGISTRY_HOST.search(line):
            yield f"line {number}: the host of a package registry"


def problems() -> Iterator[str]:
    """Give every problem as `file: what to do`."""
    for path in python_files():
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        where = path.relative_to(ROOT)
        for check in (
            size_problems(path, tree, text.count("\n")),
            name_problems(path, tree),
            purity_problems(path, tree),
            wait_problems(path, tree),
            text_problems(path, text),
        ):
            yield from (f"{where}: {problem}" for problem in check)
    yield from spec_problems()


def spec_problems() -> Iterator[str]:
    """Find spec numbers that a room cites in its README but no test cites."""
    tests = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("*.py"))
    for readme in sorted(SRC.glob("*/README.md")):
        for number in sorted(set(re.findall(r"§\d+\.\d+", readme.read_text(encoding="utf-8")))):
            if number not in tests:
                yield f"{readme.relative_to(ROOT)}: spec {number} is named, but no test cites it"


def main() -> int:
    """Print every problem; return 1 when there is one."""
    found = list(problems())
    print("\n".join(found) if found else f"house rules: {sum(1 for _ in python_files())} files, no problem")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
