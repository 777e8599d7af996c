"""The exports' forms: headers of domain.md §3 and the rows of the world under them."""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from miaohui.app.example_files.forms import AFTERSALE, CREATOR_IDS, ORIGINS
from miaohui.app.example_files.shop import Shop
from miaohui.app.example_files.world import AfterSale, Order, Review


def local(at: int | None) -> str:
    """Return a local time as the exports write it; '' for none."""
    if at is None:
        return ""
    return (datetime.fromtimestamp(at / 1000, UTC) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


def yuan(fen: int) -> str:
    """Return an amount with thousands separators."""
    return f"{fen / 100:,.2f}"


def _order_cells(order: Order) -> dict[str, str]:
    return {**_order_goods(order), **_order_course(order)}


def _order_goods(order: Order) -> dict[str, str]:
    off = max(0, order.product.fen - order.fen)
    price = yuan(order.product.fen)
    return {
        "主订单编号": f"{order.order_id}\t", "子订单编号": f"{order.item_id}\t", "选购商品": order.product.name, "商品规格": "均码",
        "货号": "均码", "商品数量": "1", "商品ID": order.product.id, "商家编码": f"SG{order.product.id[-3:]}", "商品单价": price,
        "商品金额": price, "订单应付金额": yuan(order.fen), "运费": "0.00", "优惠总金额": yuan(off), "平台优惠": "0.00",
        "商家优惠": yuan(off), "达人优惠": "0.00", "收件人": "张**", "收件人手机号": "138****0000", "省": "浙江省", "市": "杭州市",
        "区": "余杭区", "街道": "****", "详细地址": "****", "支付方式": "微信", "仓库名称": "余杭仓", "是否安心购": "是",
    }  # fmt: skip


def _order_course(order: Order) -> dict[str, str]:
    form, channel, source = ORIGINS[order.origin]
    return {
        "订单提交时间": local(order.created), "支付完成时间": local(order.paid), "订单完成时间": local(order.finished),
        "承诺发货时间": local(order.promised), "发货时间": local(order.shipped), "订单状态": order.status,
        "取消原因": order.cancel_reason, "售后状态": order.aftersale, "流量体裁": form, "流量渠道": channel, "流量来源": source,
        "达人昵称": order.creator, "达人ID": CREATOR_IDS.get(order.creator, ""), "APP渠道": "抖音", "订单类型": "普通订单",
        "流量类型": "自然流量", "是否修改过地址": "否",
    }  # fmt: skip


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
