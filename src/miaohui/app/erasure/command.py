"""`miaohui erase-buyer`: erase a person while no server runs, and rewrite the file at once."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from miaohui.app.offline import stop
from miaohui.app.settings import Settings

app = typer.Typer(add_completion=False)
POLL_S = 0.05


@app.command("erase-buyer")
def erase_buyer(
    buyer_id: Annotated[int, typer.Argument(help="买家编号 / buyer id")],
    reason: Annotated[str, typer.Option(help="原因，写入审计 / why, for the audit log")],
    shop: Annotated[int | None, typer.Option("--shop", help="店铺编号 / shop id")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask")] = False,
) -> None:
    """删除一位买家的个人数据（不可恢复）/ erase a buyer's personal data for good."""
    if not yes:
        typer.confirm("删除后不可恢复，继续吗？/ This cannot be undone. Go on?", abort=True)
    found = asyncio.run(_erase(Settings(), shop, buyer_id, reason))
    for name, count in sorted(found["counts"].items()):
        typer.echo(f"{name:14} {count}")
    typer.echo(f"已删除 / erased: buyer {found['person_id']}, erasure {found['id']}")


async def _erase(settings: Settings, shop: int | None, buyer_id: int, reason: str) -> dict[str, Any]:
    from miaohui.app.locking import AlreadyRunning
    from miaohui.app.process import Process
    from miaohui.buyers import actions
    from miaohui.kit import erasing
    from miaohui.kit.errors import Refusal
    from miaohui.kit.tx import Actor

    settings.role = "worker"
    try:
        process = Process(settings)
    except AlreadyRunning as busy:
        stop(f"{busy}\n服务正在运行：请在买家资料页删除，或调用 POST /api/buyers/{buyer_id}/erasures。")
    await process.start()
    try:
        shop_id = await _shop(process.rt, shop)
        who = Actor("user", None, "命令行")
        erasure_id = await process.rt.write(
            who, lambda tx: actions.ask_erasure(tx, shop_id, buyer_id, reason)
        )
        found = await _done(process.rt, shop_id, erasure_id)
        await process.rt.in_thread(lambda: erasing.compact(process.rt.db))
        await process.rt.write(who, actions.note_compacted)
        return found
    except Refusal as refusal:
        stop(f"{refusal.kind.zh}（{refusal.code}）")
    finally:
        await process.stop()


async def _shop(rt: Any, shop: int | None) -> int:
    from miaohui.shop import queries as shops

    ids = await rt.read(shops.list_shop_ids)
    if shop is not None:
        return shop
    if len(ids) != 1:
        stop("有不止一家店铺，请用 --shop 编号 选择。")
    return int(ids[0])


async def _done(rt: Any, shop_id: int, erasure_id: int) -> dict[str, Any]:
    from miaohui.buyers import queries

    while True:
        found = await rt.read(lambda conn: queries.find_erasure(conn, shop_id, erasure_id))
        if found is not None and found["done_at"] is not None:
            return dict(found)
        await asyncio.sleep(POLL_S)
