"""The writer lane: answers mean stored, a failing unit is undone alone."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Column, Table, Text, insert, select
from tests.runtimes import running

from miaohui.kit import feed
from miaohui.kit.db import Database, Id, metadata
from miaohui.kit.errors import STALE, Refusal
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM, Actor, Tx

things = Table("test_things", metadata, Column("id", Id, primary_key=True), Column("name", Text, unique=True))


@pytest.fixture
def rt(tmp_path: Path, test_url):
    with running(Database(test_url(tmp_path)), tmp_path) as made:
        yield made


def add(name: str):
    def fn(tx: Tx) -> int:
        made = tx.ids.next()
        tx.execute(insert(things).values(id=made, name=name))
        tx.feed(1, ["shop"], "x.added", {"name": name})
        return made

    return fn


def names(rt: Runtime) -> list[str]:
    return rt.read_here(lambda conn: [r.name for r in conn.execute(select(things).order_by(things.c.id))])


def test_units_of_one_batch_share_one_commit(rt: Runtime) -> None:
    async def many() -> list[int]:
        return await asyncio.gather(*(rt.write(SYSTEM, add(f"n{i}")) for i in range(200)))

    ids = asyncio.run(many())
    assert ids == sorted(ids) and len(set(ids)) == 200
    assert names(rt) == [f"n{i}" for i in range(200)]
    assert rt.lane.batch_count < 100
    assert len(rt.read_here(lambda conn: feed.read(conn, 0))) == 200


@pytest.mark.parametrize("hot", [True, False])
def test_a_failing_unit_is_undone_alone(rt: Runtime, hot: bool) -> None:
    def refuse(tx: Tx) -> None:
        add("undone")(tx)
        STALE.refuse()

    def twice(tx: Tx) -> None:
        add("kept-1")(tx)

    async def mixed() -> list[object]:
        units = [add("kept-1"), refuse, twice, add("kept-2")]
        return await asyncio.gather(*(rt.write(SYSTEM, fn, hot=hot) for fn in units), return_exceptions=True)

    results = asyncio.run(mixed())
    assert isinstance(results[1], Refusal) and isinstance(results[2], Exception)
    assert names(rt) == ["kept-1", "kept-2"]
    events = rt.read_here(lambda conn: feed.read(conn, 0))
    assert [e.data for e in events] == ['{"name":"kept-1"}', '{"name":"kept-2"}']


def test_what_is_answered_is_on_disk(rt: Runtime, tmp_path: Path) -> None:
    async def one() -> None:
        await rt.write(SYSTEM, add("durable"))
        other = Database(rt.db.url.render_as_string(hide_password=False))
        with other.read() as conn:
            assert conn.execute(select(things.c.name)).scalars().all() == ["durable"]
        other.close()

    asyncio.run(one())


def test_background_work_gets_every_other_turn_and_never_delays_an_answer_by_its_own_commit(
    rt: Runtime,
) -> None:
    batches: list[list[str]] = []
    run_batch, begun, held = rt.lane.run_batch, threading.Event(), threading.Event()

    def noted(batch) -> None:
        batches.append([unit.actor.name for unit in batch])
        run_batch(batch)

    rt.lane.run_batch = noted  # type: ignore[method-assign]
    people, pump = Actor("user", 1, "people"), Actor("system", None, "pump")

    def hold(tx: Tx) -> None:
        begun.set()
        held.wait(10)

    async def mixed() -> None:
        first = asyncio.create_task(rt.write(people, hold))
        await asyncio.to_thread(begun.wait, 10)
        waiting = [
            *(rt.write(pump, add(f"b{n}"), background=True) for n in range(2)),
            *(rt.write(people, add(f"a{n}")) for n in range(3)),
        ]
        gathered = asyncio.gather(first, *waiting)
        await asyncio.sleep(0)
        held.set()
        await gathered

    asyncio.run(mixed())
    assert batches[0] == ["people"]
    assert all(len(set(batch)) == 1 for batch in batches)
    assert [batch[0] for batch in batches[1:]] in (["pump", "people", "pump"], ["people", "pump"])


def test_a_stopped_lane_refuses_instead_of_hanging(rt: Runtime) -> None:
    rt.lane.stop()
    with pytest.raises(Refusal) as caught:
        asyncio.run(rt.write(SYSTEM, add("late")))
    assert caught.value.code == "kit.unavailable"
