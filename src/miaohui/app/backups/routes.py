"""HTTP of backups: list, make, check, download, delete. A backup holds every shop of the installation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from sqlalchemy import func, select
from sqlalchemy.engine import Connection
from starlette.responses import FileResponse

from miaohui.app.backups.jobs import FAILED, KIND, MADE
from miaohui.app.backups.shelf import Shelf, Slip
from miaohui.app.owners import owns_all_shops
from miaohui.kit import audit
from miaohui.kit.clock import from_ms
from miaohui.kit.errors import NOT_FOUND, RefusalKind
from miaohui.kit.http import Caller, Rt, Schema, refusals, require
from miaohui.kit.jobs import jobs_table
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx

router = APIRouter(prefix="/api/backups", tags=["system"])
Owner = Annotated[Caller, Depends(require("system.backup"))]
Name = Annotated[str, Path(pattern=r"^miaohui-[0-9]{8}-[0-9]{6}\.tar$")]
OTHER_SHOPS = RefusalKind(
    "system.other_shops", 403,
    "备份包含本机所有店铺的数据，只有同时是每家店老板的人才能操作；请联系安装系统的人用命令行 miaohui backup",
    "A backup holds every shop of this installation: only who owns all of them may. Ask whoever runs the server",
)  # fmt: skip
OTHER_DATABASE = RefusalKind(
    "system.other_database", 409, "数据在 PostgreSQL 里，请用 pg_dump 备份；附件与密钥在数据目录中",
    "The data is in PostgreSQL: use pg_dump; attachments and key are in the data folder",
)  # fmt: skip
BUSY = RefusalKind(
    "system.backup_running", 409, "正在制作一份备份，请等它完成", "A backup is being made: wait for it"
)


class BackupOut(Schema):
    """A backup. `is_sound` null: not checked yet; `finding_zh`: what is wrong with it."""

    name: str
    made_at: datetime
    made_by: str
    size_bytes: int
    schema_revision: str
    sha256: str
    messages: int | None
    attachments: int | None
    checked_at: datetime | None
    is_sound: bool | None
    finding_zh: str


class BackupsOut(Schema):
    """Backups, newest first. `problem_zh`: why the last one could not be made, '' when it could."""

    items: list[BackupOut]
    is_running: bool
    problem_zh: str
    folder: str
    free_bytes: int


def _out(slip: Slip) -> BackupOut:
    checked = None if slip.checked_ms is None else from_ms(slip.checked_ms)
    return BackupOut(
        name=slip.name, made_at=from_ms(slip.made_ms), made_by=slip.made_by, size_bytes=slip.size_bytes,
        schema_revision=slip.schema, sha256=slip.sha256, messages=slip.messages, attachments=slip.attachments,
        checked_at=checked, is_sound=slip.is_sound, finding_zh=slip.finding_zh,
    )  # fmt: skip


async def _shelf(rt: Runtime, caller: Caller) -> Shelf:
    """Return the backups. Raises: Refusal system.other_shops, system.other_database."""
    if not await rt.read(lambda conn: owns_all_shops(conn, caller)):
        OTHER_SHOPS.refuse()
    if not rt.db.is_sqlite:
        OTHER_DATABASE.refuse()
    return Shelf(rt.data_dir)


def _is_running(conn: Connection) -> bool:
    t = jobs_table.c
    waiting = select(func.count()).where(t.kind == KIND, t.state.in_(("queued", "running")))
    return bool(conn.execute(waiting).scalar_one())


def _problem(conn: Connection, shop_id: int) -> str:
    last = audit.newest(conn, [shop_id], 1, actions=(MADE, FAILED))
    return str(last[0]["detail"].get("reason", "")) if last and last[0]["action"] == FAILED else ""


@router.get(
    "", operation_id="list_backups", summary="备份列表", responses=refusals(OTHER_SHOPS, OTHER_DATABASE)
)
async def list_backups(caller: Owner, rt: Rt) -> BackupsOut:
    """Return the backups of the installation, and whether one is being made."""
    shelf = await _shelf(rt, caller)
    slips, free = await rt.in_thread(lambda: (shelf.slips(), shelf.free_bytes))
    running, problem = await rt.read(lambda conn: (_is_running(conn), _problem(conn, caller.shop_id)))
    return BackupsOut(
        items=[_out(slip) for slip in slips], is_running=running, problem_zh=problem,
        folder=str(shelf.folder.resolve()), free_bytes=free,
    )  # fmt: skip


@router.post(
    "", operation_id="make_backup", summary="立即备份", status_code=202,
    responses=refusals(OTHER_SHOPS, OTHER_DATABASE, BUSY),
)  # fmt: skip
async def make_backup(caller: Owner, rt: Rt) -> BackupsOut:
    """Queue a backup; the desk goes on working while it is made."""
    await _shelf(rt, caller)

    def queue(tx: Tx) -> None:
        if _is_running(tx.conn):
            BUSY.refuse()
        tx.enqueue(KIND, {"by": caller.name, "user_id": caller.user_id}, shop_id=caller.shop_id)
        tx.audit("system.backup", "", shop_id=caller.shop_id)

    await rt.write(caller.actor, queue)
    return await list_backups(caller, rt)


@router.post(
    "/{name}/checks", operation_id="check_backup", summary="校验备份",
    responses=refusals(OTHER_SHOPS, OTHER_DATABASE),
)  # fmt: skip
async def check_backup(name: Name, caller: Owner, rt: Rt) -> BackupOut:
    """Read a backup to its last byte: database sound, attachments complete, key there, file unchanged."""
    shelf = await _shelf(rt, caller)
    if shelf.find(name) is None:
        NOT_FOUND.refuse(name=name)
    slip = await rt.in_thread(lambda: shelf.check(name, rt.clock.now()))
    result = "ok" if slip.is_sound else "failed"
    detail = {"finding": slip.finding_zh}
    await rt.write(
        caller.actor,
        lambda tx: tx.audit("system.backup_checked", name, detail, shop_id=caller.shop_id, result=result),
    )
    return _out(slip)


@router.get(
    "/{name}/file", operation_id="download_backup", summary="下载备份", response_class=FileResponse,
    responses=refusals(OTHER_SHOPS, OTHER_DATABASE),
)  # fmt: skip
async def download_backup(name: Name, caller: Owner, rt: Rt) -> FileResponse:
    """Return a backup's file; whoever has it has every conversation and every key, so it is written down."""
    shelf = await _shelf(rt, caller)
    path = shelf.find(name)
    if path is None:
        NOT_FOUND.refuse(name=name)
    await rt.write(
        caller.actor, lambda tx: tx.audit("system.backup_downloaded", name, shop_id=caller.shop_id)
    )
    return FileResponse(path, media_type="application/x-tar", filename=name)


@router.delete(
    "/{name}", operation_id="delete_backup", summary="删除备份", status_code=204,
    responses=refusals(OTHER_SHOPS, OTHER_DATABASE),
)  # fmt: skip
async def delete_backup(name: Name, caller: Owner, rt: Rt) -> None:
    """Delete a backup for good."""
    shelf = await _shelf(rt, caller)
    if shelf.find(name) is None:
        NOT_FOUND.refuse(name=name)
    await rt.in_thread(lambda: shelf.remove(name))
    await rt.write(caller.actor, lambda tx: tx.audit("system.backup_deleted", name, shop_id=caller.shop_id))
