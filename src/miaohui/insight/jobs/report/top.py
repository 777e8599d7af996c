"""The first pages of the report: what to do, the five indicators, the platform's indicators, response."""

# ruff: noqa: E501
from __future__ import annotations

from html import escape

from miaohui.insight.jobs.report import charts, svg, times
from miaohui.insight.jobs.report.text import change_text, link, ratio_text, sample_text, table, tag
from miaohui.insight.model.calibration import CHOICE_NAMES_ZH, VALUE_NAMES_ZH
from miaohui.insight.model.definitions import PLATFORM_NAMES_ZH
from miaohui.insight.model.figures import Figure, about_yuan, shown
from miaohui.insight.model.rollup import EDGES_S
from miaohui.insight.queries.report import ReportData

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def cover(data: ReportData) -> str:
    """Return the head of the page."""
    platform = PLATFORM_NAMES_ZH.get(data.platform, data.platform)
    return (
        f'<header class="cover"><div><div><div class="eyebrow">秒回 · 客服经营周报</div><h1>{escape(data.shop_name)}</h1>'
        f"<div>{data.from_on} 至 {data.to_on} · {platform}</div></div>"
        f'<div class="meta">诊断与归因看 {data.long_from_on} 至 {data.to_on}<br>生成于 {escape(data.made_at_zh)}<br>'
        "点任何带下划点的数字，看它背后的会话</div></div></header>"
    )


def monday(data: ReportData, known: set[str]) -> str:
    """Return the paragraph and the three things to do."""
    cards = []
    for number, action in enumerate(data.summary.actions, 1):
        money = f'<div class="m">{about_yuan(action.money_fen)}</div>' if action.money_fen else ""
        cards.append(
            f'<div class="action"><b class="n">{number}</b><div class="t">{link(escape(action.title_zh), action.evidence, known)}</div>'
            f'{money}<p>{escape(action.why_zh)}</p><p><b>怎么做：</b>{escape(action.do_zh)}</p><p class="who">负责：{escape(action.who_zh)}</p></div>'
        )
    return (
        f'<section><h2><span class="no">周一</span>这一周，和周一先做的事</h2><p class="say">{escape(data.summary.paragraph_zh)}</p>'
        f'<div class="actions">{"".join(cards)}</div></section>'
    )


def five(data: ReportData, known: set[str]) -> str:
    """Return the five indicators as cards."""
    return (
        '<section><h2><span class="no">01</span>五项指标</h2><p class="lead">目标取自规格，可按店调整；灰色表示样本太少，不作判断；'
        f'悬停可看口径。</p><div class="cards">{"".join(_card(f, known) for f in data.figures)}</div></section>'
    )


def _card(figure: Figure, known: set[str]) -> str:
    cls = "grey" if figure.is_small else figure.verdict
    spark = charts.sparkline(figure.series, figure.target, f"{figure.name_zh} 每日")
    return (
        f'<div class="card {cls}" title="{escape(figure.definition_zh)}"><div class="name">{escape(figure.name_zh)} {tag(figure.verdict)}</div>'
        f'<div class="value">{link(figure.text_zh, figure.evidence, known)}</div>'
        f'<div class="small">目标 {"≤" if figure.better == "low" else "≥"} {shown(figure.target, figure.unit)}　{change_text(figure)}<br>{sample_text(figure)}</div>{spark}</div>'
    )


def platform(data: ReportData, known: set[str]) -> str:
    """Return the platform's indicators, the reconciliation, and what calibration found."""
    rows, grey = [], []
    for f in data.platform_figures:
        note = f'<br><span class="note">{escape(f.note_zh)}</span>' if f.note_zh else ""
        rows.append([
            f"{escape(f.name_zh)}{note}", f'<span class="note">{escape(f.definition_zh)}</span>', link(f.text_zh, f.evidence, known),
            sample_text(f, "<br>"), shown(f.platform_value, f.unit),
        ])  # fmt: skip
        grey.append(f.is_small)
    text = table(["指标", "口径（当日有效版本）", "本期自算", "样本与区间", "平台数"], rows, 2, grey)
    return (
        f'<section><h2><span class="no">02</span>平台考核指标</h2><p class="lead">按每一天当时有效的口径计算；三种“3 分钟率”分开算，不混用。</p>{text}'
        f"{_reconciliation(data)}{_calibration(data)}</section>"
    )


def _reconciliation(data: ReportData) -> str:
    if not data.comparisons:
        return '<h3>与平台数核对</h3><p class="note">没有导入同期的平台客服数据，导入后这里会逐项核对。</p>'
    rows = []
    for c in data.comparisons:
        change = "—"
        if c.difference is not None and c.share is not None:
            size = f"{c.difference * 100 + 0.0:+.1f} 个百分点" if c.unit == "%" else f"{c.difference:+,.1f}"
            size = (
                "相同"
                if abs(c.difference) < (0.0005 if c.unit == "%" else 0.05)
                else f"{size}（{c.share:+.1%}）"
            )
            change = f'<span class="tag {"good" if c.is_close else "near"}">{size}</span>'
        rows.append(
            [
                escape(c.name_zh),
                f'<span class="note">{escape(c.reason_zh)}</span>',
                shown(c.platform_value, c.unit),
                shown(c.our_value, c.unit),
                change,
            ]
        )
    return "<h3>与平台数核对</h3>" + table(["指标", "可能的原因", "平台", "自算", "差"], rows, 2)


def _calibration(data: ReportData) -> str:
    found = data.calibration
    if found is None:
        return ""
    choices = "；".join(
        f"{CHOICE_NAMES_ZH[name]}——<b>{'数据分不清' if name in found.undecided else VALUE_NAMES_ZH[name, getattr(found.best.rules, name)]}</b>"
        for name in CHOICE_NAMES_ZH
    )
    return (
        f"<h3>口径校准</h3><p>用 {found.best.days} 天的平台平均响应反推平台没有公布的细节：{choices}。"
        f"采用后与平台数平均只差 <b>{found.best.mean_error_s:.2f} 秒</b>（现用口径差 {found.default.mean_error_s:.2f} 秒），"
        f"差得最多的一天是 {found.best.worst_day}（{found.best.worst_error_s:+.2f} 秒）。</p>"
    )


def response(data: ReportData, known: set[str]) -> str:
    """Return where the average comes from, day by day and by length, and the two heat maps."""
    days = [day for day in data.window.days if day in data.window.by_day]
    low, top = [], []
    for day in days:
        sums = data.window.by_day[day]
        answered = sums.answered_average_s or 0.0
        low.append(answered)
        top.append((sums.average_s or 0.0) - answered)
    total = data.window.sums()
    target = next((f.target for f in data.figures if f.code == "avg_response_s"), 45.0) or 45.0
    chart = times.stacked_days(days, low, top, target, ("已回复", "漏回罚时")) if days else ""
    counts = [total.values[i] for i in range(len(total.values) - len(EDGES_S) - 1, len(total.values))]
    spread = (
        charts.distribution(counts, EDGES_S, target, total.missed_n, "每一轮等了多久")
        if total.turns_n
        else ""
    )
    p50, p90 = total.percentile_s(0.5), total.percentile_s(0.9)
    return (
        '<section><h2><span class="no">03</span>回复得快不快</h2><p class="lead">'
        f"一半轮次在 {shown(p50, 's')} 内回复，九成在 {shown(p90, 's')} 内；20 秒内 {_share(total, 20)}，30 秒内 {_share(total, 30)}，45 秒内 {_share(total, 45)}。</p>"
        f'<div class="two"><div><h3>每日平均响应</h3><p class="legend"><span><i style="background:var(--main)"></i>已回复轮次的速度</span>'
        f'<span><i style="background:var(--bad)"></i>漏回罚时（每轮 600 秒）</span></p>{chart}</div><div><h3>每一轮等了多久</h3>{spread}</div></div>{_demand(data)}</section>'
    )


def _share(total: object, seconds: int) -> str:
    turns = total.turns_n  # type: ignore[attr-defined]
    return f"{total.within(seconds) / turns:.0%}" if turns else "—"  # type: ignore[attr-defined]


def _demand(data: ReportData) -> str:
    window = data.long
    weeks = max(1.0, len(window.days) / 7)
    asks: list[list[float | None]] = [[None] * 24 for _ in range(7)]
    waits: list[list[float | None]] = [[None] * 24 for _ in range(7)]
    for key, sums in window.by_weekday_hour.items():
        weekday, hour = int(key[0]), int(key[2:])
        if sums.asks_n:
            asks[weekday][hour] = sums.asks_n / weeks
        if sums.turns_n >= 5:
            waits[weekday][hour] = sums.average_s
    by_hour = window.by_hour
    daily = [
        by_hour[f"{h:02d}"].asks_n / max(1, len(window.days)) if f"{h:02d}" in by_hour else 0.0
        for h in range(24)
    ]
    average = [
        min(120.0, s.average_s or 0.0) if (s := by_hour.get(f"{h:02d}")) and s.turns_n >= 20 else None
        for h in range(24)
    ]
    goals = [
        45.0 if 9 <= h < 12 else 30.0 if 12 <= h < 14 else 20.0 if 20 <= h < 24 else 60.0 for h in range(24)
    ]
    return (
        '<h3>什么时候来问，什么时候回得慢（近四周，按星期与小时）</h3><div class="two">'
        f'<div>{times.heatmap(asks, WEEKDAYS, " 条提问", (47, 95, 208))}<p class="note">每周同一小时的买家提问数，越深越忙。</p></div>'
        f'<div>{times.heatmap(waits, WEEKDAYS, " 秒", (217, 67, 47), 120.0)}<p class="note">同一小时的平均响应（含漏回罚时），越红越慢，120 秒以上同色。</p></div></div>'
        f"<h3>需求与应答</h3>{times.hours(daily, average, goals, '每小时需求与应答')}"
        '<p class="note">蓝柱：每天提问数（左轴）；红线：平均响应秒数（右轴，超过 120 秒按 120 画）；灰虚线：该时段目标（9–12 点 45 秒、12–14 点 30 秒、20–24 点 20 秒、其余 60 秒）。</p>'
    )


def penalties(data: ReportData, known: set[str]) -> str:
    """Return where the 600-second penalties came from."""
    hours = [row for row in data.penalties_by_hour if row.missed]
    bars = [
        (
            f"{row.name} 点",
            float(row.missed),
            f"{row.missed} 轮（{row.ratio.value or 0:.1%}）",
            svg.BAD if row.missed == max(r.missed for r in hours) else svg.WARN,
        )
        for row in hours
    ]
    rows = [
        [
            escape(row.name),
            link(str(row.missed), f"agent_{row.name}", known),
            f"{row.turns:,}",
            ratio_text(row.ratio, 30),
            str(row.closing),
            f"{row.cost_s:.2f} 秒",
        ]
        for row in data.penalties_by_agent
        if row.missed
    ]
    links = "　".join(
        f"{link(f'{row.name} 点 {row.missed} 轮', f'missed_{row.name}', known)}" for row in hours
    )
    split = data.split
    lead = "本期没有漏回的轮次。"
    if split is not None and split.missed:
        lead = f"{split.turns:,} 轮里漏回 {split.missed} 轮，每轮按 600 秒计，让平均响应从 {split.answered_s:.1f} 秒升到 {split.average_s:.1f} 秒。"
    return (
        f'<section><h2><span class="no">04</span>600 秒罚时从哪里来</h2><p class="lead">{lead}</p><div class="two"><div><h3>按时段</h3>'
        f'{charts.bars(bars, "漏回按时段", 64)}<p class="note screen">看会话：{links}</p></div><div><h3>按客服</h3>'
        f"{table(['客服', '漏回', '轮次', '漏回率', '其中收尾语', '拉高平响'], rows)}"
        '<p class="note">“无人接待”：当时没有客服在线或没有分到人。</p></div></div></section>'
    )
