"""HTTP of importing: upload, preview, import, progress by the feed, bad rows, undo, templates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, UploadFile

from miaohui.importing import actions, queries
from miaohui.importing.jobs import uploads
from miaohui.importing.jobs.preview import Answers
from miaohui.importing.model import faults
from miaohui.importing.model.catalogue import KIND_OF, KINDS
from miaohui.importing.model.values import TYPE_NAMES_ZH
from miaohui.importing.schemas import (
    AnswersIn,
    BadRowOut,
    BadRowsOut,
    FieldOut,
    FilePreviewOut,
    ImportIn,
    ImportOut,
    ImportQueuedOut,
    ImportsOut,
    ImportUndoIn,
    KindOut,
    KindsOut,
    TemplateOut,
    TemplatesOut,
)
from miaohui.kit.http import Caller, Rt, refusals, require

router = APIRouter(prefix="/api/imports", tags=["importing"])
Importer = Annotated[Caller, Depends(require("importing.run"))]
FILE_FAULTS = (
    faults.EMPTY,
    faults.PASSWORD,
    faults.TRUNCATED,
    faults.NOT_A_TABLE,
    faults.TOO_LARGE,
    faults.BAD_MAPPING,
)


def answers_of(body: AnswersIn) -> Answers:
    """Return a person's answers as the jobs take them."""
    given = body.model_dump()
    return Answers(**{**given, "agents": tuple(given["agents"])})


def import_out(row: dict[str, Any]) -> ImportOut:
    """Return an import as it is shown."""
    shown = {
        name: row[name]
        for name in ("id", "file_name", "kind", "started_at", "started_by", "ended_at", "reason", "counts")
    }
    return ImportOut(**shown, kind_zh=KIND_OF[row["kind"]].name_zh, outcome=row["outcome"] or "")


@router.get("/kinds", operation_id="list_import_kinds", summary="能识别的文件种类", responses=refusals())
async def list_import_kinds(caller: Importer) -> KindsOut:
    """Return every kind of file with the fields a column can be mapped to."""
    items = []
    for kind in KINDS:
        needed = {target for group in kind.needs for target in group}
        fields = [
            FieldOut(
                target=c.target,
                name_zh=c.name_zh,
                type_zh=TYPE_NAMES_ZH[c.type],
                is_needed=c.target in needed,
            )
            for c in kind.columns
            if c.target not in ("", "-")
        ]
        items.append(
            KindOut(
                code=kind.code, name_zh=kind.name_zh, platform=kind.platform, table=kind.table, fields=fields
            )
        )
    return KindsOut(items=items)


@router.post(
    "/uploads",
    operation_id="upload_import_file",
    summary="上传要导入的文件",
    status_code=201,
    responses=refusals(*FILE_FAULTS),
)
async def upload_import_file(file: UploadFile, caller: Importer, rt: Rt) -> FilePreviewOut:
    """Keep a file and tell what it is understood as; nothing is imported yet."""
    name = Path(file.filename or "文件").name[:200]
    kept = await rt.in_thread(lambda: uploads.keep(rt.data_dir, caller.shop_id, name, file.file))
    upload_id = await rt.write(
        caller.actor,
        lambda tx: actions.store_upload(tx, caller.shop_id, name, kept.path, kept.sha256, kept.size),
    )
    return await _preview(rt, caller.shop_id, upload_id, Answers())


@router.post(
    "/uploads/{upload_id}/preview",
    operation_id="preview_import",
    summary="按选择重新预览",
    responses=refusals(*FILE_FAULTS),
)
async def preview_import(upload_id: int, body: AnswersIn, caller: Importer, rt: Rt) -> FilePreviewOut:
    """Tell what the file is understood as with a person's answers."""
    return await _preview(rt, caller.shop_id, upload_id, answers_of(body))


async def _preview(rt: Rt, shop_id: int, upload_id: int, answers: Answers) -> FilePreviewOut:
    upload = await rt.read(lambda conn: queries.get_upload(conn, shop_id, upload_id))
    shown = await rt.in_thread(lambda: uploads.preview(rt, shop_id, upload, answers))
    return FilePreviewOut(upload_id=upload_id, **shown)


@router.post(
    "", operation_id="start_import", summary="导入上传的文件", status_code=202,
    responses=refusals(faults.ASK, faults.ALREADY, faults.TWO_SHOPS, faults.NEEDS_PERIOD, *FILE_FAULTS),
)  # fmt: skip
async def start_import(body: ImportIn, caller: Importer, rt: Rt) -> ImportQueuedOut:
    """Queue the import. What cannot be imported as it is, is refused at once."""
    upload = await rt.read(lambda conn: queries.get_upload(conn, caller.shop_id, body.upload_id))
    answers = answers_of(body.answers)
    await rt.in_thread(lambda: uploads.check(rt, caller.shop_id, upload, answers))
    await rt.write(
        caller.actor,
        lambda tx: uploads.queue(
            tx, caller.shop_id, body.upload_id, answers, (body.save_template, caller.user_id)
        ),
    )
    return ImportQueuedOut(upload_id=body.upload_id)


@router.get("", operation_id="list_imports", summary="导入记录", responses=refusals())
async def list_imports(
    caller: Importer, rt: Rt, cursor: int | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 30
) -> ImportsOut:
    """Return imports, newest first."""
    rows = await rt.read(lambda conn: queries.list_batches(conn, caller.shop_id, cursor, limit))
    return ImportsOut(
        items=[import_out(row) for row in rows], next_cursor=rows[-1]["id"] if len(rows) == limit else None
    )


@router.get("/templates", operation_id="list_import_templates", summary="列对应模板", responses=refusals())
async def list_import_templates(caller: Importer, rt: Rt) -> TemplatesOut:
    """Return the kept mappings."""
    rows = await rt.read(lambda conn: queries.list_templates(conn, caller.shop_id))
    names = TemplateOut.model_fields
    return TemplatesOut(items=[TemplateOut(**{name: row[name] for name in names}) for row in rows])


@router.delete(
    "/templates/{signature}",
    operation_id="forget_import_template",
    summary="删除模板",
    status_code=204,
    responses=refusals(),
)
async def forget_import_template(signature: str, caller: Importer, rt: Rt) -> None:
    """Forget a mapping; nothing happens when there is none."""
    await rt.write(caller.actor, lambda tx: actions.forget_template(tx, caller.shop_id, signature))


@router.get("/{import_id}", operation_id="get_import", summary="一次导入", responses=refusals())
async def get_import(import_id: int, caller: Importer, rt: Rt) -> ImportOut:
    """Return one import."""
    return import_out(await rt.read(lambda conn: queries.get_batch(conn, caller.shop_id, import_id)))


@router.get(
    "/{import_id}/bad-rows", operation_id="list_bad_rows", summary="没有导入的行与原因", responses=refusals()
)
async def list_bad_rows(
    import_id: int,
    caller: Importer,
    rt: Rt,
    cursor: int = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> BadRowsOut:
    """Return rows that could not be read: file row, column, reason."""
    await rt.read(lambda conn: queries.get_batch(conn, caller.shop_id, import_id))
    rows = await rt.read(lambda conn: queries.list_bad_rows(conn, caller.shop_id, import_id, cursor, limit))
    items = [BadRowOut(**{name: row[name] for name in BadRowOut.model_fields}) for row in rows]
    return BadRowsOut(items=items, next_cursor=rows[-1]["row_no"] if len(rows) == limit else None)


@router.post(
    "/{import_id}/cancellation",
    operation_id="cancel_import",
    summary="取消正在进行的导入",
    status_code=202,
    responses=refusals(),
)
async def cancel_import(import_id: int, caller: Importer, rt: Rt) -> ImportOut:
    """Ask a running import to stop; it takes back what it wrote."""
    await rt.write(caller.actor, lambda tx: actions.request_cancel(tx, caller.shop_id, import_id))
    return import_out(await rt.read(lambda conn: queries.get_batch(conn, caller.shop_id, import_id)))


@router.post(
    "/{import_id}/undo",
    operation_id="undo_import",
    summary="撤销一次导入",
    responses=refusals(faults.NOT_UNDOABLE),
)
async def undo_import(import_id: int, body: ImportUndoIn, caller: Importer, rt: Rt) -> ImportOut:
    """Undo a finished import: as if the file had never been there."""
    await rt.write(caller.actor, lambda tx: actions.undo_batch(tx, caller.shop_id, import_id, body.reason))
    return import_out(await rt.read(lambda conn: queries.get_batch(conn, caller.shop_id, import_id)))
