"""HTTP of insight: reports as data, page, workbook and PDF; dashboards; definitions; policies; noted changes."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from miaohui.insight import actions
from miaohui.insight.jobs.report.make import file_stem
from miaohui.insight.jobs.report.page import page
from miaohui.insight.jobs.report.pdf import print_pdf
from miaohui.insight.jobs.report.workbook import workbook
from miaohui.insight.model.faults import BAD_POLICY, NO_DATA, NO_PRINTER
from miaohui.insight.model.values import day_end_ms, day_start_ms, local_day
from miaohui.insight.queries.policies import (
    list_changes,
    list_definitions,
    list_exemptions,
    list_in_force,
    list_policies,
)
from miaohui.insight.queries.report import ReportData, ReportOptions, find_calibration, make_report
from miaohui.insight.queries.rollups import sum_by
from miaohui.insight.queries.shown import calibration_values, report_values, slice_values
from miaohui.insight.schemas import (
    CalibrationOut,
    ChangeIn,
    ChangesOut,
    DashboardOut,
    DefinitionOut,
    DefinitionsOut,
    IndicatorChangeOut,
    InsightInForceOut,
    InsightPoliciesOut,
    InsightPolicyIn,
    InsightPolicyOut,
    ReportOut,
    SliceOut,
)
from miaohui.kit.clock import to_ms
from miaohui.kit.http import Caller, Day, DayOrEmpty, Rt, refusals, require

router = APIRouter(prefix="/api/insight", tags=["insight"])
Reader = Annotated[Caller, Depends(require("insight.read"))]
Keeper = Annotated[Caller, Depends(require("insight.manage"))]
Where = Annotated[str, Query(pattern=r"^(douyin|tmall|jd|pinduoduo)$")]


async def _report(
    rt: Rt, caller: Caller, span: tuple[str, str], platform: str, calibrated: bool = True
) -> ReportData:
    named = rt.ports.get("shop_names")

    def make(conn):  # type: ignore[no-untyped-def]
        name = named(conn, [caller.shop_id]).get(caller.shop_id, "") if named else ""
        options = ReportOptions(span[0], span[1], platform, name, calibrated=calibrated)
        return make_report(conn, caller.shop_id, options)

    data: ReportData = await rt.read(make)
    now_ms = to_ms(rt.clock.now())
    return replace(
        data,
        made_at_zh=f"{local_day(now_ms)} {(now_ms // 60_000 + 480) // 60 % 24:02d}:{now_ms // 60_000 % 60:02d}",
    )


@router.get("/report", operation_id="get_report", summary="周报（数据）", responses=refusals(NO_DATA))
async def get_report(
    caller: Reader, rt: Rt, from_on: DayOrEmpty = "", to_on: DayOrEmpty = "", platform: Where = "douyin",
    calibrated: bool = True,
) -> ReportOut:  # fmt: skip
    """Return the report of a span; without dates, of the last seven days that there is data for.

    `calibrated=false` is five times as fast and leaves `calibration` out; `/api/insight/calibration` has it.
    """
    return ReportOut(**report_values(await _report(rt, caller, (from_on, to_on), platform, calibrated)))


@router.get(
    "/calibration", operation_id="get_calibration", summary="口径校准结果", responses=refusals(NO_DATA)
)
async def get_calibration(
    caller: Reader, rt: Rt, from_on: DayOrEmpty = "", to_on: DayOrEmpty = "", platform: Where = "douyin"
) -> CalibrationOut:
    """Return which of the choices that the platform leaves open fit its own figures best."""
    options = ReportOptions(from_on, to_on, platform)
    found = await rt.read(lambda conn: find_calibration(conn, caller.shop_id, options))
    return CalibrationOut(calibration=calibration_values(found))


@router.get(
    "/report/files/{form}", operation_id="download_report", summary="周报（网页、Excel、PDF）",
    responses=refusals(NO_DATA, NO_PRINTER), response_class=Response,
)  # fmt: skip
async def download_report(
    form: Literal["html", "xlsx", "pdf"], caller: Reader, rt: Rt, from_on: DayOrEmpty = "", to_on: DayOrEmpty = "",
    platform: Where = "douyin",
) -> Response:  # fmt: skip
    """Return the report as a file to hand over."""
    data = await _report(rt, caller, (from_on, to_on), platform)
    media = {
        "html": "text/html; charset=utf-8", "pdf": "application/pdf",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }  # fmt: skip
    body = await rt.in_thread(lambda: _file(data, form))
    name = quote(f"{file_stem(data)}.{form}")
    return Response(
        body, media_type=media[form], headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


def _file(data: ReportData, form: str) -> bytes:
    if form == "xlsx":
        return workbook(data)
    html = page(data)
    if form == "html":
        return html.encode()
    with tempfile.TemporaryDirectory(prefix="miaohui-report-") as folder:
        return print_pdf(html, Path(folder, "report.pdf")).read_bytes()


@router.get("/responses", operation_id="get_responses", summary="响应看板（小时汇总）", responses=refusals())
async def get_responses(
    caller: Reader, rt: Rt, from_on: Day, to_on: Day, group: Literal["agent", "day", "hour", "weekday_hour"] = "agent",
    platform: Where = "douyin",
) -> DashboardOut:  # fmt: skip
    """Return response figures by agent, day, hour or weekday and hour, from the roll-ups."""
    span = day_start_ms(from_on), day_end_ms(to_on)
    found = await rt.read(lambda conn: sum_by(conn, caller.shop_id, *span, group, platform))
    slices = [SliceOut(**slice_values(_slice_key(group, key), sums)) for key, sums in found.items()]
    return DashboardOut(from_on=from_on, to_on=to_on, group=group, slices=slices)


def _slice_key(group: str, key: str | int) -> str:
    if group == "day":
        return local_day(int(key) * 86_400_000 - 28_800_000)
    if group == "weekday_hour":
        return f"{int(key) // 24} {int(key) % 24:02d}"
    return f"{int(key):02d}" if group == "hour" else str(key)


@router.get(
    "/definitions", operation_id="list_definitions", summary="指标口径（带生效期）", responses=refusals()
)
async def get_definitions(caller: Reader, rt: Rt) -> DefinitionsOut:
    """Return every version of every indicator, and the exemption calendar."""
    found = await rt.read(lambda conn: list_definitions(conn, caller.shop_id))
    exempt = await rt.read(lambda conn: list_exemptions(conn, caller.shop_id))
    names = DefinitionOut.model_fields
    items = [DefinitionOut(**{name: getattr(d, name) for name in names}) for d in found]
    return DefinitionsOut(items=items, exemptions=[asdict(e) for e in exempt])


@router.get(
    "/policies",
    operation_id="list_insight_policies",
    summary="口径校准、归因、规则与豁免",
    responses=refusals(),
)
async def get_policies(caller: Reader, rt: Rt) -> InsightPoliciesOut:
    """Return every dated policy of insight."""
    today = local_day(to_ms(rt.clock.now()))
    rows = await rt.read(lambda conn: list_policies(conn, caller.shop_id))
    held = await rt.read(lambda conn: list_in_force(conn, caller.shop_id, today))
    names, facts = InsightPolicyOut.model_fields, InsightInForceOut.model_fields
    return InsightPoliciesOut(
        items=[InsightPolicyOut(**{name: row[name] for name in names}) for row in rows],
        in_force=[InsightInForceOut(**{name: row[name] for name in facts}) for row in held],
    )


@router.put(
    "/policies/{kind}",
    operation_id="set_insight_policy",
    summary="修改口径、规则或豁免",
    responses=refusals(BAD_POLICY),
)
async def put_policy(kind: str, body: InsightPolicyIn, caller: Keeper, rt: Rt) -> InsightPoliciesOut:
    """Set a dated policy; a change of how rounds are counted builds all of them anew in the background."""

    def change(tx):  # type: ignore[no-untyped-def]
        actions.set_policy(tx, caller.shop_id, kind, body.effective_from, body.value, body.reason)
        if kind.startswith("round_rules.") or kind == "definitions":
            tx.enqueue("insight.rebuild", {}, shop_id=caller.shop_id)

    await rt.write(caller.actor, change)
    return await get_policies(caller, rt)


@router.get("/changes", operation_id="list_insight_changes", summary="已做的改动", responses=refusals())
async def get_changes(caller: Reader, rt: Rt) -> ChangesOut:
    """Return what was changed because of a rule."""
    rows = await rt.read(lambda conn: list_changes(conn, caller.shop_id))
    names = IndicatorChangeOut.model_fields
    return ChangesOut(items=[IndicatorChangeOut(**{name: row[name] for name in names}) for row in rows])


@router.post(
    "/changes",
    operation_id="note_insight_change",
    summary="记下一项改动，之后看有没有用",
    status_code=201,
    responses=refusals(BAD_POLICY),
)
async def post_change(body: ChangeIn, caller: Keeper, rt: Rt) -> ChangesOut:
    """Note a change: from then on the report compares before and after."""
    await rt.write(
        caller.actor,
        lambda tx: actions.note_change(tx, caller.shop_id, body.rule, body.changed_on, body.note),
    )
    return await get_changes(caller, rt)
