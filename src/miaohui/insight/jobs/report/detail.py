"""The later pages: people, funnel and credit, after-sales, diagnosis, elasticity, files, evidence."""

# ruff: noqa: E501
from __future__ import annotations

from html import escape

from miaohui.insight.jobs.report import charts, svg
from miaohui.insight.jobs.report.text import PRINTED_ROWS, link, ratio_text, table
from miaohui.insight.model.breakdowns import OriginRow, PersonRow
from miaohui.insight.model.definitions import EXEMPTIONS
from miaohui.insight.model.diagnosis import Finding
from miaohui.insight.model.figures import about_yuan, shown
from miaohui.insight.queries.report import ReportData
from miaohui.kit.money import yuan_text


def yuan(fen: int) -> str:
    """Return an amount in whole yuan: cents say nothing in a table of thousands."""
    return yuan_text(round(fen, -2)).removesuffix(".00")


def people(data: ReportData, known: set[str]) -> str:
    """Return agents and groups with work, speed and credit."""
    head = [
        "客服",
        "组",
        "会话",
        "轮次",
        "平均响应",
        "其中已回复",
        "首响",
        "漏回",
        "3 分钟率",
        "转出率",
        "好评率",
        "落实下单",
        "落实付款额",
        "协助",
    ]
    rows = [_person(row, known) for row in data.people]
    groups = (
        table(["组", "人数", *head[2:]], [_person(row, known) for row in data.groups], 2)
        if data.groups
        else ""
    )
    return (
        '<section><h2><span class="no">05</span>每个人、每个组</h2><p class="lead">平均响应后的 ± 是 95% 误差；样本不足 100 轮的显示为灰色。'
        "落实＝下单前（付款前）最后接待的人，协助＝期间参与的其他人。</p>"
        f"{table(head, rows, 2, [row.turns < 100 for row in data.people])}{'<h3>按组</h3>' + groups if groups else ''}</section>"
    )


def _person(row: PersonRow, known: set[str]) -> list[str]:
    half = f' <span class="note">±{row.half_width_s:.1f}</span>' if row.half_width_s is not None else ""
    return [
        escape(row.name), escape(row.group or "—"), f"{row.sessions:,}", f"{row.turns:,}",
        link(shown(row.average_s, "s"), f"agent_{row.name}", known) + half, shown(row.answered_average_s, "s"), shown(row.first_s, "s"),
        str(row.missed), ratio_text(row.within_3m, 100), ratio_text(row.transfers, 30), ratio_text(row.rated, 30), str(row.order_credits),
        yuan(row.payment_fen), str(row.assists),
    ]  # fmt: skip


def funnel(data: ReportData, known: set[str]) -> str:
    """Return the funnel, silent orders, and where orders come from."""
    f = data.funnel
    steps = [
        ("咨询人数", f.consulted),
        ("接待人数", f.received),
        ("询单人数", f.enquired),
        ("落实下单", f.ordered),
        ("落实付款", f.paid),
    ]
    kinds = {
        "same": "本人下单本人付款", "both": "本人下单他人付款", "ordered_unpaid": "已下单未付款", "silent_order": "静默下单本人付款", "fully_silent": "全静默",
    }  # fmt: skip
    bars = [
        (
            name,
            float(f.kinds.get(code, 0)),
            f"{f.kinds.get(code, 0):,} 单",
            svg.MAIN if code != "fully_silent" else svg.SOFT,
        )
        for code, name in kinds.items()
    ]
    return (
        f'<section><h2><span class="no">06</span>从咨询到付款</h2><p class="lead">近四周；询单有效 {data.long.credit_rules.window_days} 天；'
        f"客服带来付款 {yuan(f.paid_fen)}，全静默 {yuan(f.silent_fen)}。聊天记录与订单靠聊天里的订单号或买家编号相连，没有线索的算静默。</p>"
        f'<div class="two"><div>{charts.funnel(steps, "咨询到付款")}</div><div><h3>订单归到谁</h3>{charts.bars(bars, "订单归属", 124)}</div></div>'
        f'<div class="two"><div><h3>订单来自哪里</h3>{_orders(data.origins, "来源")}</div><div><h3>达人</h3>{_orders(data.creators[:6], "达人")}</div></div></section>'
    )


def _orders(rows: list[OriginRow], name: str) -> str:
    return table(
        [name, "订单", "付款", "金额", "售后率", "最多的原因"],
        [
            [
                escape(r.name or "未注明"),
                f"{r.orders:,}",
                f"{r.paid:,}",
                yuan(r.fen),
                ratio_text(r.aftersales, 30),
                escape(r.top_reason),
            ]
            for r in rows
        ],
    )


def aftersales(data: ReportData, known: set[str]) -> str:
    """Return after-sales: deadlines, arbitration, reasons, products, review time."""
    a = data.aftersales
    if not a.count:
        return (
            '<section><h2><span class="no">07</span>售后</h2><p class="note">没有导入售后单。</p></section>'
        )
    bars = [
        (name, float(count), f"{count} 单（{count / a.count:.0%}）", svg.MAIN) for name, count in a.reasons
    ]
    mark = ' <span class="tag bad">平台介入</span>'
    rows = [
        [
            escape(d.sale.aftersale_id),
            escape(d.sale.product[:12]),
            escape(d.sale.reason),
            _left(d.left_ms) + (mark if d.level == 4 else ""),
        ]
        for d in data.deadlines[:10]
    ]
    return (
        f'<section><h2><span class="no">07</span>售后与时限</h2><p class="lead">近四周售后 {a.count:,} 单，退款 {yuan(a.refund_fen)}；平台介入 {ratio_text(a.arbitration)}，'
        f"其中判商家责任 {ratio_text(a.liable, 10)}；未发货极速退款 {ratio_text(a.instant)}；审核时长白天 {shown(a.day_hours, 'h')}、夜间 {shown(a.night_hours, 'h')}（夜间从 8:00 起算）。</p>"
        f'<div class="two"><div><h3>为什么退</h3>{charts.bars(bars, "售后原因", 96)}</div><div><h3>待处理，按截止时间（共 {len(data.deadlines)} 单）</h3>'
        f"{table(['售后单', '商品', '原因', '剩余', '级别'], rows, 3)}</div></div><h3>按商品</h3>{_orders(data.products[:8], '商品')}</section>"
    )


def _left(ms: int) -> str:
    hours = ms / 3_600_000
    if hours < 0:
        return f'<span style="color:var(--bad)">已超 {-hours:.0f} 小时</span>'
    return f"{hours:.0f} 小时"


def diagnosis(data: ReportData, known: set[str]) -> str:
    """Return what the rules say, with evidence and money, and whether earlier changes worked."""
    fired = [f for f in data.findings if f.reading is not None]
    quiet = [f.rule.name_zh for f in data.findings if f.reading is None]
    outcomes = "".join(
        f'<div class="finding"><div><div class="t">{escape(name)}：{o.changed_on} {escape(o.note_zh)}</div>'
        f"<p>改前 {ratio_text(o.before)}，改后 {ratio_text(o.after)}"
        + (
            f"，变化 {o.difference.value:+.1%}（95% {o.difference.low:+.1%} 至 {o.difference.high:+.1%}）"
            if o.difference
            else ""
        )
        + f'。</p></div><div class="how">{escape(o.verdict_zh)}</div></div>'
        for name, o in data.outcomes
    )
    worked = f"<h3>改了有没有用</h3>{outcomes}" if outcomes else ""
    return (
        f'<section class="break"><h2><span class="no">08</span>诊断</h2><p class="lead">{len({f.rule.code for f in data.findings})} 条规则看近四周，触发 {len({f.rule.code for f in fired})} 条，按影响金额排序。'
        "金额是估算，算式写在旁边；“待观察”表示误差范围还没有越过界线。</p>"
        f'{"".join(_finding(f, known) for f in fired)}{worked}<p class="note">没有触发：{escape("、".join(dict.fromkeys(quiet))) or "无"}。</p></section>'
    )


def _finding(finding: Finding, known: set[str]) -> str:
    r, rule = finding.reading, finding.rule
    assert r is not None
    unsure = "" if r.sure else ' <span class="tag near">待观察</span>'
    subject = f"：{escape(r.subject)}" if r.subject else ""
    money = about_yuan(r.money_fen) if r.money_fen else "—"
    return (
        f'<div class="finding"><div><div class="t">{escape(rule.name_zh)}{subject}{unsure}</div><p>{link(escape(r.text_zh), r.evidence, known)}</p>'
        f'<p class="do">→ {escape(rule.advice_zh)} <span class="note">（{escape(rule.who_zh)}）</span></p></div>'
        f'<div><div class="money">{money}</div><div class="how">{escape(r.money_zh)}<br>依据{escape(_source(rule.source))}</div></div></div>'
    )


def worth(data: ReportData, known: set[str]) -> str:
    """Return what faster answers are worth here, with the plain warning."""
    e = data.elasticity
    own = (e.own, e.low, e.high) if e.own is not None and e.low is not None and e.high is not None else None
    source = "本店估计" if e.can_tell else "文章给出的先验"
    return (
        f'<section><h2><span class="no">09</span>快 10 秒值多少</h2><p class="lead">近四周 {e.n:,} 个询单，只在同时段、同商品、同类问题之间比较（{e.strata} 组）。</p>'
        f'<div class="two"><div>{charts.interval(own, 0.012, "回复快 10 秒对转化率的影响")}</div><div><p>现在采用：<b>每快 10 秒，转化率相对提高 {e.in_force:.1%}</b>（{source}）。</p>'
        f'<div class="warn">{escape(e.warning_zh)}</div></div></div></section>'
    )


def sources(data: ReportData) -> str:
    """Return the files the report stands on, and the exemption days."""
    rows = [
        [escape(f["file"]), escape(f["kind_zh"]), f"{f['rows']:,}", f"{f['new']:,}", f"{f['overlapping']:,}", str(f["bad"]),
         f'<span class="note">{escape("；".join(f["notes_zh"]))}</span>']
        for f in data.files
    ]  # fmt: skip
    exempt = "；".join(
        f"{e.from_on} 至 {e.to_on} {e.reason_zh}"
        for e in (data.window.exemptions or EXEMPTIONS)
        if e.platform == data.platform
    )
    return (
        '<section><h2><span class="no">10</span>数据从哪里来</h2><p class="lead">重叠的文件没有重复计数；每次导入都可以整批撤销。</p>'
        f'{table(["文件", "种类", "行", "新增", "重叠", "有误", "说明"], rows, 2)}<p class="note">考核豁免日：{escape(exempt or "无")}。'
        "小样本界线：评价 30 条、轮次 100 轮。区间为 95%（比率用 Wilson 区间）。</p></section>"
    )


def evidence(data: ReportData) -> str:
    """Return the lists behind the figures; on paper only the first rows of each."""
    parts = []
    for key, page in data.evidence.items():
        head = "".join(f'<th class="l">{escape(name)}</th>' for name in page.columns_zh)
        body = "".join(
            f"<tr{' class=screen' if i >= PRINTED_ROWS else ''}>"
            + "".join(f'<td class="l">{escape(c)}</td>' for c in row)
            + "</tr>"
            for i, row in enumerate(page.rows)
        )
        more = (
            f'<p class="note">共 {page.total:,} 条，这里列出最要紧的 {len(page.rows)} 条；全部在 Excel 的“证据”页或系统里。</p>'
            if page.total > len(page.rows)
            else ""
        )
        parts.append(
            f'<details id="ev-{escape(key)}"><summary>{escape(page.title_zh)}（{page.total:,}）</summary>'
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}</details>"
        )
    return (
        '<section class="break"><h2><span class="no">附</span>证据</h2><p class="lead">每个数字背后的会话、订单、售后与评价；买家文字已脱敏。</p>'
        f"{''.join(parts)}</section>"
    )


def _source(text: str) -> str:
    """Return where a rule comes from, in words of the people who read it."""
    return text.replace("spec", "规格").replace("domain.md", "领域手册")
