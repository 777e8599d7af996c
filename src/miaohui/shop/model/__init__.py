"""Rules of a shop: tiers, policies, calendars, live sessions, promotions, channel accounts. Pure.

Source: spec §1.2–1.4, §2.3–2.6; domain.md §2.6, §5.2.
"""

from miaohui.kit.errors import RefusalKind
from miaohui.shop.model import kinds as kinds  # registers the kinds of this room
from miaohui.shop.model import retention as retention  # registers its kind
from miaohui.shop.model.calendar import SHANGHAI, CalendarException, Span, Window, local_date
from miaohui.shop.model.channels import ChannelAccount, ChannelState
from miaohui.shop.model.live import Guard, LiveSession, LiveState, Promotion
from miaohui.shop.model.policies import POLICIES, PolicyKind, PolicyVersion
from miaohui.shop.model.rulebook import Rulebook
from miaohui.shop.model.shapes import Problem
from miaohui.shop.model.tiers import TIERS, Tier

UNKNOWN_POLICY = RefusalKind(
    "shop.unknown_policy", 404, "没有这种规则，请从规则列表中选择", "No such kind of policy"
)
BAD_POLICY = RefusalKind(
    "shop.bad_policy", 422, "规则内容不符合要求，请按提示修改", "The policy does not fit: see the problems"
)
BACKDATED = RefusalKind(
    "shop.backdated", 422, "生效时间不能早于现在，历史口径不可改写", "A policy cannot take effect in the past"
)
BAD_TIMES = RefusalKind(
    "shop.bad_times", 422, "时间不合理：结束须晚于开始，且时长不超过上限", "The end must follow the start"
)
WRONG_LIVE_STATE = RefusalKind(
    "shop.wrong_live_state", 409, "直播场次当前状态不能做此操作，请刷新", "Not possible in this state: reload"
)
ALREADY_DECIDED = RefusalKind(
    "shop.already_decided", 409, "这条分层建议已经处理过了", "This proposal was decided already"
)
UNKNOWN_CHANNEL = RefusalKind(
    "shop.unknown_channel", 422, "暂不支持这个渠道，请从渠道列表中选择", "No such channel"
)
ACCOUNT_REVOKED = RefusalKind(
    "shop.account_revoked", 409, "该渠道账号已停用，请新建接入", "The channel account was revoked"
)

__all__ = [
    "ACCOUNT_REVOKED",
    "ALREADY_DECIDED",
    "BACKDATED",
    "BAD_POLICY",
    "BAD_TIMES",
    "POLICIES",
    "SHANGHAI",
    "TIERS",
    "UNKNOWN_CHANNEL",
    "UNKNOWN_POLICY",
    "WRONG_LIVE_STATE",
    "CalendarException",
    "ChannelAccount",
    "ChannelState",
    "Guard",
    "LiveSession",
    "LiveState",
    "PolicyKind",
    "PolicyVersion",
    "Problem",
    "Promotion",
    "Rulebook",
    "Span",
    "Tier",
    "Window",
    "local_date",
]
