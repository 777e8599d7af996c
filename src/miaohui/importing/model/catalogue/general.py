"""Files without an official form: chat records, reviews, rosters. Source: domain.md §3.7, §3.4."""

from miaohui.importing.model.kinds import Kind, columns_from

_CHAT = columns_from("""
session_id id 会话ID|会话编号|会话号|聊天ID|会话标识|conversation_id|session_id
at_ms time 时间|消息时间|发送时间|聊天时间|send_time|time
role text 发送方角色|角色|发送方|发送者类型|消息方向|role|sender_role
sender text 发送方名|发送人|发送者|昵称|发送者昵称|sender|sender_name
agent text 客服|接待客服|客服昵称|客服账号|agent
buyer_key id 买家ID|用户ID|买家|买家昵称|顾客|buyer_id|open_id
kind text 消息类型|类型|msg_type
text text 内容|消息内容|聊天内容|消息|content|text
order_id id 订单号|订单编号|order_id
product_id id 商品ID|商品编号|product_id
entry text 入口|来源|会话来源|进线入口
rating int 会话评价|评分|满意度评分|rating
message_id id 消息ID|消息编号|message_id|msg_id
store text 店铺名称|店铺
""")
_REVIEWS = columns_from("""
review_id id 评价ID|评价编号|评论ID
order_id id 订单编号|订单号|主订单编号
item_id id 子订单编号|商品单号
product_id id 商品ID
product text 商品名称|商品标题
stars int 评分|评价星级|星级|商品评分|综合评分
text text 评价内容|评论内容|首评内容
reviewed_ms time 评价时间|首评时间|评论时间
reply text 商家回复|回复内容
replied_ms time 回复时间|商家回复时间
more_text text 追评内容|追加评价
more_stars int 追评评分|追评星级
more_ms time 追评时间
outcome text 处理结果|申诉结果|处理状态
handled_ms time 处理时间
agent text 处理人|跟进客服
creator text 达人昵称|达人
store text 店铺名称|店铺
drop masked 买家昵称|用户昵称
""")
_ROSTER = columns_from("""
agent text 姓名|员工|客服|客服姓名|人员|客服昵称
day day 日期|班次日期|上班日期
shift text 班次|班次名称|班别
starts text 开始时间|上班时间|开始
ends text 结束时间|下班时间|结束
group_name text 组别|小组|客服组|岗位
note text 备注
""")

GENERAL: tuple[Kind, ...] = (
    Kind("chat_table", "聊天记录（长表）", "other", "messages", _CHAT,
         (("session_id",), ("at_ms",), ("role", "sender"), ("text",)), file_words=("聊天", "会话")),
    Kind("chat_text", "聊天记录（纯文本）", "other", "messages", _CHAT, ((),), file_words=("聊天", "会话")),
    Kind("reviews", "评价", "other", "reviews", _REVIEWS,
         (("stars",), ("text",), ("reviewed_ms",)), file_words=("评价",)),
    Kind("roster", "排班表", "other", "shifts", _ROSTER,
         (("agent",), ("day",), ("starts",), ("ends",)), file_words=("排班", "班表")),
)  # fmt: skip
