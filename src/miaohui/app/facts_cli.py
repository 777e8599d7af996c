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


@app.command("calibrate")
def calibrate_command(
    shop: ShopOption = None,
    platform: Annotated[str, typer.Option(help="douyin | tmall | jd | pinduoduo")] = "douyin",
    apply: Annotated[bool, typer.Option(help="采用结果并重算 / take the result over and count anew")] = False,
) -> None:
    """用平台数反推口径细节 / find what the platform leaves open from its own figures."""
    from dataclasses import asdict

    from miaohui.insight import actions
    from miaohui.insight.jobs.follow import rebuild
    from miaohui.insight.model.calibration import CHOICE_NAMES_ZH, VALUE_NAMES_ZH
    from miaohui.insight.queries.calibrate import calibrate
    from miaohui.insight.queries.sessions import list_session_ids_between
    from miaohui.insight.queries.window import data_span, load_window

    with opened(Settings(), writes=apply) as bench:
        shop_id = chosen_shop(bench, shop)
        span = bench.read(lambda conn: data_span(conn, shop_id)).get("sessions")
        if span is None:
            stop("没有聊天记录，无法校准：先导入聊天记录与同期的平台客服数据。")
        first, last = span
        window = bench.read(lambda conn: load_window(conn, shop_id, first, last, platform))
        found = bench.read(lambda conn: calibrate(conn, shop_id, window))
        if found is None:
            stop("同一天既有平台平均响应、又有聊天记录的日子不到 5 天，无法校准。")
        best = found.best
        for name, label in CHOICE_NAMES_ZH.items():
            value = VALUE_NAMES_ZH[name, getattr(best.rules, name)]
            typer.echo(f"{label}：{'数据分不清' if name in found.undecided else value}")
        typer.echo(
            f"{best.days} 天平均差 {best.mean_error_s:.2f} 秒（现用口径差 {found.default.mean_error_s:.2f} 秒）"
        )
        if apply:
            rules = {
                k: v for k, v in asdict(best.rules).items() if k != "penalty_ms" and k not in found.undecided
            }
            kind = f"round_rules.{platform}"
            bench.write(lambda tx: actions.set_policy(tx, shop_id, kind, first, rules, "按平台数校准"))
            ids = bench.read(lambda conn: list_session_ids_between(conn, shop_id, 0, 1 << 52))
            typer.echo(f"已采用，重算 {rebuild(bench.write, shop_id, ids):,} 轮")
