"""One backup file: written while the server runs, checked byte by byte, put back in place."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from miaohui.app import migrations
from miaohui.app.locking import AlreadyRunning, lock_data_dir
from miaohui.app.settings import Settings
from miaohui.kit.clock import SteadyClock, to_ms
from miaohui.kit.db import Database
from miaohui.kit.engines import sqlite_module

_BLOCK = 1 << 20
SPARE_BYTES = 64 * 2**20
WORK_PREFIX = "miaohui-backup-"


class Impossible(Exception):
    """An operation that cannot be done; the text says what to do instead."""


def backup(settings: Settings, target: Path) -> int:
    """Write a consistent copy of database, attachments and key as one tar file; return its size in bytes.

    Works while the server runs. Raises: Impossible.
    """
    if not settings.database_url.startswith("sqlite"):
        raise Impossible("PostgreSQL 请用 pg_dump 备份数据库 / use pg_dump for PostgreSQL")
    return write_archive(settings.data_dir, target)


def write_archive(data_dir: Path, target: Path) -> int:
    """Write the backup of an SQLite installation; return its size in bytes. Raises: Impossible."""
    source = data_dir / "miaohui.db"
    if not source.exists():
        raise Impossible(f"{source} 不存在，没有可备份的数据 / nothing to back up")
    if target.exists():
        raise Impossible(f"{target} 已存在，请换一个文件名 / file exists: choose another name")
    target.parent.mkdir(parents=True, exist_ok=True)
    _check_room(data_dir, target.parent)
    part = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(prefix=WORK_PREFIX, dir=target.parent) as name:
        copy = Path(name) / "miaohui.db"
        _copy_database(source, copy)
        manifest = {"format": 1, "schema": _schema_of(copy), "at_ms": to_ms(SteadyClock().now())}
        (Path(name) / "manifest.json").write_text(json.dumps(manifest))
        try:
            _pack(data_dir, Path(name), part)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        part.rename(target)
    return target.stat().st_size


def _pack(data_dir: Path, work: Path, part: Path) -> None:
    """Write the tar: manifest first, so that it is read without reading the rest; only its owner may read it."""
    with open(part, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for name in ("manifest.json", "miaohui.db"):
                tar.add(work / name, name)
            for extra in ("secret.key", "blobs"):
                if (data_dir / extra).exists():
                    tar.add(data_dir / extra, extra)
        file.flush()
        os.fsync(file.fileno())


def _check_room(data_dir: Path, folder: Path) -> None:
    """Refuse when the copy and the tar would not fit: a full disk stops the shop."""
    blobs = sum(path.stat().st_size for path in (data_dir / "blobs").rglob("*") if path.is_file())
    needed = 2 * (data_dir / "miaohui.db").stat().st_size + blobs + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Impossible(
            f"磁盘空间不够：需要 {needed // 2**20:,} MiB，只剩 {free // 2**20:,} MiB。请删掉旧备份或清理磁盘"
            " / not enough disk space"
        )


def _copy_database(source: Path, copy: Path) -> None:
    reader = sqlite_module.connect(f"file:{source}?mode=ro", uri=True)
    writer = sqlite_module.connect(str(copy))
    try:
        reader.backup(writer)
        answer = writer.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        writer.close()
        reader.close()
    if answer != "ok":
        raise Impossible(f"备份校验失败：{answer}，请运行 miaohui doctor / the copy is damaged: {answer}")


def _schema_of(path: Path) -> str:
    db = Database(f"sqlite:///{path}", allow_unsafe=True)
    try:
        return migrations.current(db)
    finally:
        db.close()


# ---- checking


@dataclass(frozen=True)
class Contents:
    """What a backup holds, read from the file itself. `sha256` is that of the whole file."""

    schema: str
    at_ms: int
    messages: int
    attachments: int
    has_key: bool
    sha256: str
    size_bytes: int


def check_archive(path: Path) -> Contents:
    """Read a backup to its last byte: database sound, every attachment what its name says. Raises: Impossible."""
    with tempfile.TemporaryDirectory(prefix=WORK_PREFIX, dir=path.parent) as name:
        try:
            manifest, attachments, has_key = _unpack(path, Path(name))
        except (tarfile.TarError, OSError, ValueError, KeyError) as error:
            raise Impossible(f"不是完整的秒回备份：{error} / not a complete backup") from error
        messages = _check_database(Path(name) / "miaohui.db")
    return Contents(
        manifest["schema"], manifest["at_ms"], messages, attachments, has_key, sha256_of(path), path.stat().st_size
    )  # fmt: skip


def _unpack(path: Path, work: Path) -> tuple[dict[str, Any], int, bool]:
    """Take manifest and database out; read every attachment and compare it with its name."""
    manifest: dict[str, Any] = {}
    attachments, has_key = 0, False
    with tarfile.open(path) as tar:
        for member, file in _files_in(tar):
            if member == "manifest.json":
                manifest = json.loads(file.read())
            elif member == "miaohui.db":
                with (work / "miaohui.db").open("wb") as target:
                    shutil.copyfileobj(file, target, _BLOCK)
            elif member == "secret.key":
                has_key = len(file.read()) > 0
            elif member.startswith("blobs/"):
                _check_attachment(Path(member).name, file)
                attachments += 1
    if not {"schema", "at_ms"} <= set(manifest) or not (work / "miaohui.db").exists():
        raise ValueError("缺少清单或数据库")
    return manifest, attachments, has_key


def _files_in(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in tar:
        file = tar.extractfile(member) if member.isfile() else None
        if file is not None:
            yield member.name, file


def _check_attachment(name: str, file: IO[bytes]) -> None:
    found = hashlib.sha256()
    while block := file.read(_BLOCK):
        found.update(block)
    if found.hexdigest() != name:
        raise ValueError(f"附件 {name[:12]}… 的内容与编号不符")


def _check_database(path: Path) -> int:
    conn = sqlite_module.connect(str(path))
    try:
        answer = str(conn.execute("PRAGMA integrity_check").fetchone()[0])
        if answer != "ok":
            raise Impossible(f"备份中的数据库已损坏：{answer} / the backup is damaged")
        return int(conn.execute("SELECT count(*) FROM inbox_messages").fetchone()[0])
    except sqlite_module.DatabaseError as error:
        raise Impossible(f"备份中的数据库已损坏：{error} / the backup is damaged") from error
    finally:
        conn.close()


def sha256_of(path: Path) -> str:
    """Return the hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---- putting back


def restore(settings: Settings, source: Path, *, replace: bool) -> dict[str, Any]:
    """Check a backup and put it in place; the old data is kept beside it. Raises: Impossible."""
    if not source.exists():
        raise Impossible(f"{source} 不存在 / no such file")
    try:
        lock = lock_data_dir(settings.data_dir)
    except AlreadyRunning as error:
        raise Impossible(f"{error}") from error
    try:
        if (settings.data_dir / "miaohui.db").exists() and not replace:
            raise Impossible(
                "已有数据；确认覆盖请加 --replace（旧数据会保留在旁边） / add --replace to overwrite"
            )
        return _restore_into(settings.data_dir, source)
    finally:
        lock.close()


def _restore_into(data_dir: Path, source: Path) -> dict[str, Any]:
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="restore-", dir=data_dir) as name:
        fresh = Path(name)
        try:
            with tarfile.open(source) as tar:
                tar.extractall(fresh, filter="data")
            manifest = json.loads((fresh / "manifest.json").read_text())
        except (tarfile.TarError, OSError, ValueError) as error:
            raise Impossible(f"{source} 不是完整的秒回备份：{error} / not a complete backup") from error
        _check_database(fresh / "miaohui.db")
        doubtful = _doubt_replies(fresh / "miaohui.db")
        kept = _put_in_place(data_dir, fresh)
    seconds = round(time.perf_counter() - started, 1)
    return {
        "schema": manifest["schema"],
        "backup_at_ms": manifest["at_ms"],
        "old_data": kept,
        "doubtful_replies": doubtful,
        "seconds": seconds,
    }


def _doubt_replies(path: Path) -> int:
    """Have replies that waited to be sent when the backup was made looked up instead of sent: they may have gone
    out since (F15, F17). Returns how many."""
    conn = sqlite_module.connect(str(path))
    try:
        found = conn.execute("UPDATE inbox_messages SET state = 'sending' WHERE state = 'queued'")
        conn.commit()
        return int(found.rowcount)
    finally:
        conn.close()


def _put_in_place(data_dir: Path, fresh: Path) -> str:
    old = data_dir / f"before-restore-{to_ms(SteadyClock().now())}"
    for name in ("miaohui.db", "miaohui.db-wal", "miaohui.db-shm", "secret.key", "blobs"):
        if (data_dir / name).exists():
            old.mkdir(exist_ok=True)
            (data_dir / name).rename(old / name)
    for name in ("secret.key", "blobs", "miaohui.db"):
        if (fresh / name).exists():
            (fresh / name).rename(data_dir / name)
    return str(old) if old.exists() else ""
