"""The 抖店 adapter: pushes in, lists and details pulled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from miaohui.channels.doudian import pull, push
from miaohui.channels.doudian.client import Client
from miaohui.channels.model import (
    Account,
    Capabilities,
    Family,
    Http,
    HttpReply,
    Inbound,
    Page,
    RawRequest,
    Verdict,
    text_id,
)
from miaohui.channels.tokens import Tokens
from miaohui.kit.clock import Clock

CAPS = Capabilities(
    channel="doudian",
    name_zh="抖店",
    families=frozenset({Family.BUSINESS}),
    can_history=True,
    unverified=("push_retry_schedule", "push_deadline", "rate_limits", "error_codes", "sub_code_spelling"),
    notes_zh=(
        "只有订单、售后、仲裁、服务单、商品与物流；买家聊天（飞鸽）平台未开放接口，请用桥接渠道。"
        "没有评价接口与评价推送。推送视为可能重复、乱序、丢失，每 1–5 分钟按更新时间回拉核对。"
    ),
)


class Doudian:
    """`Ingress` and `Puller` of one platform for all its accounts."""

    caps = CAPS
    streams = pull.STREAMS

    def __init__(self, http: Http, tokens: Tokens, clock: Clock) -> None:
        self.client = Client(http, tokens, clock)
        self._clock = clock

    def verify(self, raw: RawRequest, account: Account) -> Verdict:
        """Return whether the platform sent it: `event-sign` over the raw bytes."""
        return push.verify(raw, account)

    def handshake(self, raw: RawRequest, account: Account) -> HttpReply | None:
        """Return None: 抖店 has no challenge; a probe (tag 0) is acknowledged like any delivery."""
        return None

    def decode(self, raw: RawRequest, account: Account) -> tuple[Inbound, ...]:
        """Return the facts of one delivery."""
        return push.decode(raw, account)

    def ack(self, ok: bool) -> HttpReply:
        """Return `{"code":0,"msg":"success"}`, or the failure that makes the platform push again."""
        return push.ACK if ok else push.NACK

    async def pull(self, account: Account, stream: str, since: datetime, cursor: str | None) -> Page:
        """Return one page of what changed since `since` minus the overlap. Raises: a ChannelError."""
        now = self._clock.now()
        window = pull.Window.parsed(cursor) if cursor else pull.Window.opened(account, since, now)
        path, params = pull.request(stream, window)
        rows = pull.rows_of(stream, await self.client.read(account, path, params))
        after = window.after([pull.update_time_s(row) for row in rows])
        return Page(tuple(pull.fact(stream, row, account) for row in rows), str(after) if after else None)

    async def fetch(self, account: Account, refs: Mapping[str, Any]) -> Inbound | None:
        """Return the present state of an order, an after-sale or a parcel's route. Raises: a ChannelError."""
        if after_sale_id := text_id(refs.get("aftersale_id")):
            params = {"after_sale_id": after_sale_id, "need_operation_record": False}
            data = await self.client.read(account, "afterSale/Detail", params)
            return pull.aftersale_detail_fact(data, account) if isinstance(data, Mapping) else None
        if tracking_no := text_id(refs.get("tracking_no")):
            params = {"track_no": tracking_no, "logistics_code": text_id(refs.get("logistics_code"))}
            data = await self.client.read(account, "logistics/trackNoRouteDetail", params)
            return pull.route_fact(data, tracking_no, account) if isinstance(data, Mapping) else None
        data = await self.client.read(
            account, "order/orderDetail", {"shop_order_id": text_id(refs.get("order_id"))}
        )
        detail = data.get("shop_order_detail", data) if isinstance(data, Mapping) else None
        return pull.order_fact(detail, account, "order_detail") if isinstance(detail, Mapping) else None
