"""One simulated 抖店 shop: orders, after-sales, tickets, parcels, and what each change pushes.

Ids are 19 digits on purpose: whoever puts them through a float loses them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

Push = Callable[[str, dict[str, Any]], None]
ORDER_STEPS: dict[str, tuple[str, int, str, str]] = {
    "paid": ("101", 105, "已支付", "pay_time"),
    "pending": ("110", 2, "备货中", "pay_time"),
    "partly_shipped": ("108", 101, "部分发货", "update_time"),
    "shipped": ("102", 3, "已发货", "ship_time"),
    "completed": ("103", 5, "已完成", "complete_time"),
    "cancelled": ("106", 4, "已取消", "cancel_time"),
}
AFTERSALE_STEPS: dict[str, tuple[str, int, int, str]] = {
    "return_agreed": ("202", 7, 0, "待买家退货"),
    "goods_returned": ("203", 11, 0, "待商家收货"),
    "refund_agreed": ("201", 12, 0, "同意退款"),
    "refunded": ("206", 12, 0, "退款成功"),
    "refused": ("204", 27, 0, "拒绝售后申请"),
    "return_refused": ("205", 27, 0, "拒绝退货申请"),
    "closed": ("207", 28, 0, "售后关闭"),
    "modified": ("208", 6, 0, "待商家处理"),
    "arbitrate_applied": ("212", 27, 1, "客服处理中"),
    "evidence_wanted": ("213", 27, 4, "待商家举证"),
    "evidence_given": ("214", 27, 1, "客服处理中"),
    "arbitrate_cancelled": ("215", 27, 255, "仲裁取消"),
    "concluded": ("216", 12, 2, "支持买家"),
    "platform_intervened": ("217", 27, 1, "平台介入"),
}
PRODUCTS = [
    ("3590217840192837465", "轻薄羽绒服女冬季短款", 29900),
    ("3590217840192837466", "加绒加厚卫衣男", 12900),
    ("3590217840192837467", "云感保湿面霜 50g", 16800),
    ("3590217840192837468", "家用空气炸锅 5L", 25900),
]


class Shop:
    """The shop's books. `push(tag, data)` is called once for each change that the platform announces."""

    def __init__(self, shop_id: str, now_s: Callable[[], int], push: Push, seed: int) -> None:
        self.shop_id, self._now_s, self._push = shop_id, now_s, push
        self._rng = random.Random(seed)
        self._next = 6_917_529_027_641_081_000 + self._rng.randrange(500)
        self.orders: dict[str, dict[str, Any]] = {}
        self.aftersales: dict[str, dict[str, Any]] = {}
        self.tickets: dict[str, dict[str, Any]] = {}

    def _id(self) -> int:
        self._next += self._rng.randrange(1, 97)
        return self._next

    def create_order(self, given: dict[str, Any]) -> dict[str, Any]:
        """Open an order (unpaid) and announce it (tag 100)."""
        now, order_id = self._now_s(), self._id()
        item = self._item(given, str(order_id))
        amount = item["pay_amount"]
        order = {
            "order_id": str(order_id), "shop_id": int(self.shop_id), "order_type": 0, "biz": 2,
            "open_id": given.get("open_id", f"1@#buyer-{order_id}"),
            "doudian_open_id": given.get("doudian_open_id", f"1@#dd-{order_id}"),
            "order_status": 1, "order_status_desc": "待支付", "main_status": 1, "main_status_desc": "待支付",
            "create_time": now, "update_time": now, "pay_time": 0, "finish_time": 0, "ship_time": 0,
            "exp_ship_time": now + int(given.get("ship_within_s", 172_800)),
            "order_amount": amount, "pay_amount": amount, "post_amount": 0, "post_insurance_amount": 0,
            "buyer_words": given.get("buyer_words", ""), "seller_words": "", "seller_remark_stars": 0,
            "cancel_reason": "",
            "mask_post_receiver": given.get("mask_receiver", "赵*"),
            "mask_post_tel": given.get("mask_tel", "138****0001"),
            "post_addr": {
                "province": {"name": "浙江省"}, "city": {"name": "杭州市"}, "town": {"name": "余杭区"},
            },
            "logistics_info": [],
            "sku_order_list": [item],
        }  # fmt: skip
        self.orders[str(order_id)] = order
        self._announce(order, "100", {"create_time": now})
        return order

    def _item(self, given: dict[str, Any], order_id: str) -> dict[str, Any]:
        product_id, title, price = self._rng.choice(PRODUCTS)
        count = int(given.get("count", 1))
        amount = int(given.get("amount_fen", price * count))
        return {
            "order_id": str(self._id()), "parent_order_id": order_id,
            "product_id": int(given.get("product_id", product_id)),
            "product_id_str": str(given.get("product_id", product_id)),
            "product_name": given.get("title", title), "sku_id": self._id(),
            "spec": [{"name": "颜色", "value": given.get("spec", "黑色")}],
            "item_num": count, "pay_amount": amount, "order_amount": amount, "order_status": 1, "is_comment": 0,
            "author_id": int(given.get("author_id", 0)), "author_name": given.get("author_name", ""),
            "room_id": int(given.get("room_id", 0)), "room_id_str": str(given.get("room_id", "")),
            "video_id": str(given.get("video_id", "")), "content_id": str(given.get("content_id", "")),
            "after_sale_info": {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0},
        }  # fmt: skip

    def advance_order(self, order_id: str, step: str, given: dict[str, Any]) -> dict[str, Any]:
        """Move an order one step and announce it. Raises: KeyError for an unknown order or step."""
        tag, status, words, time_field = ORDER_STEPS[step]
        order, now = self.orders[order_id], self._now_s()
        order |= {"order_status": status, "main_status": status, "update_time": now}
        order |= {"order_status_desc": words, "main_status_desc": words}
        for item in order["sku_order_list"]:
            item["order_status"] = status
        more: dict[str, Any] = {"update_time": now, time_field: now}
        if step == "paid":
            order["pay_time"] = now
            more |= {"pay_amount": order["pay_amount"], "pay_type": 1}
        if step in ("shipped", "partly_shipped"):
            more["logistics_msg"] = self._ship(order, given, now)
        if step == "completed":
            order["finish_time"] = now
        if step == "cancelled":
            order["cancel_reason"] = more["cancel_reason"] = given.get("reason", "买家取消")
        self._announce(order, tag, more)
        return order

    def _ship(self, order: dict[str, Any], given: dict[str, Any], now: int) -> dict[str, Any]:
        number = str(given.get("tracking_no", f"SF{self._id()}"))
        order["ship_time"] = now
        order["logistics_info"].append(
            {
                "tracking_no": number,
                "company": given.get("company", "shunfeng"),
                "company_name": given.get("company_name", "顺丰速运"),
                "ship_time": now,
                "delivery_id": str(self._id()),
                "product_info": [
                    {"sku_order_id": order["sku_order_list"][0]["order_id"], "product_count": 1}
                ],
            }
        )
        return {"logistics_code": number, "express_company_id": given.get("company", "shunfeng")}

    def _announce(self, order: dict[str, Any], tag: str, more: dict[str, Any]) -> None:
        subs = [int(item["order_id"]) for item in order["sku_order_list"]]
        common = {
            "p_id": int(order["order_id"]), "s_ids": subs, "shop_id": int(self.shop_id),
            "order_status": order["order_status"], "order_type": 0, "biz": 2,
        }  # fmt: skip
        self._push(tag, common | more)

    def create_aftersale(self, given: dict[str, Any]) -> dict[str, Any]:
        """Open an after-sale on an order and announce it (tag 200). Raises: KeyError."""
        order, now, aftersale_id = self.orders[str(given["order_id"])], self._now_s(), str(self._id())
        amount = int(given.get("refund_fen", order["pay_amount"]))
        info = {
            "aftersale_id": aftersale_id,
            "aftersale_order_type": 1,
            "aftersale_type": int(given.get("type", 0)),
            "aftersale_status": 6,
            "aftersale_status_text": "待商家处理",
            "related_id": order["order_id"],
            "apply_time": now,
            "update_time": now,
            "create_time": now,
            "status_deadline": now + int(given.get("deadline_s", 172_800)),
            "refund_amount": amount,
            "refund_post_amount": 0,
            "arbitrate_status": 0,
            "arbitrate_blame": 0,
            "arbitrate_id": "0",
            "got_pkg": 0,
            "return_logistics_code": "",
            "return_logistics_company_name": "",
            "left_urge_sms_count": 3,
        }
        row = {
            "aftersale_info": info,
            "order_info": {
                "shop_order_id": order["order_id"],
                "related_order_info": [{"sku_order_id": order["sku_order_list"][0]["order_id"]}],
            },
            "text_part": {
                "reason_text": given.get("reason", "质量问题"),
                "aftersale_status_text": "待商家处理",
            },
            "seller_logs": [],
        }
        self.aftersales[aftersale_id] = row
        self._announce_aftersale(row, "200", {"apply_time": now})
        return row

    def advance_aftersale(self, aftersale_id: str, step: str, given: dict[str, Any]) -> dict[str, Any]:
        """Move an after-sale one step and announce it. Raises: KeyError for an unknown one or step."""
        tag, status, arbitrate_status, words = AFTERSALE_STEPS[step]
        row, now = self.aftersales[aftersale_id], self._now_s()
        info = row["aftersale_info"]
        info |= {"aftersale_status": status, "update_time": now, "aftersale_status_text": words}
        info["arbitrate_status"] = arbitrate_status or info["arbitrate_status"]
        if "212" <= tag <= "218" and info["arbitrate_id"] == "0":
            info["arbitrate_id"] = str(self._id())
        # Arbitration pushes of the real platform carry no time at all.
        times = {} if "212" <= tag <= "218" else {"success_time" if tag == "206" else "agree_time": now}
        self._announce_aftersale(row, tag, times)
        return row

    def _announce_aftersale(self, row: dict[str, Any], tag: str, more: dict[str, Any]) -> None:
        info = row["aftersale_info"]
        order = row["order_info"]
        common = {
            "p_id": int(order["shop_order_id"]),
            "s_id": int(order["related_order_info"][0]["sku_order_id"]),
            "shop_id": int(self.shop_id),
            "aftersale_id": int(info["aftersale_id"]),
            "aftersale_status": info["aftersale_status"],
            "aftersale_type": info["aftersale_type"],
        }
        if "212" <= tag <= "218":
            common |= {"arbitrate_id": info["arbitrate_id"], "arbitrate_status": info["arbitrate_status"]}
            if tag == "216":
                common["arbitrate_conclusion"] = info["arbitrate_status"]
        else:
            common |= {"refund_amount": info["refund_amount"], "refund_post_amount": 0, "reason_code": 1}
        self._push(tag, common | more)

    def create_ticket(self, given: dict[str, Any]) -> dict[str, Any]:
        """Open a complaint ticket (服务单): the platform announces none, it must be pulled."""
        now, ticket_id = self._now_s(), self._id()
        ticket = {
            "id": ticket_id,
            "order_id": int(given.get("order_id", 0)),
            "operate_status": 0,
            "operate_status_desc": "待处理",
            "detail": given.get("detail", "买家投诉：长时间未发货"),
            "reply": "",
            "service_type": int(given.get("service_type", 1)),
            "create_time": str(now),
            "update_time": str(now),
            "reply_time": "",
            "shop_id": int(self.shop_id),
        }
        self.tickets[str(ticket_id)] = ticket
        return ticket

    def route(self, tracking_no: str) -> list[dict[str, Any]]:
        """Return the nodes of a parcel's route, [] for an unknown number."""
        for order in self.orders.values():
            for parcel in order["logistics_info"]:
                if parcel["tracking_no"] == tracking_no:
                    at = parcel["ship_time"]
                    return [
                        _node(at, "1", "已揽收", "杭州余杭"),
                        _node(at + 7200, "2", "运输中", "杭州中转"),
                    ]
        return []


def _node(at_s: int, state: str, words: str, site: str) -> dict[str, Any]:
    return {
        "content": f"【{site}】{words}", "timestamp": str(at_s), "state": state, "state_description": words,
        "site_name": site,
    }  # fmt: skip
