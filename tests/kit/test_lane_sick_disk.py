"""A disk that fails to write or to flush in the middle of the work: nothing is acknowledged that is not stored, and
the lane goes on when the disk does (F3)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from sqlalchemy import Column, Table, Text, insert, select
from tests.runtimes import running

from miaohui.app.prove.recorded_disk import ApswConnection
from miaohui.kit.db import Database, Id, metadata
from miaohui.kit.errors import Refusal
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM, Tx

notes = Table("test_sick_notes", metadata, Column("id", Id, primary_key=True), Column("name", Text))


class SickDisk(apsw.VFS):
    """A disk whose writes or flushes of the log fail while `sick` names them: 'xWrite' or 'xSync'."""

    def __init__(self, name: str) -> None:
        self.label, self.sick, self.failed = name, "", 0
        super().__init__(name, "")

    def xOpen(self, filename: Any, flags: list[int]) -> apsw.VFSFile:
        return _File(self, filename, flags)

    def check(self, call: str) -> None:
        """Fail when it is the turn of this call."""
        if self.sick == call:
            self.failed += 1
            raise apsw.IOError("the disk does not answer")


class _File(apsw.VFSFile):
    def __init__(self, disk: SickDisk, filename: Any, flags: list[int]) -> None:
        self._disk = disk
        super().__init__("", filename, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.check("xWrite")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self._disk.check("xSync")
        super().xSync(flags)


@pytest.fixture
def disk(request: pytest.FixtureRequest) -> SickDisk:
    return SickDisk(f"sick-{request.node.name}")


@pytest.fixture
def rt(tmp_path: Path, disk: SickDisk) -> Iterator[Runtime]:
    path = tmp_path / "sick.db"
    db = Database(f"sqlite:///{path}", connect_sqlite=lambda: ApswConnection(path, disk.label))
    with running(db, tmp_path, [notes]) as made:
        yield made


def add(name: str) -> Any:
    def fn(tx: Tx) -> str:
        tx.execute(insert(notes).values(id=tx.ids.next(), name=name))
        return name

    return fn


@pytest.mark.parametrize("call", ["xWrite", "xSync"])
def test_what_a_sick_disk_refuses_is_refused_and_what_was_answered_stays(
    rt: Runtime, disk: SickDisk, call: str, tmp_path: Path
) -> None:
    async def many(mark: str) -> list[str | BaseException]:
        units = [rt.write(SYSTEM, add(f"{mark}-{n}")) for n in range(20)]
        return await asyncio.gather(*units, return_exceptions=True)

    told = asyncio.run(many("well"))
    disk.sick = call
    refused = asyncio.run(many("sick"))
    assert disk.failed and all(isinstance(one, Refusal) and one.code == "kit.unavailable" for one in refused)
    disk.sick = ""
    told += asyncio.run(many("again"))
    assert all(isinstance(one, str) for one in told), told
    rows = rt.read_here(lambda conn: list(conn.execute(select(notes.c.name)).scalars()))
    assert sorted(rows) == sorted(map(str, told)), "stored and answered are the same"
    plain = apsw.Connection(str(tmp_path / "sick.db"))
    assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()
