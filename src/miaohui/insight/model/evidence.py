"""Lists behind figures: conversations, orders, after-sales, reviews, as people can look them up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from miaohui.insight.model.aftersales import AfterSale
from miaohui.insight.model.figures import KEPT, Evidence
from miaohui.insight.model.intents import NAMES_ZH
from miaohui.insight.model.rollup import TurnFact
from miaohui.insight.model.window import OrderRow, ReviewRow, SessionRow
from miaohui.kit.money import yuan_text
from miaohui.kit.text import masked_text

SESSION_COLUMNS = ("会话", "开始", "客服", "问题", "平均响应", "漏回", "第一句")
TURN_COLUMNS = ("会话", "提问时间", "客服", "等待", "结果")
ORDER_COLUMNS = ("子订单", "下单", "商品", "实付", "状态", "承诺发货", "发货")
SALE_COLUMNS = ("售后单", "申请", "商品", "原因", "类型", "状态", "截止")
REVIEW_COLUMNS = ("评价", "时间", "商品", "星级", "内容", "处理")


def clock_text(at_ms: int | None) -> str:
    """Return a local time such as '11-20 20:01:05'; '' for none."""
    if at_ms is None:
        return ""
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(hours=8)).strftime("%m-%d %H:%M:%S")


def session_evidence(key: str, title_zh: str, sessions: Sequence[SessionRow]) -> Evidence:
    """Return the conversations behind a figure."""
    rows: list[tuple[str, ...]] = [
        (s.session_id, clock_text(s.started_ms), s.agent or "无人接待", NAMES_ZH.get(s.intent, s.intent),
         f"{s.average_s:.0f} 秒" if s.average_s is not None else "—", str(s.missed_n), masked_text(s.first_text)[:30])
        for s in sessions[:KEPT]
    ]  # fmt: skip
    return Evidence(key, title_zh, SESSION_COLUMNS, rows, len(sessions))


def turn_evidence(key: str, title_zh: str, turns: Sequence[TurnFact], total: int | None = None) -> Evidence:
    """Return the rounds behind a figure: which conversation, when, how long. `total`: of which `turns` are a page."""
    rows: list[tuple[str, ...]] = [
        (t[0], clock_text(t[4]), t[3] or "无人接待", "未回复" if t[5] is None else f"{t[6] / 1000:.0f} 秒",
         "记 600 秒" + ("（收尾语）" if t[10] else "") if t[5] is None else "已回复")
        for t in (turns[:KEPT] if total is None else turns)
    ]  # fmt: skip
    return Evidence(key, title_zh, TURN_COLUMNS, rows, len(turns) if total is None else total)


def order_evidence(key: str, title_zh: str, orders: Sequence[OrderRow]) -> Evidence:
    """Return the order lines behind a figure."""
    rows: list[tuple[str, ...]] = [
        (o.item_id, clock_text(o.created_ms), o.product[:16], yuan_text(o.fen), o.status, clock_text(o.promised_ms),
         clock_text(o.shipped_ms) or "未发")
        for o in orders[:KEPT]
    ]  # fmt: skip
    return Evidence(key, title_zh, ORDER_COLUMNS, rows, len(orders))


def sale_evidence(key: str, title_zh: str, sales: Sequence[AfterSale]) -> Evidence:
    """Return the after-sales behind a figure."""
    rows: list[tuple[str, ...]] = [
        (
            s.aftersale_id,
            clock_text(s.applied_ms),
            s.product[:16],
            s.reason,
            s.type_zh,
            s.status,
            clock_text(s.deadline_ms),
        )
        for s in sales[:KEPT]
    ]
    return Evidence(key, title_zh, SALE_COLUMNS, rows, len(sales))


def review_evidence(key: str, title_zh: str, reviews: Sequence[ReviewRow]) -> Evidence:
    """Return the reviews behind a figure."""
    rows: list[tuple[str, ...]] = [
        (r.review_id, clock_text(r.reviewed_ms), r.product[:16], f"{r.stars} 星", masked_text(r.text)[:30],
         r.outcome or ("已回复" if r.replied_ms else "未处理"))
        for r in reviews[:KEPT]
    ]  # fmt: skip
    return Evidence(key, title_zh, REVIEW_COLUMNS, rows, len(reviews))


class EvidenceBook:
    """Collects the lists of a report by key."""

    def __init__(self) -> None:
        self.pages: dict[str, Evidence] = {}

    def add(self, evidence: Evidence) -> str:
        """Keep a list and return its key; '' for an empty one."""
        if not evidence.total:
            return ""
        self.pages[evidence.key] = evidence
        return evidence.key

    def sessions(self, key: str, title_zh: str, found: Iterable[SessionRow]) -> str:
        """Keep conversations, the worst answered first."""
        ordered = sorted(found, key=lambda s: (-s.missed_n, -(s.average_s or 0), s.session_id))
        return self.add(session_evidence(key, title_zh, ordered))

    def turns(self, key: str, title_zh: str, found: Iterable[TurnFact]) -> str:
        """Keep rounds, the longest first."""
        ordered = sorted(found, key=lambda t: (t[5] is not None, -t[6], t[0]))
        return self.add(turn_evidence(key, title_zh, ordered))

    def orders(self, key: str, title_zh: str, found: Iterable[OrderRow]) -> str:
        """Keep order lines, the dearest first."""
        return self.add(order_evidence(key, title_zh, sorted(found, key=lambda o: (-o.fen, o.item_id))))

    def sales(self, key: str, title_zh: str, found: Iterable[AfterSale]) -> str:
        """Keep after-sales, the newest first."""
        return self.add(sale_evidence(key, title_zh, sorted(found, key=lambda s: -s.applied_ms)))

    def reviews(self, key: str, title_zh: str, found: Iterable[ReviewRow]) -> str:
        """Keep reviews, the newest first."""
        return self.add(review_evidence(key, title_zh, sorted(found, key=lambda r: -r.reviewed_ms)))
