"""Jobs that failed for good: who sees, replays and discards them, those of no shop included (F19, R28)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from miaohui.app import operations
from miaohui.app.settings import Settings
from miaohui.kit import jobs
from miaohui.kit.jobs import NO_SHOP, NewJob
from miaohui.kit.tx import SYSTEM, Tx
from tests.app.house import House

KIND = "system.nightly_backup"


def bury(house: House, shop_id: int, kind: str = KIND) -> int:
    """Have a job of a shop die at once; return its number."""

    def fn(tx: Tx) -> int:
        job_id = tx.ids.next()
        new = NewJob(job_id, shop_id, "default", kind, {"what": "none"}, tx.now, None, tx.now)
        jobs.insert_many(tx.conn, [new])
        taken = next(job for job in jobs.claim(tx.conn, tx.now, "test", 99) if job.id == job_id)
        jobs.bury(tx.conn, taken, tx.now, "Traceback (most recent call last):\nOSError: no room")
        return job_id

    return house.process.rt.lane.run_blocking(fn, SYSTEM)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "data", "kiaaa")
    yield made
    made.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "data", "kiaaa", "zobbb")
    yield made
    made.close()


def seen(house: House, who: str = "owner") -> dict[int, bool]:
    """Return the dead jobs that somebody is shown: number → whether it is the installation's."""
    items = house.ask("GET", "/api/jobs/dead", who).json()["items"]
    return {item["id"]: item["is_installations"] for item in items}


def test_a_dead_job_is_discarded_for_good_and_written_down(house: House) -> None:
    job_id = house.shops[0].ids["job"]
    assert seen(house)[job_id] is False
    assert house.ask("DELETE", f"/api/jobs/dead/{job_id}").status_code == 204
    assert job_id not in seen(house)
    assert house.ask("DELETE", f"/api/jobs/dead/{job_id}").status_code == 404
    rows = house.ask("GET", "/api/audit?limit=5").json()["items"]
    assert rows[0]["action"] == "kit.job_discarded" and rows[0]["detail"]["kind"]


def test_who_owns_every_shop_sees_replays_and_discards_what_belongs_to_none(house: House) -> None:
    one, other = bury(house, NO_SHOP), bury(house, NO_SHOP)
    assert seen(house)[one] is True and seen(house)[other] is True
    assert house.ask("POST", f"/api/jobs/dead/{one}/replay").status_code == 204
    assert house.ask("DELETE", f"/api/jobs/dead/{other}").status_code == 204
    assert not {one, other} & set(seen(house))
    actions = [row["action"] for row in house.ask("GET", "/api/audit?limit=2").json()["items"]]
    assert actions == ["kit.job_discarded", "kit.job_replayed"]


def test_nobody_else_sees_or_touches_it(house: House) -> None:
    job_id = bury(house, NO_SHOP)
    assert job_id not in seen(house, "supervisor"), "a supervisor sees the shop's own only"
    assert house.shops[0].ids["job"] in seen(house, "supervisor")
    assert house.ask("POST", f"/api/jobs/dead/{job_id}/replay", "agent").status_code == 403


def test_who_owns_one_of_two_shops_does_not_see_it(two: House) -> None:
    """What runs for all shops is the business of who owns all of them (reliability.md R4)."""
    job_id = bury(two, NO_SHOP)
    assert job_id not in seen(two)
    assert two.ask("POST", f"/api/jobs/dead/{job_id}/replay").status_code == 404
    assert two.ask("DELETE", f"/api/jobs/dead/{job_id}").status_code == 404
    others = bury(two, two.shops[1].id)
    assert others not in seen(two) and two.ask("DELETE", f"/api/jobs/dead/{others}").status_code == 404


def test_status_and_doctor_name_dead_jobs_whosesoever_they_are(house: House) -> None:
    settings = house.process.settings
    job_id = bury(house, NO_SHOP)
    named = operations.status(settings)["dead_jobs"]
    assert named[0] == f"{KIND} #{job_id}（本机 / installation）: OSError: no room"
    assert any(f"shop {house.shops[0].id}" in line for line in named[1:])
    found = [f for f in operations.doctor(settings) if "dead job" in f.text]
    assert len(found) == len(named) and all(not f.is_fine and "重放" in f.to_do for f in found)
    assert str(job_id) in found[0].text


def test_a_sound_installation_has_no_such_finding(tmp_path: Path) -> None:
    house = House(tmp_path / "sound")
    house.close()
    settings = Settings(data_dir=tmp_path / "sound")
    assert operations.status(settings)["dead_jobs"] == []
    assert all(f.is_fine for f in operations.doctor(settings))
