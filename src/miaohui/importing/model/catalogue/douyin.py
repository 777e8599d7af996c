"""抖店: orders (forms of 73, 74 and 75 columns), after-sales (50 columns), 飞鸽 service data.

Source: domain.md §3.2, §3.3, §3.1, §2.4. Receiver columns are personal: never stored.
"""

from miaohui.importing.model.kinds import Kind, columns_from

_ORDER_COLUMNS = columns_from("""
order_id id 主订单编号|订单编号|主订单号
item_id id 子订单编号|子订单号|商品单号
product text 选购商品|商品名称
sku text 商品规格|货号|规格
quantity int 商品数量
product_id id 商品ID
merchant_code text 商家编码
price_fen fen 商品单价|商品金额
pay_fen fen 订单应付金额|应付金额
freight_fen fen 运费
discount_fen fen 优惠总金额
platform_discount_fen fen 平台优惠
shop_discount_fen fen 商家优惠
creator_discount_fen fen 达人优惠
buyer_note text 买家留言
created_ms time 订单提交时间|下单时间
paid_ms time 支付完成时间|支付时间
finished_ms time 订单完成时间
promised_ship_ms time 承诺发货时间
shipped_ms time 发货时间
eta_ms time 预计送达时间
shop_note text 商家备注
status text 订单状态
order_type text 订单类型
cancel_reason text 取消原因
aftersale_status text 售后状态
app_channel text APP渠道
traffic_source text 流量来源
traffic_kind text 流量类型
content_form text 流量体裁
traffic_channel text 流量渠道
ad_channel text 广告渠道
creator_id id 达人ID
creator text 达人昵称
province text 省
buyer_key id 买家ID|用户ID|买家昵称
extra text 商家改价|支付优惠|红包抵扣|支付方式|手续费|是否修改过地址|地址修改时段|旗帜颜色|鲁班落地页ID|所属门店ID
extra text 预约发货时间|仓库ID|仓库名称|序列号|是否安心购|发货主体|发货主体明细|降价类优惠|平台实际承担优惠金额
extra text 商家实际承担优惠金额|达人实际承担优惠金额|是否平台仓自流转|车型|商品69码|发货SN码|发货IMEI码1|发货IMEI码2
extra text 预约送达时间|建议发货时间（起）|建议发货时间（止）|物流SN码|物流IMEI码1|物流IMEI码2|是否是以旧换新
extra text 换新额外补贴|换新额外补贴发放状态|快递信息|拼团订单团编号|商品单价是否含税|税费|教育优惠|是否是渠道商品
drop masked 收件人|收件人手机号|市|区|街道|详细地址
""")

_AFTERSALE_COLUMNS = columns_from("""
aftersale_id id 售后单号|售后编号
order_id id 订单号|主订单编号
item_id id 商品单号|子订单编号
product text 商品名称
product_id id 商品ID
pay_fen fen 应付金额（元）
refund_fen fen 退商品金额（元）|退款金额（元）
refund_freight_fen fen 退运费金额（元）
ship_status text 商品发货状态
aftersale_type text 售后类型
status text 售后状态
applied_ms time 售后申请时间|申请时间
agreed_ms time 同意售后申请时间
refunded_ms time 商家退款时间
arrived_ms time 用户到账时间
closed_ms time 售后关闭时间
finished_ms time 售后完结时间
deadline_ms time 自动处理截止时间
reason text 售后原因
reason_tag text 售后原因标签
arbitration text 仲裁状态
liable text 纠纷责任方
instant_refund text 是否极速退款
refuse_refund text 是否拒签后退款
buyer_note text 用户售后说明
operator text 操作人
negotiation text 协商记录
merchant_code text 商家编码
store text 门店名称
extra text 商品运费（元）|支付优惠（元）|商品税费（元）|退支付优惠（元）|退税费金额（元）|退款方式|是否已上传退款凭证
extra text 退货物流单号|退货异常|退货发货时间|退货物流公司|发货物流单号|发货物流状态|换货物流单号|退货物流状态
extra text 订单备注|售后备注|换货商品信息
drop masked 商家退货地址|商家退货联系人姓名|商家退货联系人电话
""")

# The merchant ticks the columns, so any subset may be there (domain.md §3.1); names were changed on
# 2026-09-09 ("飞鸽人工会话平响时长"), so the code, never the name, is what figures are stored under.
_FEIGE_METRICS = """
received_users int 人工已接待人数|接待人数
received_sessions int 人工已接待会话量|人工接待会话量
cpd number CPD
dissatisfied_rate ratio 不满意率|飞鸽会话不满意率|飞鸽人工会话不满意率
reply_3m_rate_session ratio 3分钟人工回复率 (会话)|三分钟人工回复率(会话)
reply_3m_rate_msg ratio 3分钟人工回复率|三分钟人工回复率
first_response_s seconds 首次响应时长（秒）|首次响应时长
avg_response_old_s seconds 平均响应时长（秒）|平均响应时长
avg_response_s seconds 新平均响应时长（秒）|新平均响应时长|飞鸽平均响应时长|飞鸽人工会话平响时长
satisfied_rate ratio 满意率
sales_fen fen 客服销售额（元）|客服销售额
enquiry_users int 询单人数
order_users int 下单人数
paid_users int 支付人数|付款人数
enquiry_conversion ratio 询单转化率
warned_sessions int 预警会话量
online_hours number PC在线长时（时）|PC在线时长（时）
break_hours number PC小休时长（时）
offline_hours number PC离线时长（时）
aftersale_review_s seconds 售后平均审核时长
platform_help_rate ratio 平台求助率
"""
_TOTALS = frozenset({"合计", "总计", "汇总", "全部", "全店"})

DOUYIN: tuple[Kind, ...] = (
    Kind("douyin_orders", "抖店订单", "douyin", "orders", _ORDER_COLUMNS,
         (("item_id",), ("order_id",), ("created_ms",), ("pay_fen", "price_fen")), _TOTALS, file_words=("订单",)),
    Kind("douyin_aftersales", "抖店售后单", "douyin", "aftersales", _AFTERSALE_COLUMNS,
         (("aftersale_id",), ("order_id", "item_id"), ("applied_ms",), ("status",)), _TOTALS, file_words=("售后",)),
    Kind("feige_shop", "飞鸽客服数据（店铺）", "douyin", "service",
         columns_from("day day 日期|统计日期|时间\nstore text 店铺名称|店铺" + _FEIGE_METRICS),
         ((),), _TOTALS, "shop", ("店铺数据", "飞鸽")),
    Kind("feige_agent", "飞鸽客服数据（客服）", "douyin", "service",
         columns_from("agent text 客服昵称|客服\naccount text 账号名称|客服账号名称\nday day 日期|统计日期\n"
                      "store text 店铺名称|店铺" + _FEIGE_METRICS),
         (("agent", "account"),), _TOTALS, "agent", ("客服数据", "飞鸽")),
)  # fmt: skip
