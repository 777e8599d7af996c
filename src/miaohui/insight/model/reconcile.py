"""The platform's own figure beside ours: the difference, and the likely reason. Pure.

Source: domain.md §7 (within 2 %), §2.4 (old and new versions side by side), §6 pain 7.
"""

from __future__ import annotations

from dataclasses import dataclass

CLOSE_SHARE = 0.02


@dataclass(frozen=True)
class Facts:
    """What tells the reason: about our side of the same days."""

    coverage: float | None
    missed: int = 0
    closing_missed: int = 0
    late: int = 0
    perfunctory: int = 0
    robot_sessions: int = 0
    turns: int = 0


@dataclass(frozen=True)
class Comparison:
    """One line of the reconciliation."""

    metric: str
    name_zh: str
    unit: str
    platform_value: float
    our_value: float | None
    difference: float | None
    share: float | None
    reason_zh: str
    reason_en: str = ""

    @property
    def is_close(self) -> bool:
        """Whether both agree within 2 %."""
        return self.share is not None and abs(self.share) <= CLOSE_SHARE


Reason = tuple[str, str]
NO_CHATS: Reason = (
    "没有导入同期聊天记录，无法自算",
    "No chats of these days were imported: nothing to count from",
)
SAME: Reason = ("一致（差 2% 以内）", "Equal (within 2%)")
THREE_RATES: Reason = (
    "三种“3 分钟率”（消息/会话/轮次）口径不同，请确认比的是同一种",
    "The three three-minute rates (messages, chats, rounds) differ: make sure the same one is compared",
)
RATED_LATER: Reason = (
    "评价可在会话结束后几天内补评，平台会继续更新；也可能有举报成功后剔除的会话",
    "Ratings come in for days after a chat and the platform goes on updating; reported chats may be left out",
)
NOT_LINKED: Reason = (
    "文件里没有买家编号，订单与聊天靠聊天里的订单号相连；没提到订单号的成交连不上，自算偏低",
    "The files name no buyers: orders meet chats by the order number in the chat, so ours is lower",
)
DEFINED_OTHERWISE: Reason = (
    "口径或更新时间不同；平台每天上午更新，申诉成功的会话会被剔除",
    "Another definition or time of update; the platform updates each morning and leaves out appealed chats",
)
INVALID_CHATS: Reason = (
    "我们偏高：平台可能剔除了无效会话（举报成功）或按末条消息起算；可用校准确认",
    "Ours is higher: the platform may leave out reported chats or count from the last message; calibration can tell",
)
MISSING_CHATS: Reason = (
    "我们偏低：可能有没导出的会话（转接、离线留言）；可用校准确认",
    "Ours is lower: chats may not have been exported (transfers, messages left); calibration can tell",
)


def compare(
    metric: str, name_zh: str, unit: str, platform_value: float, our_value: float | None, facts: Facts
) -> Comparison:
    """Return the line with its likely reason."""
    if our_value is None:
        return Comparison(metric, name_zh, unit, platform_value, None, None, None, *NO_CHATS)
    difference = our_value - platform_value
    share = difference / platform_value if platform_value else (0.0 if not difference else None)
    reason = _reason(metric, difference, share, facts)
    return Comparison(metric, name_zh, unit, platform_value, our_value, difference, share, *reason)


def _reason(metric: str, difference: float, share: float | None, facts: Facts) -> Reason:
    if share is not None and abs(share) <= CLOSE_SHARE:
        return SAME
    if facts.coverage is not None and not 0.95 <= facts.coverage <= 1.05:
        return _coverage_reason(facts.coverage)
    if metric in ("avg_response_s", "first_response_s"):
        return _time_reason(difference, facts)
    if metric.startswith("reply_3m"):
        return THREE_RATES
    if metric in ("dissatisfied_rate", "satisfied_rate"):
        return RATED_LATER
    return NOT_LINKED if metric in ("paid_users", "order_users") else DEFINED_OTHERWISE


def _coverage_reason(coverage: float) -> Reason:
    if coverage < 1:
        return (
            f"聊天记录只覆盖平台会话量的 {coverage:.0%}，先补齐记录再比",
            f"The chats cover {coverage:.0%} of the platform's: complete them first",
        )
    return (
        f"聊天记录比平台会话量多 {coverage - 1:.0%}：可能含其他店铺或未剔除无效会话",
        f"{coverage - 1:.0%} more chats than the platform counts: another shop's, or invalid ones not left out",
    )


def _time_reason(difference: float, facts: Facts) -> Reason:
    if difference > 0:
        return _slower_reason(difference, facts)
    if facts.perfunctory:
        return (
            f"有 {facts.perfunctory} 条敷衍回复，平台可能判为无效、该轮记 600 秒；可用校准确认",
            f"{facts.perfunctory} empty replies: the platform may count such rounds as 600 s; calibration can tell",
        )
    return MISSING_CHATS


def _slower_reason(difference: float, facts: Facts) -> Reason:
    if facts.closing_missed and facts.turns and facts.closing_missed * 600 / facts.turns >= difference * 0.5:
        return (
            f"“好的/谢谢”收尾未回的 {facts.closing_missed} 轮我们按 600 秒计，平台可能豁免；可用校准确认",
            f"{facts.closing_missed} rounds of closing words count 600 s here; the platform may exempt them",
        )
    if facts.late:
        return (
            f"{facts.late} 轮回复晚于 600 秒，平台可能按 600 秒封顶；可用校准确认",
            f"{facts.late} answers came after 600 s: the platform may cap them; calibration can tell",
        )
    if facts.robot_sessions:
        return (
            f"{facts.robot_sessions} 个机器人转人工的会话，首轮起点可能不同；可用校准确认",
            f"{facts.robot_sessions} chats came from the robot: their first round may begin elsewhere",
        )
    return INVALID_CHATS
