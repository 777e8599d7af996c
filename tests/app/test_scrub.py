"""Damaged messages are looked for once a day and said where the owner looks (F4, R17)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from miaohui.app import operations, scrub
from miaohui.inbox.store.messages import messages
from miaohui.kit import jobs
from miaohui.kit.errors import Refusal
from miaohui.kit.jobs import NO_SHOP
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.kit.worker import Job
from tests.app.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "data", "kiaaa")
    yield made
    made.close()


def job_of(house: House) -> Job:
    """Claim a fresh job of the day."""
    rt = house.process.rt

    def claim(tx: Tx) -> jobs.JobRow:
        job_id = tx.ids.next()
        jobs.insert_many(
            tx.conn, [jobs.NewJob(job_id, NO_SHOP, "default", scrub.KIND, {}, tx.now, None, tx.now)]
        )
        return next(row for row in jobs.claim(tx.conn, tx.now, "test", 99) if row.id == job_id)

    return Job(rt.lane.run_blocking(claim, SYSTEM), rt)


def damage(house: House) -> int:
    """Change a message behind the program's back; return its number."""

    def change(tx: Tx) -> int:
        message_id = int(tx.execute(select(messages.c.id).limit(1)).scalar_one())
        tx.execute(messages.update().where(messages.c.id == message_id).values(text="另一句"))
        return message_id

    return house.process.rt.lane.run_blocking(change, SYSTEM)


def test_sound_messages_end_the_job(house: House) -> None:
    job = job_of(house)
    house.runner.run(scrub.scrub(job, house.process.rt))
    assert job.finished


def test_a_changed_message_fails_the_job_for_good_and_the_doctor_names_it(house: House) -> None:
    message_id = damage(house)
    with pytest.raises(Refusal) as caught:
        house.runner.run(scrub.scrub(job_of(house), house.process.rt))
    assert caught.value.code == "system.messages_damaged"
    assert caught.value.detail == {"count": 1, "message_ids": [message_id]}
    assert caught.value.kind.status not in (429, 503), "a refusal that passes would be tried eight times"
    found = [f for f in operations.doctor(house.process.settings) if "damaged" in f.text]
    assert len(found) == 1 and str(message_id) in found[0].text and not found[0].is_fine
    assert "另一句" not in found[0].text


def test_it_is_looked_for_every_day() -> None:
    assert [plan.every_s for plan in scrub.PERIODIC] == [86_400]
