"""Commands for other engines: `facts` (to files or ClickHouse) and `ask` (free questions through DuckDB)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from miaohui.app.offline import chosen_shop, opened, stop
from miaohui.app.settings import Settings

app = typer.Typer(add_completion=False)
ShopOption = Annotated[int | None, typer.Option("--shop", help="店铺编号 / shop id")]


@app.command("facts")
def facts(
    out: Annotated[Path, typer.Option(help="输出目录 / folder")] = Path("facts"),
    clickhouse: Annotated[str, typer.Option(help="ClickHouse 的 HTTP 地址 / its HTTP address")] = "",
    shop: ShopOption = None,
) -> None:
    """导出轮次与汇总给别的引擎 / rounds and roll-ups as files, or into ClickHouse."""
    from miaohui.insight.jobs.outside import send_facts, write_facts
    from miaohui.kit.clock import SteadyClock, to_ms

    with opened(Settings(), writes=False) as bench:
        shop_id = chosen_shop(bench, shop)
        if not clickhouse:
            for table, count in bench.read(lambda conn: write_facts(conn, shop_id, out)).items():
                typer.echo(f"{out / table}.ndjson  {count:,} 行")
            return
        import httpx

        def send(statement: str, body: bytes) -> None:
            answer = httpx.post(clickhouse, params={"query": statement}, content=body, timeout=60)
            if answer.status_code != 200:
                stop(f"ClickHouse 没有接受（{answer.status_code}）：{answer.text[:300]}")

        version = to_ms(SteadyClock().now())
        try:
            sent = bench.read(lambda conn: send_facts(conn, shop_id, version, send))
        except httpx.HTTPError as error:
            stop(f"连不上 ClickHouse（{clickhouse}）：{error}")
        else:
            typer.echo(f"已发送 {sent:,} 行")


@app.command("ask")
def ask(
    question: Annotated[str, typer.Argument(help="SQL，表 turns、sessions、rollups / SQL over these tables")],
    shop: ShopOption = None,
) -> None:
    """用 DuckDB 问任意问题 / ask anything in SQL (needs the package duckdb)."""
    try:
        import duckdb
    except ImportError:
        stop("自由查询需要 duckdb：pip install duckdb")
    from miaohui.insight.jobs.outside import write_facts
    from miaohui.insight.model.outside import duckdb_views

    with (
        opened(Settings(), writes=False) as bench,
        tempfile.TemporaryDirectory(prefix="miaohui-ask-") as folder,
    ):
        shop_id = chosen_shop(bench, shop)
        bench.read(lambda conn: write_facts(conn, shop_id, Path(folder)))
        engine = duckdb.connect()
        try:
            for statement in duckdb_views(folder):
                engine.execute(statement)
            found = engine.execute(question)
            typer.echo("\t".join(column[0] for column in found.description or []))
            for row in found.fetchall():
                typer.echo("\t".join("" if cell is None else str(cell) for cell in row))
        except duckdb.Error as error:
            stop(f"查询有误：{error}")
