"""The backups that the pages make: files in `backups/` of the data folder, each with a slip that says what is known."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from miaohui.app.backups.archive import (
    WORK_PREFIX,
    Contents,
    Impossible,
    check_archive,
    sha256_of,
    write_archive,
)
from miaohui.kit.clock import to_ms

FOLDER = "backups"
NAME = re.compile(r"miaohui-\d{8}-\d{6}\.tar")
_LEFT_BEHIND_S = 3_600.0
_SHANGHAI = timedelta(hours=8)


@dataclass(frozen=True)
class Slip:
    """What is known of a backup. `is_sound` None: not checked yet; `finding_zh` says what a check found."""

    name: str
    made_ms: int
    made_by: str = ""
    size_bytes: int = 0
    schema: str = ""
    sha256: str = ""
    messages: int | None = None
    attachments: int | None = None
    checked_ms: int | None = None
    is_sound: bool | None = None
    finding_zh: str = ""


class Shelf:
    """The folder. `now` is handed in: it names the files, and tells what a killed process left behind."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.folder = data_dir / FOLDER

    @property
    def free_bytes(self) -> int:
        """How much room the disk has."""
        return shutil.disk_usage(self.data_dir).free

    def slips(self) -> list[Slip]:
        """Return every backup, newest first."""
        found = (path for path in self.folder.glob("miaohui-*.tar") if NAME.fullmatch(path.name))
        return [self._slip(path) for path in sorted(found, reverse=True)]

    def find(self, name: str) -> Path | None:
        """Return a backup's file, or None when there is none of this name."""
        path = self.folder / name
        return path if NAME.fullmatch(name) and path.is_file() else None

    def make(self, now: datetime, made_by: str) -> Slip:
        """Make a backup and write its slip. Raises: Impossible, OSError."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._sweep(now)
        name = f"miaohui-{(now + _SHANGHAI):%Y%m%d-%H%M%S}.tar"
        size = write_archive(self.data_dir, self.folder / name)
        schema = _manifest_of(self.folder / name).get("schema", "")
        slip = Slip(name, to_ms(now), made_by, size, str(schema), sha256_of(self.folder / name))
        self._write(slip)
        return slip

    def check(self, name: str, now: datetime) -> Slip:
        """Read a backup to its last byte and note on its slip what was found. Raises: OSError."""
        path = self.folder / name
        slip = self._slip(path)
        try:
            found = check_archive(path)
        except Impossible as problem:
            checked = replace(slip, checked_ms=to_ms(now), is_sound=False, finding_zh=str(problem))
        else:
            fault = _fault(slip, found)
            checked = replace(
                slip, checked_ms=to_ms(now), is_sound=not fault, finding_zh=fault, messages=found.messages,
                attachments=found.attachments, sha256=slip.sha256 or found.sha256, schema=found.schema,
            )  # fmt: skip
        self._write(checked)
        return checked

    def remove(self, name: str) -> None:
        """Delete a backup with its slip."""
        (self.folder / name).unlink(missing_ok=True)
        self._slip_path(self.folder / name).unlink(missing_ok=True)

    def _slip(self, path: Path) -> Slip:
        stat = path.stat()
        plain = Slip(path.name, int(stat.st_mtime * 1000), size_bytes=stat.st_size)
        try:
            known = json.loads(self._slip_path(path).read_text())
            return replace(Slip(**known), name=path.name, size_bytes=stat.st_size)
        except (OSError, ValueError, TypeError):
            return plain

    def _write(self, slip: Slip) -> None:
        path = self._slip_path(self.folder / slip.name)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(slip), ensure_ascii=False))
        part.replace(path)

    @staticmethod
    def _slip_path(path: Path) -> Path:
        return path.with_suffix(".json")

    def _sweep(self, now: datetime) -> None:
        """Delete what a process that was killed in the middle left behind."""
        for path in self._left_behind(now.timestamp() - _LEFT_BEHIND_S):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def _left_behind(self, before_s: float) -> Iterator[Path]:
        for path in (*self.folder.glob(f"{WORK_PREFIX}*"), *self.folder.glob("*.part")):
            if path.stat().st_mtime < before_s:
                yield path


def _fault(slip: Slip, found: Contents) -> str:
    if slip.sha256 and slip.sha256 != found.sha256:
        return "文件的内容与制作时不同，可能被改动或损坏，请另做一份 / the file has changed since it was made"
    if not found.has_key:
        return "备份里没有密钥文件，渠道密钥将无法解开 / the key file is missing"
    return ""


def _manifest_of(path: Path) -> dict[str, object]:
    import tarfile

    with tarfile.open(path) as tar:
        file = tar.extractfile("manifest.json")
        return json.loads(file.read()) if file else {}
