"""The figures of a report as sheets: every number a real cell, every text a string."""

# ruff: noqa: E501
# fmt: off
from __future__ import annotations

from io import BytesIO
from typing import Any

from miaohui.insight.jobs.report.book import Book, Cell
from miaohui.insight.model.figures import Figure
from miaohui.insight.model.rollup import Sums
from miaohui.insight.model.statistics import Ratio
from miaohui.insight.queries.report import ReportData


def _value(figure: Figure, value: float | None) -> Cell:
    if figure.unit == "fen":
        return ("yuan", None if value is None else value / 100)
    return (figure.unit, value)


def _ratio(ratio: Ratio) -> list[Cell]:
    return [("%", ratio.value), ratio.numerator, ratio.denominator]


def workbook(data: ReportData) -> bytes:
    """Return the workbook's bytes."""
    file = BytesIO()
    book = Book(file)
    _summary(book, data)
    _figures(book, data)
    _times(book, data)
    _people(book, data)
    _orders(book, data)
    _diagnosis(book, data)
    _evidence(book, data)
    book.book.close()
    return file.getvalue()


def _summary(book: Book, data: ReportData) -> None:
    rows: list[list[Cell]] = [["店铺", data.shop_name], ["周期", f"{data.from_on} 至 {data.to_on}"], ["生成于", data.made_at_zh], ["结论", data.summary.paragraph_zh]]
    for number, action in enumerate(data.summary.actions, 1):
        rows.append([f"周一第 {number} 件", f"{action.title_zh}。{action.why_zh}。做法：{action.do_zh}（{action.who_zh}）"])
    book.sheet("摘要", ["项目", "内容"], rows, [14, 110])


def _figures(book: Book, data: ReportData) -> None:
    head = ["指标", "数值", "目标", "分子", "分母", "样本", "95%下限", "95%上限", "上期", "平台数", "判断", "口径", "说明"]
    verdicts = {"good": "达标", "bad": "未达标", "near": "误差内", "": ""}
    rows = [
        [f.name_zh, _value(f, f.value), _value(f, f.target), f.numerator, f.denominator, f.n, _value(f, f.low), _value(f, f.high), _value(f, f.before),
         _value(f, f.platform_value), "样本少" if f.is_small else verdicts[f.verdict], f.definition_zh, f.note_zh]
        for f in (*data.figures, *data.platform_figures)
    ]
    book.sheet("指标", head, rows, [26, 10, 10, 12, 12, 10, 10, 10, 10, 10, 10, 60, 40])
    lines: list[list[Cell]] = []
    for c in data.comparisons:
        unit = c.unit
        lines.append([c.name_zh, (unit, c.platform_value), (unit, c.our_value), (unit, c.difference), ("%", c.share), c.reason_zh])
    book.sheet("与平台核对", ["指标", "平台", "自算", "差", "差幅", "可能的原因"], lines, [26, 12, 12, 12, 10, 70])


TIME_HEAD = ("轮次", "漏回", "平均响应(秒)", "已回复平均(秒)", "20秒内", "30秒内", "45秒内", "3分钟内", "九成在(秒)内")


def _times(book: Book, data: ReportData) -> None:
    for name, key_zh, groups in (("每日", "日期", data.window.by_day), ("每小时", "小时", data.window.by_hour)):
        rows = [_time_row(key, sums) for key, sums in groups.items()]
        sheet = book.sheet(name, [key_zh, *TIME_HEAD], rows, [12])
        if rows:
            _add_chart(book, sheet, name, len(rows))
    rows = [[r.name, r.missed, r.turns, ("%", r.ratio.value), r.closing, ("s", r.cost_s)]
            for r in (*data.penalties_by_hour, *data.penalties_by_agent)]
    book.sheet("漏回罚时", ["时段或客服", "漏回", "轮次", "漏回率", "其中收尾语", "拉高平响(秒)"], rows, [16])


def _time_row(key: str, sums: Sums) -> list[Cell]:
    share: list[Cell] = [("%", sums.within(edge) / sums.turns_n if sums.turns_n else None) for edge in (20, 30, 45, 180)]
    return [key, sums.turns_n, sums.missed_n, ("s", sums.average_s), ("s", sums.answered_average_s), *share, ("s", sums.percentile_s(0.9))]


def _add_chart(book: Book, sheet: Any, name: str, count: int) -> None:
    chart = book.book.add_chart({"type": "column"})
    chart.add_series({"name": [name, 0, 3], "categories": [name, 1, 0, count, 0], "values": [name, 1, 3, count, 3], "fill": {"color": "#2F5FD0"}})
    chart.set_title({"name": f"{name}平均响应（秒）"})
    chart.set_legend({"none": True})
    sheet.insert_chart(1, len(TIME_HEAD) + 2, chart)


def _people(book: Book, data: ReportData) -> None:
    head = ["客服", "组", "会话", "轮次", "平均响应(秒)", "±(秒)", "已回复平均(秒)", "首响(秒)", "漏回", "3分钟率", "转出率", "好评率", "评价数", "落实下单", "落实下单额", "落实付款", "落实付款额", "协助"]
    rows: list[list[Cell]] = [
        [r.name, r.group, r.sessions, r.turns, ("s", r.average_s), ("s", r.half_width_s), ("s", r.answered_average_s), ("s", r.first_s), r.missed,
         ("%", r.within_3m.value), ("%", r.transfers.value), ("%", r.rated.value), r.rated.denominator, r.order_credits, ("yuan", r.order_fen / 100),
         r.payment_credits, ("yuan", r.payment_fen / 100), r.assists]
        for r in (*data.people, *data.groups)
    ]
    book.sheet("客服与组", head, rows, [12, 10])


def _orders(book: Book, data: ReportData) -> None:
    f = data.funnel
    steps: list[list[Cell]] = [["咨询人数", f.consulted], ["接待人数", f.received], ["询单人数", f.enquired], ["落实下单人数", f.ordered], ["落实付款人数", f.paid]]
    steps += [["客服落实付款额", ("yuan", f.paid_fen / 100)], ["全静默订单", f.silent_orders], ["全静默金额", ("yuan", f.silent_fen / 100)]]
    book.sheet("漏斗", ["步骤（近四周）", "数值"], steps, [22, 14])
    head = ["名称", "维度", "订单", "付款", "金额", "售后率", "售后单", "付款单", "最多的原因"]
    rows: list[list[Cell]] = []
    for label, found in (("来源", data.origins), ("达人", data.creators), ("商品", data.products)):
        rows += [[r.name or "未注明", label, r.orders, r.paid, ("yuan", r.fen / 100), *_ratio(r.aftersales), r.top_reason] for r in found]
    book.sheet("来源达人商品", head, rows, [24, 8, 10, 10, 14, 10, 10, 10, 24])
    late: list[list[Cell]] = [
        [d.sale.aftersale_id, d.sale.order_id, d.sale.product, d.sale.reason, d.sale.status, round(d.left_ms / 3_600_000), "四级" if d.level == 4 else ""]
        for d in data.deadlines
    ]
    book.sheet("售后待处理", ["售后单", "订单", "商品", "原因", "状态", "剩余小时", "级别"], late, [24, 24, 24, 14, 14, 10, 8])


def _diagnosis(book: Book, data: ReportData) -> None:
    head = ["规则", "对象", "发现", "数值", "分子", "分母", "基准", "是否确定", "估算金额", "金额怎么算", "建议", "负责", "依据", "证据页"]
    rows: list[list[Cell]] = []
    for finding in data.findings:
        rule, r = finding.rule, finding.reading
        if r is None:
            rows.append([rule.name_zh, "", "没有触发，或样本不足", None, None, None, None, "", None, "", rule.advice_zh, rule.who_zh, rule.source, ""])
            continue
        rows.append([
            rule.name_zh, r.subject, r.text_zh, ("s" if r.value > 1 else "%", r.value), r.numerator, r.denominator,
            ("s" if (r.baseline or 0) > 1 else "%", r.baseline), "确定" if r.sure else "待观察", ("yuan", r.money_fen / 100), r.money_zh,
            rule.advice_zh, rule.who_zh, rule.source, r.evidence,
        ])
    book.sheet("诊断", head, rows, [22, 14, 60, 10, 10, 10, 10, 10, 14, 40, 60, 12, 16, 22])
    e = data.elasticity
    book.sheet("快10秒值多少", ["项目", "数值"], [
        ["本店估计（相对转化率）", ("%", e.own)], ["95%下限", ("%", e.low)], ["95%上限", ("%", e.high)], ["现在采用", ("%", e.in_force)],
        ["询单数", e.n], ["比较组数", e.strata], ["说明", e.warning_zh],
    ], [26, 60])


def _evidence(book: Book, data: ReportData) -> None:
    rows: list[list[Cell]] = []
    for key, page in data.evidence.items():
        for row in page.rows:
            pairs = "；".join(f"{name}：{cell}" for name, cell in zip(page.columns_zh[1:], row[1:], strict=False) if cell)
            rows.append([key, page.title_zh, page.total, row[0], pairs])
    book.sheet("证据", ["证据页", "说明", "总数", "编号", "内容"], rows, [22, 34, 8, 26, 100])
    files: list[list[Cell]] = [
        [f["file"], f["kind_zh"], f["rows"], f["new"], f["overlapping"], f["bad"], "；".join(f["notes_zh"])] for f in data.files
    ]
    book.sheet("数据来源", ["文件", "种类", "行", "新增", "重叠", "有误", "说明"], files, [50, 22, 10, 10, 10, 10, 60])
