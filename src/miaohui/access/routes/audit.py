"""The audit log of a shop, and whether its chain holds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from miaohui.access.routes.people import Limit
from miaohui.access.schemas import AuditList, AuditRow, AuditVerdict
from miaohui.kit import audit
from miaohui.kit.http import Caller, Rt, refusals, require

router = APIRouter(prefix="/api/audit", tags=["access"])
Auditor = Annotated[Caller, Depends(require("access.audit"))]
AuditCursor = Annotated[str | None, Query(pattern=r"^\d{1,16}$", description="上一页的 next_cursor")]


@router.get("", summary="审计日志", operation_id="list_audit", responses=refusals())
async def list_audit(caller: Auditor, rt: Rt, limit: Limit = 100, cursor: AuditCursor = None) -> AuditList:
    """List the shop's audit rows, newest first."""
    before = None if cursor is None else int(cursor)
    found = await rt.read(lambda conn: audit.newest(conn, [caller.shop_id], limit, before))
    names = AuditRow.model_fields
    return AuditList(
        items=[AuditRow(**{name: row[name] for name in names}) for row in found],
        next_cursor=str(found[-1]["id"]) if len(found) == limit else None,
    )


@router.get("/verdict", summary="审计链是否完整", operation_id="verify_audit", responses=refusals())
async def verify_audit(caller: Auditor, rt: Rt) -> AuditVerdict:
    """Walk the whole chain of the installation: any changed, removed, inserted or cut row shows (R14)."""
    verdict = await rt.read(audit.verify)
    return AuditVerdict(
        is_intact=verdict.broken_at is None,
        row_count=verdict.row_count,
        broken_at=verdict.broken_at,
        reason=verdict.reason,
    )
