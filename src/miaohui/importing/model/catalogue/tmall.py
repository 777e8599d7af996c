"""千牛 and 生意参谋: agent performance (10 columns, 6 total rows), refunds (53 columns).

Source: domain.md §3.5. The performance file opens its brackets full width and closes them half width.
"""

from miaohui.importing.model.kinds import Kind, columns_from

_PERFORMANCE = columns_from("""
agent text 旺旺昵称|旺旺|客服旺旺
day day 日期|统计日期
consult_users int 咨询人数
received_users int 接待人数|有效接待人数
enquiry_users int 询单人数
paid_users int 询单最终付款人数
enquiry_conversion ratio 询单最终付款转化率
sales_fen fen 询单最终付款金额|客服销售额
first_response_s seconds 首次响应时长（秒)|首次响应时长(秒)
avg_response_s seconds 平均响应时长（秒)|平均响应时长(秒)
satisfied_rate ratio 客户满意率
reply_rate ratio 旺旺回复率
refunded_fen fen 成功退款金额
""")
_REFUNDS = columns_from("""
order_id id 订单编号
aftersale_id id 退款编号
refund_fen fen 退款总额|退款金额
pay_fen fen 买家实际支付金额
ship_status text 货物状态
aftersale_type text 售后类型
status text 退款状态
applied_ms time 退款申请时间
finished_ms time 退款完结时间
reason text 买家退款原因
product_id id 商品id|宝贝id
product text 宝贝标题
order_paid_ms time 订单付款时间
deadline_ms time 超时时间
buyer_note text 买家退款说明
item_id id 子订单编号
arbitration text 客服介入状态|是否介入
merchant_code text 商家编码
operator text 责任客服
extra text 支付宝交易号|完结时间|退款类型|退款阶段|退货物流信息|退货物流公司|退货物流单号|发货物流信息|发货时间
extra text 卖家备注|买家退货时间|部分退款/全部退款|手工退款/系统退款|审核操作人|举证超时|小额收款|交易状态
extra text 客服备注|换货原因|责任方|售中或售后|申请阶段|介入原因|业务类型
drop masked 买家会员名称|卖家真实姓名|卖家退货地址|卖家邮编|卖家电话|卖家手机|买家真实姓名|买家旺旺
""")
_TOTALS = frozenset({
    "汇总值", "平均值", "全店汇总值", "全店平均值", "同行同层优秀", "同行同层均值", "汇总", "合计",
})  # fmt: skip

TMALL: tuple[Kind, ...] = (
    Kind("tmall_performance", "生意参谋客服绩效", "tmall", "service", _PERFORMANCE, (("agent",),), _TOTALS,
         "agent", ("客服绩效",)),
    Kind("tmall_refunds", "千牛退款单", "tmall", "aftersales", _REFUNDS,
         (("aftersale_id",), ("order_id",), ("applied_ms",), ("status",)), _TOTALS, file_words=("退款",)),
)  # fmt: skip
