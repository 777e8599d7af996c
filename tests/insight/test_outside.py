"""Facts in other engines give the same figures: ClickHouse's dialect by chDB, free questions by DuckDB (stack.md §4)."""

# ruff: noqa: E501
from __future__ import annotations

from pathlib import Path

import pytest
from tests.insight.example import example_report
from tests.world import SHOP_A

from miaohui.insight.jobs.outside import send_facts, write_facts
from miaohui.insight.model.outside import clickhouse_by_agent, duckdb_views
from miaohui.insight.queries.rollups import sum_by


def test_clickhouse_answers_as_our_roll_ups_do_even_when_facts_are_sent_twice(tmp_path: Path) -> None:
    session = pytest.importorskip("chdb.session").Session(str(tmp_path / "ch"))
    world, data = example_report()

    def send(statement: str, body: bytes) -> None:
        if not body:
            session.query(statement)
            return
        path = tmp_path / "batch.ndjson"
        path.write_bytes(body)
        table = statement.split()[2]
        session.query(f"INSERT INTO {table} FROM INFILE '{path}' FORMAT JSONEachRow")

    for version in (1, 2):
        sent = world.read(lambda conn, v=version: send_facts(conn, SHOP_A, v, send))
    assert sent > 1000
    span = data.long.from_ms, data.long.to_ms
    answer = session.query(clickhouse_by_agent(SHOP_A, *span, "douyin"), "TSV").bytes().decode()
    found = {c[0]: tuple(int(v) for v in c[1:]) for c in (line.split("\t") for line in answer.splitlines())}
    ours = world.read(lambda conn: sum_by(conn, SHOP_A, *span, "agent"))
    assert found == {
        agent: (s.turns_n, s.missed_n, s.sum_ms, s.asks_n, s.asks_3m_n, s.within(180))
        for agent, s in ours.items()
        if s.turns_n
    }


def test_duckdb_answers_a_free_question(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    world, data = example_report()
    counts = world.read(lambda conn: write_facts(conn, SHOP_A, tmp_path / "facts"))
    engine = duckdb.connect()
    for statement in duckdb_views(str(tmp_path / "facts")):
        engine.execute(statement)
    rounds, missed = engine.execute(
        "SELECT count(*), count(*) - count(answered_ms) FROM turns WHERE scoped = 1"
    ).fetchone()
    assert counts["turns"] >= rounds and missed == sum(s.missed_n for s in data.long.by_agent.values())


def test_a_platform_name_that_is_no_word_never_reaches_a_statement() -> None:
    with pytest.raises(ValueError, match="x"):
        clickhouse_by_agent(1, 0, 1, "x' OR 1=1 --")
