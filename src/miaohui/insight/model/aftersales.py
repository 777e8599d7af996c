"""After-sales by the platform's clock: review time with the night shift, deadlines, arbitration. Pure.

Source: domain.md §2.1 (售后平均审核时长; 23:00–8:00 counts from 8:00), §3.3.
"""

from __future__ import annotations

from dataclasses import dataclass

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
OFFSET_MS = 8 * HOUR_MS


@dataclass(frozen=True, slots=True)
class AfterSale:
    """What is needed of an after-sale. Units: milliseconds since 1970; money in fen."""

    aftersale_id: str
    order_id: str
    product_id: str
    product: str
    type_zh: str
    status: str
    applied_ms: int
    agreed_ms: int | None
    refunded_ms: int | None
    closed_ms: int | None
    finished_ms: int | None
    deadline_ms: int | None
    reason: str
    arbitration: str
    liable: str
    instant: bool
    pay_fen: int
    refund_fen: int

    @property
    def is_refunded(self) -> bool:
        """Whether it ended in a successful refund."""
        return "退款成功" in self.status or ("成功" in self.status and "退" in self.type_zh)

    @property
    def is_open(self) -> bool:
        """Whether the shop still has to do something."""
        done = ("成功", "关闭", "取消", "完成", "撤销")
        return not any(word in self.status for word in done) and self.finished_ms is None

    @property
    def has_arbitration(self) -> bool:
        """Whether the platform stepped in."""
        text = self.arbitration.strip()
        return bool(text) and text not in ("无", "未仲裁", "无仲裁", "否", "未介入", "-", "0")

    @property
    def is_our_fault(self) -> bool:
        """Whether arbitration found the shop liable."""
        return any(word in self.liable for word in ("商家", "卖家"))


def clock_start_ms(applied_ms: int, night_from: int = 23, night_to: int = 8) -> int:
    """Return from when the review clock runs: applied at night (23:00–8:00) counts from 8:00."""
    local = applied_ms + OFFSET_MS
    midnight = local - local % DAY_MS
    of_day = local - midnight
    if of_day >= night_from * HOUR_MS:
        return midnight + DAY_MS + night_to * HOUR_MS - OFFSET_MS
    if of_day < night_to * HOUR_MS:
        return midnight + night_to * HOUR_MS - OFFSET_MS
    return applied_ms


def review_ms(sale: AfterSale, night_from: int = 23, night_to: int = 8) -> int | None:
    """Return how long the shop took to agree, by the platform's clock; never below zero; None if it did not."""
    agreed = sale.agreed_ms or sale.refunded_ms
    if agreed is None:
        return None
    return max(0, agreed - clock_start_ms(sale.applied_ms, night_from, night_to))


def is_on_time(sale: AfterSale) -> bool | None:
    """Tell whether it was handled before the automatic deadline; None where that cannot be said."""
    done = sale.agreed_ms or sale.refunded_ms or sale.closed_ms
    if sale.deadline_ms is None or done is None:
        return None
    return done <= sale.deadline_ms


@dataclass(frozen=True)
class Deadline:
    """An open after-sale and how long is left. `level`: 4 platform steps in, else 0 (spec §5.1)."""

    sale: AfterSale
    left_ms: int
    level: int


def open_deadlines(sales: list[AfterSale], now_ms: int) -> list[Deadline]:
    """Return the open after-sales with a deadline, the most urgent first; arbitration is level 4 (spec §5.1)."""
    found = [
        Deadline(sale, sale.deadline_ms - now_ms, 4 if sale.has_arbitration else 0)
        for sale in sales
        if sale.is_open and sale.deadline_ms is not None
    ]
    return sorted(found, key=lambda d: (-d.level, d.left_ms))
