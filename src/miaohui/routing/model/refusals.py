"""What routing refuses, and what to do instead."""

from __future__ import annotations

from miaohui.kit.errors import RefusalKind

IN_PROGRESS = RefusalKind(
    "routing.in_progress", 409, "还有进行中的会话，不能离线：请先结束，或选择“移交后离线”",
    "Chats are in progress: end them, or go offline with a hand-over",
)  # fmt: skip
NOT_AN_AGENT = RefusalKind(
    "routing.not_an_agent", 409, "您还不是本店客服，请主管先在“客服管理”里添加",
    "Not an agent of this shop: ask a supervisor to add you",
)  # fmt: skip
NOT_ROUTED = RefusalKind(
    "routing.not_routed", 404, "会话已结束或不在分流中", "The conversation is closed or not being routed"
)
ALREADY_OWNED = RefusalKind(
    "routing.already_owned", 409, "会话已被其他客服领取", "Somebody else has claimed this conversation"
)
NOT_YOURS = RefusalKind(
    "routing.not_yours", 403, "只能转接自己接待的会话，请主管操作",
    "Only your own chats can be transferred: ask a supervisor",
)  # fmt: skip
TARGET_OFFLINE = RefusalKind(
    "routing.target_offline", 409, "对方离线，不能接收转接：请换一位或转到客服组",
    "They are offline and cannot receive a transfer: choose somebody else or a group",
)  # fmt: skip
TARGET_MISSING = RefusalKind(
    "routing.target_missing", 422, "请选择一位客服或一个客服组作为转接对象",
    "Choose exactly one agent or one group to transfer to",
)  # fmt: skip
SAME_OWNER = RefusalKind(
    "routing.same_owner", 409, "会话已经由该客服接待", "This agent has the conversation already"
)
FULL = RefusalKind(
    "routing.full", 409, "您的接待数已满，请先结束部分会话", "You are at capacity: end some chats first"
)
CLAIM_OFFLINE = RefusalKind(
    "routing.claim_offline", 409, "离线状态不能领取会话，请先切换到在线或小休",
    "Offline people cannot claim: go online or on break first",
)  # fmt: skip
BAD_RULES = RefusalKind(
    "routing.bad_rules", 422, "分流规则有误，请按提示修改", "The routing rules are not valid: see the detail"
)
BAD_SPAN = RefusalKind(
    "routing.bad_span", 422, "起止时间不正确，最长可查 62 天", "The span is not valid; at most 62 days"
)
