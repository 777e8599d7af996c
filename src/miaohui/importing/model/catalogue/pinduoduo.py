"""拼多多 service data: the desk's own pages and the table that merchants fill for their BI.

Source: domain.md §3.6.
"""

from miaohui.importing.model.kinds import Kind, columns_from

_METRICS = """
consult_users int 咨询人数
human_needed_users int 需人工回复的咨询人数
received_users int 人工接待人数
reply_3m_rate_round ratio 3分钟人工回复率(8-23点)|3分钟人工回复率（8-23点）|3分钟人工回复率
reply_30s_rate ratio 30秒应答率(8-23点)|30秒应答率（8-23点）|30秒应答率
avg_response_s seconds 平均人工响应时长
enquiry_users int 询单人数
paid_users int 最终成团人数
enquiry_conversion ratio 询单转化率
sales_fen fen 客服销售额
lost_sales_fen fen 客服可提升销售额
service_score number 客服服务分
experience_score number 消费者服务体验分
"""

PINDUODUO: tuple[Kind, ...] = (
    Kind("pdd_agent", "拼多多客服数据", "pinduoduo", "service",
         columns_from("agent text 客服账号|客服昵称\nday day 日期|统计日期\nstore text 店铺名|店铺名称" + _METRICS),
         (("agent",),), frozenset({"合计", "总计", "汇总"}), "agent", ("拼多多",)),
    Kind("pdd_shop", "拼多多客服数据（店铺）", "pinduoduo", "service",
         columns_from("day day 日期|统计日期|统计时间\nstore text 店铺名|店铺名称" + _METRICS),
         ((),), frozenset({"合计", "总计", "汇总"}), "shop", ("拼多多",)),
)  # fmt: skip
