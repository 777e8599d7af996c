"""Backups from the browser on a running process: made, checked, taken home, put back; who may."""

from __future__ import annotations

import asyncio
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from miaohui.access.model import NOT_FOR_TOKENS, ROLES
from miaohui.app.backups import archive
from miaohui.app.backups.jobs import HANDLERS, KIND
from miaohui.app.backups.shelf import Shelf
from miaohui.app.process import Process
from miaohui.app.settings import Settings
from miaohui.kit import jobs
from miaohui.kit.tx import SYSTEM
from miaohui.kit.worker import Job
from tests import servers
from tests.app.twins import PNG, furnish
from tests.conftest import POSTGRES

pytestmark = pytest.mark.skipif(
    bool(POSTGRES), reason="the pages make backups of SQLite; PostgreSQL has pg_dump"
)


class House:
    """One process with one shop, as most installations are; jobs run when the test says so."""

    def __init__(self, folder: Path, *marks: str) -> None:
        self.runner = asyncio.Runner()
        servers.migrated_file(folder / "miaohui.db")
        self.process = Process(Settings(data_dir=folder, role="web"))
        self.shops = [furnish(self.process, mark) for mark in marks]
        self.runner.run(self.process.start())
        transport = httpx.ASGITransport(self.process.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://desk.test")
        self.folder = folder

    def ask(self, method: str, path: str, who: str = "owner") -> Any:
        headers = self.shops[0].headers(who)
        return self.runner.run(self.client.request(method, path, headers=headers))

    def work(self) -> None:
        """Do the backups that wait, as the worker would."""
        rt = self.process.rt
        rows = rt.lane.run_blocking(lambda tx: jobs.claim(tx.conn, tx.now, "test", 99, 60.0), SYSTEM)
        for row in rows:
            if row.kind == KIND:
                self.runner.run(HANDLERS[KIND](Job(row, rt), rt))

    def made(self) -> dict[str, Any]:
        assert self.ask("POST", "/api/backups").status_code == 202
        self.work()
        return self.ask("GET", "/api/backups").json()["items"][0]

    def audited(self) -> list[tuple[str, str]]:
        rows = self.ask("GET", "/api/audit?limit=50").json()["items"]
        return [(row["action"], row["result"]) for row in rows if row["action"].startswith("system.")]

    def close(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.run(self.process.stop())
        self.runner.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "data", "kiaaa")
    made.process.rt.ports["blobs"].put(PNG)
    yield made
    made.close()


def test_the_owner_makes_a_backup_while_the_desk_works(house: House) -> None:
    asked = house.ask("POST", "/api/backups").json()
    assert asked["is_running"] and asked["items"] == []
    assert house.ask("POST", "/api/backups").json()["code"] == "system.backup_running"
    house.work()
    seen = house.ask("GET", "/api/backups").json()
    assert not seen["is_running"] and seen["problem_zh"] == "" and seen["free_bytes"] > 0
    (made,) = seen["items"]
    assert made["size_bytes"] > 100_000 and made["is_sound"] is None and made["made_by"]
    assert (Path(seen["folder"]) / made["name"]).stat().st_mode & 0o077 == 0, "nobody else reads it"
    assert house.audited()[:2] == [("system.backup_made", "ok"), ("system.backup", "ok")]


def test_a_check_reads_the_whole_file_and_sees_a_changed_byte(house: House) -> None:
    name = house.made()["name"]
    fine = house.ask("POST", f"/api/backups/{name}/checks").json()
    assert fine["is_sound"] is True and fine["attachments"] == 1 and fine["messages"] > 0
    path = Shelf(house.folder).find(name)
    assert path is not None
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 0xFF
    path.write_bytes(body)
    broken = house.ask("POST", f"/api/backups/{name}/checks").json()
    assert broken["is_sound"] is False and broken["finding_zh"]
    assert house.ask("GET", "/api/backups").json()["items"][0]["is_sound"] is False
    assert house.audited()[0] == ("system.backup_checked", "failed")


def test_a_cut_off_backup_is_said_to_be_incomplete(house: House) -> None:
    name = house.made()["name"]
    path = Shelf(house.folder).find(name)
    assert path is not None
    path.write_bytes(path.read_bytes()[:40_000])
    assert "不是完整的秒回备份" in house.ask("POST", f"/api/backups/{name}/checks").json()["finding_zh"]


def test_a_downloaded_backup_is_the_shop_again_elsewhere(house: House, tmp_path: Path) -> None:
    name = house.made()["name"]
    answer = house.ask("GET", f"/api/backups/{name}/file")
    home = tmp_path / "home.tar"
    home.write_bytes(answer.content)
    with tarfile.open(home) as tar:
        assert tar.getnames()[0] == "manifest.json"
    elsewhere = Settings(data_dir=tmp_path / "elsewhere", role="web")
    elsewhere.data_dir.mkdir()
    assert archive.restore(elsewhere, home, replace=False)["old_data"] == ""
    with pytest.raises(archive.Impossible):
        archive.restore(elsewhere, home, replace=False)
    again = Process(elsewhere)
    with house.process.db.read() as here, again.db.read() as there:
        for table in ("inbox_messages", "shop_shops", "access_users"):
            count = f"SELECT count(*) FROM {table}"
            assert there.exec_driver_sql(count).scalar() == here.exec_driver_sql(count).scalar()
    again.close()
    assert ("system.backup_downloaded", "ok") in house.audited()


def test_a_backup_that_cannot_be_made_says_why(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "SPARE_BYTES", 2**60)
    house.ask("POST", "/api/backups")
    house.work()
    seen = house.ask("GET", "/api/backups").json()
    assert "磁盘空间不够" in seen["problem_zh"] and seen["items"] == [] and not seen["is_running"]
    assert list((house.folder / "backups").iterdir()) == [], "nothing half made stays"


def test_a_deleted_backup_is_gone_with_its_slip(house: House) -> None:
    name = house.made()["name"]
    assert house.ask("DELETE", f"/api/backups/{name}").status_code == 204
    assert house.ask("GET", "/api/backups").json()["items"] == []
    assert list((house.folder / "backups").iterdir()) == []
    assert house.ask("GET", f"/api/backups/{name}/file").status_code == 404


def test_no_other_file_is_given_out(house: House) -> None:
    for name in ("miaohui-20260101-000000.tar.part", "..%2Fsecret.key", "secret.key"):
        assert house.ask("GET", f"/api/backups/{name}/file").status_code in (404, 422), name


def test_only_the_owner_and_no_token() -> None:
    assert [role for role, held in ROLES.items() if "system.backup" in held] == ["owner"]
    assert "system.backup" in NOT_FOR_TOKENS


def test_who_owns_only_one_of_two_shops_may_not(tmp_path: Path) -> None:
    """A backup holds the conversations of the other shop too (reliability.md R4)."""
    house = House(tmp_path / "data", "kiaaa", "zobbb")
    try:
        for method, path in (("GET", ""), ("POST", ""), ("GET", "/miaohui-20260101-000000.tar/file")):
            answer = house.ask(method, f"/api/backups{path}")
            assert (answer.status_code, answer.json()["code"]) == (403, "system.other_shops")
        assert not (house.folder / "backups").exists()
    finally:
        house.close()


def test_a_dead_job_is_discarded_for_good_and_written_down(house: House) -> None:
    job_id = house.shops[0].ids["job"]
    assert job_id in [row["id"] for row in house.ask("GET", "/api/jobs/dead").json()["items"]]
    assert house.ask("DELETE", f"/api/jobs/dead/{job_id}").status_code == 204
    assert job_id not in [row["id"] for row in house.ask("GET", "/api/jobs/dead").json()["items"]]
    assert house.ask("DELETE", f"/api/jobs/dead/{job_id}").status_code == 404
    rows = house.ask("GET", "/api/audit?limit=5").json()["items"]
    assert rows[0]["action"] == "kit.job_discarded" and rows[0]["detail"]["kind"]
