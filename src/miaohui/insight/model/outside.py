"""The facts as other engines see them: the ClickHouse tables and queries of the scaled mode, the DuckDB views. Pure.

The roll-ups of our own database answer every dashboard; this is for free questions and for shops of a size where one
database is not enough (stack.md §4). Rows come keyed, so that sending one twice changes nothing (ReplacingMergeTree).
"""

# ruff: noqa: E501
from __future__ import annotations

from miaohui.insight.model.rollup import MEASURES, TURN_FIELDS

TURN_TYPES = {
    "session_id": "String", "seq": "UInt32", "platform": "LowCardinality(String)", "agent": "LowCardinality(String)",
    "anchor_ms": "Int64", "answered_ms": "Nullable(Int64)", "response_ms": "Int64", "asks_n": "UInt32",
    "asks_3m_n": "UInt32", "first": "UInt8", "closing": "UInt8", "scoped": "UInt8", "started_ms": "Int64",
}  # fmt: skip
TABLES = ("turns", "sessions", "rollups")


def clickhouse_ddl() -> list[str]:
    """Return the statements that make the tables; they may run again at any time."""
    columns = ", ".join(f"{name} {TURN_TYPES[name]}" for name in TURN_FIELDS)
    measures = ", ".join(f"{name} Int64" for name in MEASURES)
    return [
        f"CREATE TABLE IF NOT EXISTS miaohui_turns (shop_id Int64, {columns}, version Int64)"
        " ENGINE = ReplacingMergeTree(version) PARTITION BY toYYYYMM(toDateTime(intDiv(anchor_ms, 1000), 'Asia/Shanghai'))"
        " ORDER BY (shop_id, session_id, seq)",
        "CREATE TABLE IF NOT EXISTS miaohui_rollups (shop_id Int64, platform LowCardinality(String),"
        f" agent LowCardinality(String), hour_ms Int64, scoped UInt8, {measures}, version Int64)"
        " ENGINE = ReplacingMergeTree(version) ORDER BY (shop_id, hour_ms, platform, agent, scoped)",
    ]  # fmt: skip


def clickhouse_by_agent(shop_id: int, from_ms: int, to_ms: int, platform: str) -> str:
    """Return the dashboard question by agent over the turn facts: equal to our roll-ups, row for row.

    Raises: ValueError for a platform name that is no plain word (it stands in the statement).
    """
    if not platform.isidentifier():
        raise ValueError(platform)
    return (
        "SELECT agent, count() AS turns_n, countIf(answered_ms IS NULL) AS missed_n, sum(response_ms) AS sum_ms,"
        " sum(asks_n) AS asks_n, sum(asks_3m_n) AS asks_3m_n, countIf(answered_ms IS NOT NULL AND response_ms <= 180000) AS"
        f" within_3m FROM miaohui_turns FINAL WHERE shop_id = {int(shop_id)} AND scoped = 1 AND platform = '{platform}'"
        f" AND anchor_ms >= {int(from_ms)} AND anchor_ms < {int(to_ms)} GROUP BY agent ORDER BY agent"
    )  # fmt: skip


def duckdb_views(folder: str) -> list[str]:
    """Return the statements by which DuckDB sees exported facts as tables of their names."""
    quoted = folder.replace("'", "''")
    return [
        f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_json_auto('{quoted}/{name}.ndjson', format='newline_delimited')"
        for name in TABLES
    ]
