"""What the inbox refuses, with what to do. Pure."""

from __future__ import annotations

from miaohui.kit.errors import RefusalKind

CONVERSATION_CLOSED = RefusalKind(
    "inbox.conversation_closed",
    409,
    "会话已结束，请先重新打开",
    "The conversation is closed: reopen it first",
)
NOT_CLOSED = RefusalKind("inbox.not_closed", 409, "会话并未结束", "The conversation is open")
BUYER_BACK = RefusalKind(
    "inbox.other_open", 409, "该买家已有进行中的会话", "This buyer has another open conversation"
)
TAKEN = RefusalKind("inbox.taken", 409, "会话已被其他客服接待", "Somebody else has this conversation already")
CLIENT_ID_REUSED = RefusalKind(
    "inbox.client_id_reused",
    409,
    "同一发送编号对应了不同内容，请刷新后重发",
    "This client_id was used for another content: use a new one",
)
EMPTY_REPLY = RefusalKind("inbox.empty_reply", 422, "请输入内容", "There is nothing to send")
TEXT_TOO_LONG = RefusalKind(
    "inbox.text_too_long", 422, "超出该渠道单条字数上限，请拆分", "Too long for one message of this channel"
)
PART_NOT_SUPPORTED = RefusalKind(
    "inbox.part_not_supported", 422, "该渠道不支持发送此类消息", "This channel cannot send that kind of part"
)
WINDOW_CLOSED = RefusalKind(
    "inbox.window_closed",
    409,
    "当前不能向该买家发送消息，请看渠道窗口说明",
    "The channel does not let us write to this buyer now: see the window",
)
CHANNEL_MISSING = RefusalKind(
    "inbox.channel_missing", 409, "该渠道未接入发送能力", "This channel cannot send messages here"
)
NOT_RECALLABLE = RefusalKind(
    "inbox.not_recallable", 409, "这条消息不能撤回", "This message cannot be recalled"
)
NOT_UNKNOWN = RefusalKind(
    "inbox.not_unknown", 409, "这条消息的发送结果已经明确", "The outcome of this message is known"
)
LABEL_EXISTS = RefusalKind("inbox.label_exists", 409, "已有同名标签", "There is a label of that name")
QUERY_TOO_SHORT = RefusalKind(
    "inbox.query_too_short", 422, "请至少输入两个字", "Type at least two characters"
)
SNOOZE_IN_PAST = RefusalKind("inbox.snooze_in_past", 422, "请选择将来的时间", "Choose a time in the future")
NOT_GENUINE = RefusalKind("inbox.not_genuine", 401, "签名校验失败", "The signature is not valid")
LINK_EXPIRED = RefusalKind(
    "inbox.link_expired", 403, "链接已失效，请刷新页面", "The link has expired: reload the page"
)
WIDGET_SESSION = RefusalKind(
    "inbox.widget_session", 401, "对话已过期，请刷新页面", "The chat session has expired: reload the page"
)
WIDGET_ORIGIN = RefusalKind(
    "inbox.widget_origin", 403, "本网站未获授权使用该客服窗口", "This site may not embed the widget"
)
FOREIGN_SHOP = RefusalKind(
    "inbox.foreign_shop",
    409,
    "推送里有未接入店铺的消息：请先接入该店铺，再重放这条推送",
    "The delivery speaks of a shop that is not connected: connect it, then replay the delivery",
)
NOTHING_TO_RATE = RefusalKind(
    "inbox.nothing_to_rate", 409, "还没有可评价的会话", "There is no conversation to rate yet"
)
TOO_MANY_ITEMS = RefusalKind("inbox.too_many_items", 422, "一次最多处理 200 个会话", "At most 200 at a time")
