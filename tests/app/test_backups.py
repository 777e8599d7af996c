"""Backups from the browser on a running process: made, checked, taken home, put back; who may."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from miaohui.access.model import NOT_FOR_TOKENS, ROLES
from miaohui.app.backups import archive
from miaohui.app.backups.shelf import Shelf
from miaohui.app.process import Process
from miaohui.app.settings import Settings
from tests.app.house import House
from tests.app.twins import PNG
from tests.conftest import POSTGRES

pytestmark = pytest.mark.skipif(
    bool(POSTGRES), reason="the pages make backups of SQLite; PostgreSQL has pg_dump"
)


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
