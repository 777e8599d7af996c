"""Calls of the routes of the shop, its clocks, its webhooks."""

from __future__ import annotations

from tests.app.calls.bodies import BIG, LATEST, LIVE, REASON
from tests.app.calls.call import Call, Ref

CALLS: dict[str, Call | tuple[Call, ...]] = {
    # shop
    "GET /api/shop": Call(),
    "PATCH /api/shop": Call({"version": 1, "name": "新名字", "main_category": ""}),
    "GET /api/shop/tier-proposals": Call(),
    "POST /api/shop/tier-proposals/{proposal_id}/decision": Call(
        {"decision": "declined", **REASON}, path={"proposal_id": Ref("tier_proposal")}
    ),
    "GET /api/policies": Call(),
    "GET /api/policies/{kind}": Call(),
    "PUT /api/policies/{kind}": Call(
        {"version": 0, "value": {"before_s": 600, "after_s": 600, "target_s": 20}}, also=(422,)
    ),
    "POST /api/policies/{kind}/undo": Call({"version": 0, "undo_version": 0}),
    "GET /api/live-sessions": Call(),
    "POST /api/live-sessions": Call(LIVE),
    "GET /api/live-sessions/{live_session_id}": Call(),
    "PATCH /api/live-sessions/{live_session_id}": Call({**LIVE, "version": 1}),
    "POST /api/live-sessions/{live_session_id}/start": Call(),
    "POST /api/live-sessions/{live_session_id}/extension": Call({"planned_end_at": LATEST}),
    "POST /api/live-sessions/{live_session_id}/end": Call(REASON),
    "POST /api/live-sessions/{live_session_id}/cancellation": Call(REASON),
    "GET /api/promotions": Call(),
    "POST /api/promotions": Call(BIG),
    "PATCH /api/promotions/{promotion_id}": Call({**BIG, "version": 1}),
    "POST /api/promotions/{promotion_id}/cancellation": Call(REASON),
    "GET /api/calendar-exceptions": Call(),
    "PUT /api/calendar-exceptions/{on_date}": Call({"name_zh": "假日", "windows": []}),
    "DELETE /api/calendar-exceptions/{on_date}": Call(),
    "GET /api/channel-accounts": Call(),
    "POST /api/channel-accounts": Call(
        {"channel": "widget", "name": "窗口", "config": {}, "secrets": {"signing_key": "x" * 32}}
    ),
    "GET /api/channel-accounts/{account_id}": Call(),
    "PATCH /api/channel-accounts/{account_id}": Call({"version": 1, "name": "窗口"}),
    "PUT /api/channel-accounts/{account_id}/secrets": Call({"secrets": {"signing_key": "y" * 32}}),
    "POST /api/channel-accounts/{account_id}/states": Call({"state": "active", **REASON}),
    "POST /api/channel-accounts/{account_id}/checks": Call(),
    "GET /api/channels": Call(),
    # sla
    "GET /api/clocks": Call(),
    "GET /api/clocks/slow-replies": Call(),
    "GET /api/clocks/conversations/{conversation_id}": Call(),
    "GET /api/sla/today": Call(),
    "GET /api/sla/rounds": Call(query={"agent_id": Ref("agent")}),
    "GET /api/sla/preview": Call(query={"group_id": Ref("group")}),
    "POST /api/sla/days/{on_date}/recount": Call(),
    # webhooks
    "GET /api/webhooks": Call(),
    "POST /api/webhooks": Call({"url": "https://93.184.215.14/hook", "filters": ["*"]}),
    "GET /api/webhooks/{endpoint_id}": Call(),
    "PUT /api/webhooks/{endpoint_id}": Call(
        {"url": "https://93.184.215.14/hook", "filters": ["*"], "version": 1}
    ),
    "DELETE /api/webhooks/{endpoint_id}": Call(),
    "PUT /api/webhooks/{endpoint_id}/state": Call({"state": "active", **REASON}),
    "POST /api/webhooks/{endpoint_id}/secret": Call(),
    "POST /api/webhooks/{endpoint_id}/test": Call(),
    "GET /api/webhooks/{endpoint_id}/deliveries": Call(),
    "POST /api/webhooks/{endpoint_id}/replay": Call(),
    "GET /api/webhooks/deliveries/{delivery_id}": Call(path={"delivery_id": Ref("webhook_delivery")}),
    "POST /api/webhooks/deliveries/{delivery_id}/replay": Call(path={"delivery_id": Ref("webhook_delivery")}),
}
