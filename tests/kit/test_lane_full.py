"""A database that runs full in the middle of a batch: nothing is half stored, nothing stored is lost (F3)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Table, Text, insert, select
from tests.runtimes import running

from miaohui.kit import feed
from miaohui.kit.db import Database, Id, metadata
from miaohui.kit.errors import Refusal
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM, Tx

pages = Table("test_full_pages", metadata, Column("id", Id, primary_key=True), Column("body", Text))
PAGE = 4096


@pytest.fixture
def rt(tmp_path: Path) -> Iterator[Runtime]:
    with running(Database(f"sqlite:///{tmp_path / 'full.db'}"), tmp_path) as made:
        yield made


def limit(rt: Runtime, more: int) -> None:
    """Let the file grow by so many pages and no further: SQLite's own limit, and its own SQLITE_FULL."""
    with rt.db.write() as conn:
        count = int(conn.exec_driver_sql("PRAGMA page_count").scalar() or 0)
        conn.exec_driver_sql(f"PRAGMA max_page_count = {count + more}")


def add(name: str, size: int):
    """Write two rows and an event, or nothing of it."""

    def fn(tx: Tx) -> str:
        tx.feed(1, ["shop"], "x.added", {"name": name})
        for part in ("a", "b"):
            tx.execute(insert(pages).values(id=tx.ids.next(), body=f"{name}{part}".ljust(size, ".")))
        return name

    return fn


@pytest.mark.parametrize("hot", [True, False])
def test_a_batch_that_fills_the_disk_is_refused_whole_and_goes_through_when_there_is_room(
    rt: Runtime, hot: bool
) -> None:
    """SQLite undoes the whole transaction when it runs full: whoever comes after in the batch must not write
    on outside of it."""
    limit(rt, 20)

    async def many() -> list[object]:
        sizes = [10, 10, 18 * PAGE, 10, 10]
        units = [rt.write(SYSTEM, add(f"n{n}", size), hot=hot) for n, size in enumerate(sizes)]
        return await asyncio.gather(*units, return_exceptions=True)

    told = asyncio.run(many())
    refused = [each for each in told if isinstance(each, Refusal)]
    assert refused and all(each.code == "kit.unavailable" for each in refused)
    assert {each.detail["reason"] for each in refused} == {"disk_full"}
    check_stored(rt, [each for each in told if isinstance(each, str)])
    limit(rt, 1000)
    told += asyncio.run(many())
    assert all(isinstance(each, str) for each in told[5:])
    check_stored(rt, [each for each in told if isinstance(each, str)])


def check_stored(rt: Runtime, names: list[str]) -> None:
    """What was answered is there with both rows and its event, and nothing else is."""
    rows = rt.read_here(lambda conn: list(conn.execute(select(pages.c.body)).scalars()))
    assert sorted(body.rstrip(".") for body in rows) == sorted(n + part for n in names for part in "ab")
    told = rt.read_here(lambda conn: [event.data for event in feed.read(conn, 0)])
    assert sorted(told) == sorted(f'{{"name":"{name}"}}' for name in names)
