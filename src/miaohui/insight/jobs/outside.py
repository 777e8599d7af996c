"""Facts for other engines: newline-delimited JSON for DuckDB, batches over HTTP for ClickHouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from miaohui.insight.model.outside import TABLES, clickhouse_ddl
from miaohui.insight.model.rollup import MEASURES, TURN_FIELDS
from miaohui.insight.queries.sessions import SESSION_FIELDS
from miaohui.kit.db import Sql

FIELDS: dict[str, tuple[str, ...]] = {
    "turns": ("shop_id", *TURN_FIELDS),
    "sessions": ("shop_id", *SESSION_FIELDS),
    "rollups": ("shop_id", "platform", "agent", "hour_ms", "scoped", *MEASURES),
}
BATCH_ROWS = 20_000
Send = Callable[[str, bytes], None]


def iter_rows(conn: Connection, shop_id: int, table: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a fact table as JSON values. Raises: KeyError for an unknown table."""
    fields = FIELDS[table]
    cursor = conn.connection.cursor()
    try:
        sql = Sql(f"SELECT {', '.join(fields)} FROM insight_{table} WHERE shop_id = ?")
        cursor.execute(sql.on(conn.dialect.name), (shop_id,))
        while rows := cursor.fetchmany(5_000):
            for row in rows:
                yield dict(zip(fields, row, strict=True))
    finally:
        cursor.close()


def write_facts(conn: Connection, shop_id: int, folder: Path) -> dict[str, int]:
    """Write every fact table as newline-delimited JSON; returns how many rows each has."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = {}
    encoder = msgspec.json.Encoder()
    for table in TABLES:
        counts[table] = 0
        with (folder / f"{table}.ndjson").open("wb") as file:
            for row in iter_rows(conn, shop_id, table):
                file.write(encoder.encode(row) + b"\n")
                counts[table] += 1
    return counts


def send_facts(conn: Connection, shop_id: int, version: int, send: Send) -> int:
    """Send rounds and roll-ups to ClickHouse in batches; returns how many rows.

    `send(statement, body)` posts one statement. `version` (milliseconds) tells newer rows from older: sending all of it
    again replaces, never doubles.
    """
    for statement in clickhouse_ddl():
        send(statement, b"")
    encoder, sent = msgspec.json.Encoder(), 0
    for table in ("turns", "rollups"):
        statement = f"INSERT INTO miaohui_{table} FORMAT JSONEachRow"
        batch: list[bytes] = []
        for row in iter_rows(conn, shop_id, table):
            batch.append(encoder.encode({**row, "version": version}))
            if len(batch) == BATCH_ROWS:
                send(statement, b"\n".join(batch))
                sent, batch = sent + len(batch), []
        if batch:
            send(statement, b"\n".join(batch))
            sent += len(batch)
    return sent
