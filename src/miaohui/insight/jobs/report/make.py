"""Writing a report as files: page, workbook, and PDF where the machine can print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from miaohui.insight.jobs.report.page import page
from miaohui.insight.jobs.report.pdf import print_pdf
from miaohui.insight.jobs.report.workbook import workbook
from miaohui.insight.queries.report import ReportData, ReportOptions, make_report
from miaohui.kit.errors import Refusal


@dataclass
class Made:
    """What was written. `pdf_note_zh`: why there is no PDF, where there is none."""

    paragraph_zh: str
    files: list[Path] = field(default_factory=list)
    pdf_note_zh: str = ""


def file_stem(data: ReportData) -> str:
    """Return a file name without its ending, safe on every system."""
    name = "".join(c for c in data.shop_name if c.isalnum() or c in "-_ ") or "店铺"
    return f"{name}_客服周报_{data.from_on}_{data.to_on}"


def write_report(
    read: Callable[[Callable[[Any], Any]], Any],
    shop_id: int,
    options: ReportOptions,
    out: Path,
    *,
    with_pdf: bool = True,
) -> Made:
    """Write the report's files into `out`. Raises: Refusal insight.no_data."""
    data: ReportData = read(lambda conn: make_report(conn, shop_id, options))
    if not data.made_at_zh:
        data = replace(data, made_at_zh=f"{data.to_on} 数据")
    out.mkdir(parents=True, exist_ok=True)
    stem = file_stem(data)
    html = page(data)
    made = Made(data.summary.paragraph_zh)
    (out / f"{stem}.html").write_text(html, encoding="utf-8")
    (out / f"{stem}.xlsx").write_bytes(workbook(data))
    made.files += [out / f"{stem}.html", out / f"{stem}.xlsx"]
    if with_pdf:
        try:
            made.files.append(print_pdf(html, out / f"{stem}.pdf"))
        except Refusal as refusal:
            made.pdf_note_zh = refusal.kind.zh
    return made
