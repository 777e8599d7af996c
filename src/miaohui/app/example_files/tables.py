"""The exports' forms: headers of domain.md §3 and the rows of the world under them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from miaohui.app.example_files.shop import AfterSale, Order, Review, Shop

ORDER_A = [
    "主订单编号",
    "子订单编号",
    "选购商品",
    "商品规格",
    "商品数量",
    "商品ID",
    "商家编码",
    "商品单价",
    "订单应付金额",
    "运费",
    "优惠总金额",
    "平台优惠",
    "商家优惠",
    "达人优惠",
    "商家改价",
    "支付优惠",
    "红包抵扣",
    "支付方式",
    "手续费",
    "收件人",
    "收件人手机号",
    "省",
    "市",
    "区",
    "街道",
    "详细地址",
    "是否修改过地址",
    "地址修改时段",
    "买家留言",
    "订单提交时间",
    "旗帜颜色",
    "商家备注",
    "订单完成时间",
    "支付完成时间",
    "APP渠道",
    "流量来源",
    "订单状态",
    "承诺发货时间",
    "订单类型",
    "鲁班落地页ID",
    "达人ID",
    "达人昵称",
    "所属门店ID",
    "售后状态",
    "取消原因",
    "预约发货时间",
    "仓库ID",
    "仓库名称",
    "是否安心购",
    "广告渠道",
    "流量类型",
    "流量体裁",
    "流量渠道",
    "发货主体",
    "发货主体明细",
    "发货时间",
    "降价类优惠",
    "平台实际承担优惠金额",
    "商家实际承担优惠金额",
    "达人实际承担优惠金额",
    "预计送达时间",
    "是否平台仓自流转",
    "车型",
    "商品69码",
    "发货SN码",
    "发货IMEI码1",
    "发货IMEI码2",
    "预约送达时间",
    "建议发货时间（起）",
    "建议发货时间（止）",
    "物流SN码",
    "物流IMEI码1",
    "物流IMEI码2",
]
ORDER_B = [
    "主订单编号",
    "子订单编号",
    "支付方式",
    "选购商品",
    "货号",
    "商品ID",
    "商家编码",
    "商品数量",
    "商品金额",
    "订单提交时间",
    "支付完成时间",
    "订单完成时间",
    "承诺发货时间",
    "预约发货时间",
    "买家留言",
    "旗帜颜色",
    "商家备注",
    "APP渠道",
    "订单状态",
    "取消原因",
    "售后状态",
    "订单类型",
    "发货时间",
    "车型",
    "是否是以旧换新",
    "换新额外补贴",
    "换新额外补贴发放状态",
    "订单应付金额",
    "运费",
    "优惠总金额",
    "平台优惠",
    "商家优惠",
    "达人优惠",
    "商家改价",
    "支付优惠",
    "手续费",
    "红包抵扣",
    "降价类优惠",
    "平台实际承担优惠金额",
    "商家实际承担优惠金额",
    "达人实际承担优惠金额",
    "收件人",
    "收件人手机号",
    "省",
    "市",
    "区",
    "街道",
    "详细地址",
    "是否修改过地址",
    "快递信息",
    "序列号",
    "达人ID",
    "达人昵称",
    "拼团订单团编号",
    "商品单价是否含税",
    "税费",
    "鲁班落地页ID",
    "所属门店ID",
    "流量来源",
    "仓库ID",
    "仓库名称",
    "是否安心购",
    "广告渠道",
    "流量类型",
    "流量体裁",
    "流量渠道",
    "发货主体",
    "发货主体明细",
    "教育优惠",
    "预计送达时间",
    "是否平台仓自流转",
    "是否是渠道商品",
    "预约送达时间",
    "建议发货时间（起）",
    "建议发货时间（止）",
]
AFTERSALE = [
    "售后单号",
    "订单号",
    "商品单号",
    "商品名称",
    "商品ID",
    "应付金额（元）",
    "商品运费（元）",
    "支付优惠（元）",
    "商品税费（元）",
    "商品发货状态",
    "售后类型",
    "退商品金额（元）",
    "退运费金额（元）",
    "退支付优惠（元）",
    "退税费金额（元）",
    "售后状态",
    "售后申请时间",
    "退款方式",
    "是否已上传退款凭证",
    "售后原因",
    "售后原因标签",
    "退货物流单号",
    "退货异常",
    "退货发货时间",
    "退货物流公司",
    "自动处理截止时间",
    "同意售后申请时间",
    "商家退款时间",
    "用户到账时间",
    "售后关闭时间",
    "商家退货地址",
    "商家退货联系人姓名",
    "商家退货联系人电话",
    "仲裁状态",
    "纠纷责任方",
    "是否极速退款",
    "是否拒签后退款",
    "发货物流单号",
    "发货物流状态",
    "换货物流单号",
    "退货物流状态",
    "售后完结时间",
    "订单备注",
    "用户售后说明",
    "售后备注",
    "操作人",
    "协商记录",
    "换货商品信息",
    "商家编码",
    "门店名称",
]
CHAT = [
    "会话ID",
    "时间",
    "发送方角色",
    "发送方名",
    "消息类型",
    "内容",
    "买家ID",
    "订单号",
    "商品ID",
    "入口",
    "会话评价",
]
REVIEW = [
    "评价ID",
    "订单编号",
    "商品ID",
    "商品名称",
    "评价星级",
    "评价内容",
    "评价时间",
    "商家回复",
    "回复时间",
    "处理结果",
    "处理时间",
    "处理人",
    "达人昵称",
]
ROSTER = ["姓名", "日期", "班次", "开始时间", "结束时间", "组别"]
PERFORMANCE = [
    "旺旺昵称",
    "询单人数",
    "询单最终付款人数",
    "询单最终付款转化率",
    "询单最终付款金额",
    "首次响应时长（秒)",
    "平均响应时长（秒)",
    "客户满意率",
    "旺旺回复率",
    "成功退款金额",
]
ORIGINS = {
    "live": ("直播", "直播间", "精选联盟"),
    "video": ("短视频", "短视频", "精选联盟"),
    "shelf": ("商品卡", "搜索", "自营"),
    "other": ("其他", "其他", "自营"),
}
CREATOR_IDS = {"小鹿穿搭": "61234567890123456", "橙子姐姐": "61234567890999999", "": ""}


def local(at: int | None) -> str:
    """Return a local time as the exports write it; '' for none."""
    if at is None:
        return ""
    return (datetime.fromtimestamp(at / 1000, UTC) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


def yuan(fen: int) -> str:
    """Return an amount with thousands separators."""
    return f"{fen / 100:,.2f}"


def _order_cells(order: Order) -> dict[str, str]:
    form, channel, source = ORIGINS[order.origin]
    off = max(0, order.product.fen - order.fen)
    return {
        "主订单编号": f"{order.order_id}\t",
        "子订单编号": f"{order.item_id}\t",
        "选购商品": order.product.name,
        "商品规格": "均码",
        "货号": "均码",
        "商品数量": "1",
        "商品ID": order.product.id,
        "商家编码": f"SG{order.product.id[-3:]}",
        "商品单价": yuan(order.product.fen),
        "商品金额": yuan(order.product.fen),
        "订单应付金额": yuan(order.fen),
        "运费": "0.00",
        "优惠总金额": yuan(off),
        "平台优惠": "0.00",
        "商家优惠": yuan(off),
        "达人优惠": "0.00",
        "收件人": "张**",
        "收件人手机号": "138****0000",
        "省": "浙江省",
        "市": "杭州市",
        "区": "余杭区",
        "街道": "****",
        "详细地址": "****",
        "订单提交时间": local(order.created),
        "支付完成时间": local(order.paid),
        "支付方式": "微信",
        "订单完成时间": local(order.finished),
        "承诺发货时间": local(order.promised),
        "发货时间": local(order.shipped),
        "订单状态": order.status,
        "取消原因": order.cancel_reason,
        "售后状态": order.aftersale,
        "流量体裁": form,
        "流量渠道": channel,
        "流量来源": source,
        "达人昵称": order.creator,
        "达人ID": CREATOR_IDS.get(order.creator, ""),
        "APP渠道": "抖音",
        "订单类型": "普通订单",
        "流量类型": "自然流量",
        "是否修改过地址": "否",
        "仓库名称": "余杭仓",
        "是否安心购": "是",
    }


def order_rows(orders: Iterable[Order], header: list[str]) -> list[list[str]]:
    """Return orders under one of the two forms."""
    result = []
    for order in orders:
        cells = _order_cells(order)
        result.append([cells.get(name, "") for name in header])
    return result


def aftersale_rows(sales: Iterable[AfterSale]) -> list[list[str]]:
    """Return after-sales in the form of 50 columns."""
    result = []
    for sale in sales:
        order = sale.order
        cells = {
            "售后单号": f"{sale.id}\t",
            "订单号": f"{order.order_id}\t",
            "商品单号": f"{order.item_id}\t",
            "商品名称": order.product.name,
            "商品ID": order.product.id,
            "应付金额（元）": yuan(order.fen),
            "商品发货状态": "已发货" if "退货" in sale.type else "未发货",
            "售后类型": sale.type,
            "退商品金额（元）": yuan(order.fen if sale.refunded else 0),
            "售后状态": sale.status,
            "售后申请时间": local(sale.applied),
            "售后原因": sale.reason,
            "自动处理截止时间": local(sale.deadline),
            "同意售后申请时间": local(sale.agreed),
            "商家退款时间": local(sale.refunded),
            "用户到账时间": local(sale.refunded + 60_000 if sale.refunded else None),
            "仲裁状态": sale.arbitration,
            "纠纷责任方": sale.liable,
            "是否极速退款": "是" if sale.instant else "否",
            "是否拒签后退款": "否",
            "售后完结时间": local(sale.refunded),
            "操作人": "阿哲",
            "商家退货地址": "浙江省杭州市****",
            "商家退货联系人姓名": "李**",
            "商家退货联系人电话": "139****1111",
        }
        result.append([cells.get(name, "") for name in AFTERSALE])
    return result


def chat_rows(shop: Shop) -> list[list[str]]:
    """Return the chat record as one long table, in order of time."""
    rows = []
    for chat in shop.chats:
        for number, message in enumerate(chat.messages):
            rows.append(
                (
                    message.at,
                    [
                        chat.id,
                        local(message.at),
                        message.role,
                        message.who or ("买家" if message.role == "买家" else message.role),
                        "文本",
                        message.text,
                        chat.buyer,
                        message.order,
                        chat.product.id,
                        chat.entry if number == 0 else "",
                        str(chat.rating)
                        if chat.rating is not None and number == len(chat.messages) - 1
                        else "",
                    ],
                )
            )
    rows.sort(key=lambda row: row[0])
    return [row for _, row in rows]


def chat_text(shop: Shop, count: int) -> str:
    """Return some sessions as plain text with speaker marks."""
    parts = []
    for chat in shop.chats[:count]:
        parts.append(f"===== 会话 T{chat.id} =====")
        for message in chat.messages:
            who = f"{message.role}({message.who})" if message.who else message.role
            parts.append(f"{local(message.at)} {who}：{message.text}")
    return "\n".join(parts) + "\n"


def review_rows(reviews: Iterable[Review]) -> list[list[str]]:
    """Return reviews with how bad ones were handled."""
    return [
        [
            f"{r.id}\t",
            f"{r.order.order_id}\t",
            r.order.product.id,
            r.order.product.name,
            str(r.stars),
            r.text,
            local(r.at),
            r.reply,
            local(r.replied),
            r.outcome,
            local(r.handled),
            r.agent,
            r.order.creator,
        ]
        for r in reviews
    ]
