"""The page as PDF, printed by a browser that is on the machine; the Chinese fonts are embedded by it.

A browser lays the page out exactly as people see it; a PDF library would be a second layout to keep equal
(docs/decisions/report-charts-and-pdf.md).
"""

# ruff: noqa: E501
from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from miaohui.insight.model.faults import NO_PRINTER

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "msedge",
    "chrome",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
TIMEOUT_S = 120


def find_browser() -> str | None:
    """Return a browser that can print, or None."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return found or next((path for path in PLACES if Path(path).exists()), None)


def has_chinese_font() -> bool:
    """Tell whether text would print as Chinese, not as boxes; True where fontconfig cannot be asked."""
    asked = shutil.which("fc-list")
    if asked is None:
        return True
    return bool(
        subprocess.run([asked, ":lang=zh-cn"], capture_output=True, timeout=30, check=False).stdout.strip()
    )


def print_pdf(html: str, target: Path) -> Path:
    """Print a page to `target`. Raises: Refusal insight.no_printer, saying what to install."""
    browser = find_browser()
    if browser is None:
        NO_PRINTER.refuse(missing="browser")
    if not has_chinese_font():
        NO_PRINTER.refuse(missing="fonts-noto-cjk")
    with tempfile.TemporaryDirectory(prefix="miaohui-pdf-") as folder:
        source = Path(folder, "report.html")
        source.write_text(html, encoding="utf-8")
        made = Path(folder, "report.pdf")
        command = [
            browser, "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
            "--disable-component-update", "--disable-quic", f"--user-data-dir={folder}/profile", "--no-pdf-header-footer",
            f"--print-to-pdf={made}", source.as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(
                1, "--no-sandbox"
            )  # Chromium refuses its sandbox to root; the page is our own file
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
        if not made.exists():
            NO_PRINTER.refuse(missing="output", said=done.stderr.decode("utf-8", "replace")[-300:])
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, target)
    return target
