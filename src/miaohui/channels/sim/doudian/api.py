"""The API side of the simulated 抖店: checks every call as the platform does, then answers from the books."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from miaohui.channels.sim.doudian import signing
from miaohui.channels.sim.doudian.shop import Shop
from miaohui.channels.sim.http import Request, Response, reply

SKEW_S = 600
TOKEN_LIFE_S = 604_800
REFRESH_LIFE_S = 1_209_600


class No(Exception):
    """The platform's refusal: code, sub_code, words."""

    def __init__(self, code: int, sub_code: str, words: str) -> None:
        super().__init__(sub_code)
        self.code, self.sub_code, self.words = code, sub_code, words


@dataclass
class Grant:
    """One access token that was given out. Units: Unix seconds."""

    shop_id: str
    access: str
    refresh: str
    expires_s: int
    refresh_expires_s: int


@dataclass
class App:
    """One registered app and the shops that authorised it."""

    key: str
    secret: str
    shops: dict[str, Shop]
    codes: dict[str, str] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    token_life_s: int = TOKEN_LIFE_S


class Api:
    """`answer(request)` is one call. `log` remembers every call for who wants to look."""

    def __init__(self, app: App, now_s: Callable[[], int]) -> None:
        self.app, self._now_s = app, now_s
        self.log: list[dict[str, Any]] = []
        self._serial = 0
        self._methods: dict[str, Callable[[Shop, dict[str, Any]], Any]] = {
            "order.searchList": _orders,
            "order.orderDetail": _order,
            "order.addOrderRemark": _remark,
            "afterSale.List": _aftersales,
            "afterSale.Detail": _aftersale,
            "order.getServiceList": _tickets,
            "order.replyService": _reply_ticket,
            "logistics.trackNoRouteDetail": _route,
        }

    def answer(self, request: Request, is_limited: bool = False) -> Response:
        """Return the answer to one API call."""
        self._serial += 1
        log_id = f"2026SIM{self._serial:012d}"
        entry = {
            "path": request.path,
            "method": request.query.get("method", ""),
            "code": 10000,
            "sub_code": "",
        }
        try:
            data, words = self._checked(request, is_limited), "success"
        except No as no:
            entry |= {"code": no.code, "sub_code": no.sub_code}
            data, words = None, no.words
        self.log.append(entry)
        envelope = {
            "code": entry["code"], "msg": words, "sub_code": entry["sub_code"], "sub_msg": words,
            "log_id": log_id, "data": data,
        }  # fmt: skip
        if request.headers.get("x-open-no-old-err-code") != "1":
            ok = entry["code"] == 10000
            envelope |= {"err_no": 0 if ok else entry["code"], "message": "success" if ok else words}
        return reply(envelope)

    def _checked(self, request: Request, is_limited: bool) -> Any:
        query = request.query
        method = request.path.strip("/").replace("/", ".")
        for name in ("app_key", "method", "timestamp", "v", "sign"):
            if not query.get(name):
                raise No(40001, f"isv.missing-parameter:{name}", f"缺少参数 {name}")
        if query["app_key"] != self.app.key or query["method"] != method or query["v"] != "2":
            raise No(40003, "isv.parameter-invalid", "app_key、method 或 v 错误")
        self._check_time(query["timestamp"])
        if query.get("sign_method") != "hmac-sha256":
            raise No(40003, "isv.signature-invalid", "签名算法应为 hmac-sha256")
        good = signing.expected(self.app.secret, query["app_key"], method, request.body, query["timestamp"])
        if not hmac.compare_digest(good.encode(), query["sign"].encode()):
            raise No(40003, "isv.signature-invalid", "签名校验失败")
        params = request.json()
        if is_limited:
            raise No(60000, "isv.traffic-limited", "触发流量限制")
        if method in ("token.create", "token.refresh"):
            return self._token(method, params)
        return self._call(method, query, params)

    def _check_time(self, timestamp: str) -> None:
        at = signing.seconds(timestamp)
        if at is None or abs(at - self._now_s()) > SKEW_S:
            raise No(40003, "isv.timestamp-invalid", "时间戳与平台相差超过 10 分钟")

    def _call(self, method: str, query: Mapping[str, str], params: dict[str, Any]) -> Any:
        shop = self._shop_of(query.get("access_token", ""))
        if method in self.app.denied:
            raise No(30001, "isv.app-permissions-insufficient", "应用没有该接口权限")
        handler = self._methods.get(method)
        if handler is None:
            raise No(70000, "isp.api-service-off", "接口不存在或已下线")
        return handler(shop, params)

    def _shop_of(self, access: str) -> Shop:
        for grant in self.app.grants:
            if grant.access == access:
                if grant.expires_s <= self._now_s():
                    raise No(40003, "isv.access-token-expired", "access_token 已过期")
                if grant.shop_id not in self.app.shops:
                    raise No(30001, "dop.authorization-closed", "店铺已取消授权")
                return self.app.shops[grant.shop_id]
        raise No(40003, "isv.access-token-no-existed", "access_token 不存在")

    def _token(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        shop_id = self._renewed(params) if method == "token.refresh" else self._authorised(params)
        if shop_id not in self.app.shops:
            raise No(30001, "dop.authorization-no-existed", "店铺未授权")
        now, number = self._now_s(), len(self.app.grants) + 1
        # A new token ends the old ones after five minutes at the latest.
        for grant in self.app.grants:
            if grant.shop_id == shop_id:
                grant.expires_s = min(grant.expires_s, now + 300)
                grant.refresh_expires_s = min(grant.refresh_expires_s, now)
        grant = Grant(
            shop_id, f"sim-access-{shop_id}-{number}", f"sim-refresh-{shop_id}-{number}",
            now + self.app.token_life_s, now + REFRESH_LIFE_S,
        )  # fmt: skip
        self.app.grants.append(grant)
        return {
            "access_token": grant.access, "expires_in": self.app.token_life_s, "refresh_token": grant.refresh,
            "scope": "SCOPE", "shop_id": int(shop_id), "shop_name": "秒回测试旗舰店", "authority_id": shop_id,
            "auth_subject_type": "MERCHANT",
        }  # fmt: skip

    def _authorised(self, params: dict[str, Any]) -> str:
        if params.get("grant_type") == "authorization_self":
            if params.get("test_shop") == "1":
                return next(iter(self.app.shops))
            return str(params.get("shop_id", ""))
        shop_id = self.app.codes.pop(str(params.get("code", "")), None)
        if shop_id is None:
            raise No(50001, "isv.code-expired", "授权码不存在或已过期（10 分钟内有效，只能用一次）")
        return shop_id

    def _renewed(self, params: dict[str, Any]) -> str:
        for grant in self.app.grants:
            if grant.refresh == params.get("refresh_token") and grant.refresh_expires_s > self._now_s():
                return grant.shop_id
        raise No(50001, "isv.refresh-token-expired", "refresh_token 已失效")


def _size(params: dict[str, Any]) -> int:
    size = int(params.get("size", 10))
    if not 0 < size <= 100:
        raise No(40003, "isv.parameter-invalid:size", "size 必须在 1–100 之间")
    return size


def _page(rows: list[Any], params: dict[str, Any], first: int) -> list[Any]:
    size = _size(params)
    start = (int(params.get("page", first)) - first) * size
    return rows[start : start + size]


def _orders(shop: Shop, params: dict[str, Any]) -> dict[str, Any]:
    key = params.get("order_by", "create_time")
    rows = [
        order for order in shop.orders.values()
        if params.get("update_time_start", 0) <= order["update_time"] <= params.get("update_time_end", 2**40)
        and params.get("create_time_start", 0) <= order["create_time"] <= params.get("create_time_end", 2**40)
    ]  # fmt: skip
    rows.sort(key=lambda order: (order[key], order["order_id"]), reverse=not params.get("order_asc", False))
    return {
        "shop_order_list": _page(rows, params, 0), "total": len(rows), "page": params.get("page", 0),
        "size": _size(params),
    }  # fmt: skip


def _order(shop: Shop, params: dict[str, Any]) -> dict[str, Any]:
    order = shop.orders.get(str(params.get("shop_order_id", "")))
    if order is None:
        raise No(50002, "isv.business-failed:2001", "订单不存在")
    return {"shop_order_detail": order}


def _remark(shop: Shop, params: dict[str, Any]) -> None:
    order = _order(shop, {"shop_order_id": params.get("order_id")})["shop_order_detail"]
    order["seller_words"] = str(params.get("remark", ""))
    order["seller_remark_stars"] = int(params.get("star", 0))


def _aftersales(shop: Shop, params: dict[str, Any]) -> dict[str, Any]:
    low, high = params.get("update_start_time", 0), params.get("update_end_time", 2**40)
    rows = [row for row in shop.aftersales.values() if low <= row["aftersale_info"]["update_time"] <= high]
    name, _, direction = (params.get("order_by") or ["apply_time desc"])[0].partition(" ")
    rows.sort(
        key=lambda row: (row["aftersale_info"][name], row["aftersale_info"]["aftersale_id"]),
        reverse=direction == "desc",
    )
    shown = _page(rows, params, 0)
    return {
        "items": shown,
        "total": len(rows),
        "page": params.get("page", 0),
        "has_more": len(shown) == _size(params),
    }


def _aftersale(shop: Shop, params: dict[str, Any]) -> dict[str, Any]:
    row = shop.aftersales.get(str(params.get("after_sale_id", "")))
    if row is None:
        raise No(50002, "isv.business-failed:3001", "售后单不存在")
    info = row["aftersale_info"]
    after_sale = {
        "after_sale_id": info["aftersale_id"],
        "after_sale_status": info["aftersale_status"],
        "after_sale_status_desc": info["aftersale_status_text"],
        "after_sale_type": info["aftersale_type"],
        "refund_total_amount": info["refund_amount"],
        "refund_post_amount": info["refund_post_amount"],
        "apply_time": info["apply_time"],
        "update_time": info["update_time"],
        "status_deadline": info["status_deadline"],
        "reason": row["text_part"]["reason_text"],
        "reason_code": 1,
    }
    arbitrate = {
        "arbitrate_id": info["arbitrate_id"], "arbitrate_status": info["arbitrate_status"],
        "arbitrate_status_deadline": str(info["status_deadline"]), "arbitrate_blame": info["arbitrate_blame"],
    }  # fmt: skip
    return {
        "process_info": {"after_sale_info": after_sale, "arbitrate_info": arbitrate, "logistics_info": {}},
        "order_info": {
            "shop_order_id": row["order_info"]["shop_order_id"],
            "sku_order_infos": row["order_info"]["related_order_info"],
        },
    }


def _tickets(shop: Shop, params: dict[str, Any]) -> dict[str, Any]:
    low, high = int(params.get("start_time", 0)), int(params.get("end_time", 2**40))
    key = params.get("order_by", "create_time")
    rows = [ticket for ticket in shop.tickets.values() if low <= int(ticket[key]) <= high]
    rows.sort(key=lambda ticket: (int(ticket[key]), ticket["id"]), reverse=params.get("order") != "ASC")
    return {"list": _page(rows, params, 1), "total": len(rows)}


def _reply_ticket(shop: Shop, params: dict[str, Any]) -> None:
    ticket = shop.tickets.get(str(params.get("id", "")))
    if ticket is None:
        raise No(50002, "isv.business-failed:4001", "服务单不存在")
    ticket["reply"] = str(params.get("reply", ""))
    ticket |= {"operate_status": 10, "operate_status_desc": "审核中"}


def _route(shop: Shop, params: dict[str, Any]) -> dict[str, Any]:
    nodes = shop.route(str(params.get("track_no", "")))
    return {
        "route_node_list": nodes,
        "track_info": {"track_no": params.get("track_no"), "express": params.get("logistics_code", "")},
    }


def encode_batch(messages: list[dict[str, Any]]) -> bytes:
    """Return the body of a push: a JSON array whose `data` is JSON text."""
    return json.dumps(messages, ensure_ascii=False, separators=(",", ":")).encode()
