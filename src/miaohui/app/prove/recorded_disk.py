"""A disk that remembers: a SQLite VFS that records every write, truncate, sync and delete.

From the record the disk is rebuilt as it may look if power fails before any operation: what was synced is
there, of what was not, every 512-byte sector survives or not by chance. The real program runs on it through
a small DBAPI face over apsw, whose SQLite lets a program bring its own VFS.
Method: reliability.md appendix A (directory entries are assumed durable, files independent).
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from miaohui.kit.engines import sqlite_module

SECTOR = 512


@dataclass
class Record:
    """What happened to the disk, in order: ("w", file, offset, bytes), ("t", file, size), ("s", file),
    ("d", file), and ("ack", what) where the program told somebody that `what` is stored."""

    operations: list[tuple[Any, ...]] = field(default_factory=list)

    def ack(self, what: Any) -> None:
        """Note that `what` was acknowledged now."""
        self.operations.append(("ack", what))


def register(record: Record, name: str = "recorded") -> apsw.VFS:
    """Register a VFS that records into `record`; keep the returned object alive."""

    class RecordedFile(apsw.VFSFile):
        def __init__(self, filename: Any, flags: list[int]) -> None:
            path = filename.filename() if hasattr(filename, "filename") else (filename or "temp")
            self.base = os.path.basename(path)
            super().__init__("", filename, flags)

        def xWrite(self, data: bytes, offset: int) -> None:
            record.operations.append(("w", self.base, offset, bytes(data)))
            super().xWrite(data, offset)

        def xTruncate(self, newsize: int) -> None:
            record.operations.append(("t", self.base, newsize))
            super().xTruncate(newsize)

        def xSync(self, flags: int) -> None:
            record.operations.append(("s", self.base))
            super().xSync(flags)

    class RecordedDisk(apsw.VFS):
        def __init__(self) -> None:
            super().__init__(name, "")

        def xOpen(self, filename: Any, flags: list[int]) -> RecordedFile:
            return RecordedFile(filename, flags)

        def xDelete(self, filename: str, syncdir: bool) -> None:
            record.operations.append(("d", os.path.basename(filename)))
            super().xDelete(filename, syncdir)

    return RecordedDisk()


@dataclass
class DiskState:
    """Files as they may be after a power failure."""

    files: dict[str, bytearray]

    def write_to(self, folder: Path) -> None:
        """Write the files into `folder`; shared memory does not survive."""
        for name, content in self.files.items():
            if not name.endswith("-shm"):
                (folder / name).write_bytes(bytes(content))


def rebuild(
    base: Mapping[str, bytes], operations: Sequence[tuple[Any, ...]], rng: random.Random, keep: float
) -> DiskState:
    """Return the disk after `operations` and a power failure.

    Shape: `base` is what was safely on disk before; `keep` the probability (0–1) with which an unsynced
    sector survives.
    """
    files = {name: bytearray(content) for name, content in base.items()}
    pending: dict[str, list[tuple[Any, ...]]] = {}
    for operation in operations:
        kind = operation[0]
        if kind in "wt":
            pending.setdefault(operation[1], []).append(operation)
        elif kind == "s":
            for waiting in pending.pop(operation[1], []):
                _apply(files, waiting)
        elif kind == "d":
            files.pop(operation[1], None)
            pending.pop(operation[1], None)
    for waiting in (w for each in pending.values() for w in each):
        _apply_partly(files, waiting, rng, keep)
    return DiskState(files)


def _apply(files: dict[str, bytearray], operation: tuple[Any, ...]) -> None:
    content = files.setdefault(operation[1], bytearray())
    if operation[0] == "w":
        _, _, offset, data = operation
        content.extend(bytes(max(0, offset + len(data) - len(content))))
        content[offset : offset + len(data)] = data
    elif len(content) > operation[2]:
        del content[operation[2] :]
    else:
        content.extend(bytes(operation[2] - len(content)))


def _apply_partly(
    files: dict[str, bytearray], operation: tuple[Any, ...], rng: random.Random, keep: float
) -> None:
    if operation[0] == "t":
        if rng.random() < 0.5:
            _apply(files, operation)
        return
    _, name, offset, data = operation
    for start in range(0, len(data), SECTOR):
        if rng.random() < keep:
            _apply(files, ("w", name, offset + start, data[start : start + SECTOR]))


# ---- a DBAPI face over apsw, as much of it as SQLAlchemy and the kit use


class _Cursor:
    arraysize = 1

    def __init__(self, owner: ApswConnection) -> None:
        self._owner, self._cursor = owner, owner.raw.cursor()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._rows: list[Any] = []
        # The columns of a result without rows are known only while the statement starts.
        self._cursor.exec_trace = self._note_columns

    def _note_columns(self, cursor: Any, _sql: str, _params: Any) -> bool:
        self._description = cursor.get_description()
        return True

    def execute(self, sql: str, params: Any = ()) -> _Cursor:
        before = self._owner.raw.total_changes()
        self._description = ()
        try:
            self._rows = [tuple(row) for row in self._cursor.execute(sql, params)]
        except apsw.Error as error:
            raise _translated(error) from error
        self.description = [(column[0], *[None] * 6) for column in self._description] or None
        self.rowcount = self._owner.raw.total_changes() - before
        self.lastrowid = self._owner.raw.last_insert_rowid()
        return self

    def executemany(self, sql: str, rows: Any) -> _Cursor:
        for row in rows:
            self.execute(sql, row)
        return self

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        taken, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return taken

    def fetchall(self) -> list[Any]:
        taken, self._rows = self._rows, []
        return taken

    def __iter__(self) -> Any:
        return iter(self.fetchall())

    def close(self) -> None:
        self._rows = []


def _translated(error: apsw.Error) -> Exception:
    if isinstance(error, apsw.ConstraintError):
        return sqlite_module.IntegrityError(str(error))  # type: ignore[no-any-return]
    made = sqlite_module.OperationalError(str(error))
    made.sqlite_errorcode = getattr(error, "extendedresult", 0)
    return made  # type: ignore[no-any-return]


class ApswConnection:
    """One connection on the recorded disk."""

    isolation_level = None
    in_transaction = property(lambda self: self.raw.in_transaction)

    def __init__(self, path: Path, vfs: str = "recorded") -> None:
        self.raw = apsw.Connection(str(path), vfs=vfs)

    def cursor(self) -> _Cursor:
        return _Cursor(self)

    def execute(self, sql: str, params: Any = ()) -> _Cursor:
        return self.cursor().execute(sql, params)

    def commit(self) -> None:
        if self.raw.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self.raw.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        self.raw.close()

    def create_function(self, name: str, count: int, fn: Any, **_options: Any) -> None:
        self.raw.create_scalar_function(name, fn, count)
