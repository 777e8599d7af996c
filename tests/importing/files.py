"""Small files for tests, and one way to import them."""

# ruff: noqa: E501
from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.world import SHOP_A, World

from miaohui.importing.jobs.files import open_source
from miaohui.importing.jobs.preview import Answers, Plan, make_plan
from miaohui.importing.jobs.run import Report, Watch, import_file
from miaohui.importing.queries import Where, iter_facts

ORDER_HEADER = "主订单编号,子订单编号,选购商品,商品数量,订单应付金额,订单提交时间,支付完成时间,订单完成时间,订单状态,收件人,流量体裁"


def order(number: int, status: str = "待发货", day: int = 20, finished: str = "") -> str:
    """Return an order line of the export."""
    at = f"2026-11-{day:02d} 10:00:{number % 60:02d}"
    return (
        f'69{number:017d}\t,69{number:017d}\t,针织开衫,1,"1,299.00",{at},{at},{finished},{status},张**,直播'
    )


def orders_file(folder: Path, name: str, lines: list[str]) -> Path:
    """Write an order file."""
    path = folder / name
    path.write_text("\ufeff" + "\n".join([ORDER_HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def plan(path: Path, **answers: Any) -> Plan:
    """Return how a file is understood."""
    return make_plan(open_source(path), Answers(**answers))


def run(world: World, path: Path, watch: Watch | None = None, shop: int = SHOP_A, **answers: Any) -> Report:
    """Import a file."""
    return import_file(world.write, shop, plan(path, **answers), watch, chunk_rows=7)


def facts(world: World, table: str, *fields: str, shop: int = SHOP_A) -> list[tuple[Any, ...]]:
    """Return stored facts, sorted."""
    where = Where(order=", ".join(fields))
    return world.read(lambda conn: [tuple(row) for row in iter_facts(conn, shop, table, fields, where)])
