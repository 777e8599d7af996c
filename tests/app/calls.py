"""How every route of the application is called, for the authorisation matrix.

A body, an address or a query names things by `Ref("kind")`; the matrix puts ids of the caller's own shop there,
ids of another shop, or ids of nothing. Whoever adds a route adds its line here: the matrix fails without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from miaohui.routing.model import Rules

NOWHERE = 4_000_000_000_000_000  # below 2^53, and no thing has it


@dataclass(frozen=True)
class Ref:
    """An id of a thing of this kind. `as_text`: where ids are written as text."""

    kind: str
    as_text: bool = False


@dataclass(frozen=True)
class Call:
    """How one route is called so that it gets as far as its business.

    `also`: further statuses that show that the route found everything it was pointed at (its platform is not
    there, the thing is in another state). `part`: fields whose foreign id is answered item by item, status 200.
    `says`: what the route answers about a thing that it does not know, where that is not 404 or 422.
    """

    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, Any] = field(default_factory=dict)
    has_file: bool = False
    also: tuple[int, ...] = ()
    part: tuple[str, ...] = ()
    says: int = 404


def fill(template: Any, ids: Mapping[str, Any], at: tuple[str, ...] = ()) -> Any:
    """Return the template with every `Ref` replaced; `ids` may hold an override by its place ('body.agent_id')."""
    if isinstance(template, Ref):
        found = ids.get(".".join(at), ids[template.kind])
        return str(found) if template.as_text else found
    if isinstance(template, Mapping):
        return {key: fill(value, ids, (*at, str(key))) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, ids, (*at, str(n))) for n, value in enumerate(template)]
    return template


def refs_in(template: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, Ref]]:
    """Give every `Ref` of a template with its place, 'agent_id' or 'conversation_ids.0'."""
    if isinstance(template, Ref):
        yield ".".join(at), template
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from refs_in(value, (*at, str(key)))
    elif isinstance(template, list):
        for n, value in enumerate(template):
            yield from refs_in(value, (*at, str(n)))


# What a parameter of an address means, wherever it stands; a route whose parameter means another thing says so.
PATH: dict[str, Any] = {
    "account_id": Ref("account"), "aftersale_id": Ref("aftersale"), "attachment_id": Ref("attachment"),
    "buyer_id": Ref("buyer"), "conversation_id": Ref("conversation"), "delivery_id": Ref("delivery"),
    "endpoint_id": Ref("endpoint"), "group_id": Ref("group"), "invitation_id": Ref("invitation"),
    "job_id": Ref("job"), "label_id": Ref("label"), "live_session_id": Ref("live_session"),
    "merge_id": Ref("merge"), "message_id": Ref("message"), "order_id": Ref("order"),
    "promotion_id": Ref("promotion"), "proposal_id": Ref("proposal"), "session_id": Ref("session"),
    "import_id": Ref("import"), "upload_id": Ref("upload"), "signature": Ref("signature"),
    "token_id": Ref("token"), "user_id": Ref("agent"), "view_id": Ref("view"),
    "kind": "guard_window", "on_date": "2031-05-01",
}  # fmt: skip

# Fields that end like ids of ours and are none.
NOT_OURS = {
    "client_id": "the caller's own idempotency key",
}

REASON = {"reason": "测试"}
SOON, LATER, LATEST = "2031-01-01T10:00:00Z", "2031-01-01T14:00:00Z", "2031-01-01T16:00:00Z"
LIVE = {"title": "直播", "planned_start_at": SOON, "planned_end_at": LATER}
BIG = {"name_zh": "大促", "starts_at": SOON, "ends_at": LATER}
FILTER = {
    "box": "open", "agent_id": Ref("agent"), "group_id": Ref("group"), "account_id": Ref("account"),
    "label_id": Ref("label"), "buyer_id": Ref("buyer"),
}  # fmt: skip
IMAGE = {"type": "image", "blob_id": Ref("attachment", as_text=True), "mime": "image/png", "name": "a.png"}
_RULES = {name: getattr(Rules(), name) for name in Rules.__dataclass_fields__}
RULES = {
    **_RULES,
    "mode": "priority",
    "entry_groups": {**_RULES["entry_groups"], "live": Ref("group", as_text=True)},
}
MANY = {"conversation_ids": [Ref("other_conversation")], "reason": "批量"}
SHIFT = {
    "from_user_id": Ref("first_agent"), "conversation_ids": [Ref("other_conversation")], "reason": "下班",
}  # fmt: skip
TALK = "/api/conversations/{conversation_id}"

CALLS: dict[str, Call | tuple[Call, ...]] = {
    # access
    "GET /api/session": Call(),
    "DELETE /api/session": Call(),
    "GET /api/sessions": Call(),
    "DELETE /api/sessions/{session_id}": Call(),
    "DELETE /api/sessions": Call(),
    "PUT /api/password": Call({"current": "falsch", "new": "neues langes Kennwort 7"}, also=(401,)),
    "GET /api/totp": Call(),
    "POST /api/totp": Call({"password": "falsch"}, also=(401,)),
    "POST /api/totp/confirmation": Call(
        {"enrolment_id": Ref("enrolment"), "code": "000000"}, also=(401, 422), says=409
    ),
    "POST /api/totp/removal": Call({"password": "falsch"}, also=(401,)),
    "POST /api/totp/recovery-codes": Call({"password": "falsch"}, also=(401,)),
    "GET /api/roles": Call(),
    "GET /api/users": Call(),
    "GET /api/users/{user_id}": Call(path={"user_id": Ref("member")}),
    "PUT /api/users/{user_id}/role": Call(
        {"role": "viewer", "version": 1, **REASON}, path={"user_id": Ref("member")}
    ),
    "POST /api/users/{user_id}/departure": Call({"version": 1, **REASON}, path={"user_id": Ref("member")}),
    "DELETE /api/users/{user_id}/sessions": Call(path={"user_id": Ref("member")}),
    "POST /api/users/{user_id}/password-reset": Call(path={"user_id": Ref("member")}),
    "DELETE /api/users/{user_id}/totp": Call(path={"user_id": Ref("member")}),
    "GET /api/invitations": Call(),
    "POST /api/invitations": Call({"display_name": "新人", "role": "agent", "group_ids": [Ref("group")]}),
    "DELETE /api/invitations/{invitation_id}": Call(),
    "POST /api/memberships": Call({"secret": "niemand"}, also=(410,)),
    "GET /api/tokens": Call(),
    "POST /api/tokens": Call({"label": "令牌", "permissions": ["inbox.read"], "days": 3}),
    "DELETE /api/tokens/{token_id}": Call(),
    "GET /api/audit": Call(),
    "GET /api/audit/verdict": Call(),
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
    # staff
    "GET /api/groups": Call(),
    "POST /api/groups": Call({"kind": "other", "name": "新组"}),
    "GET /api/groups/{group_id}": Call(),
    "PUT /api/groups/{group_id}": Call({"kind": "orders", "name": "新名", "version": 1}),
    "PUT /api/groups/{group_id}/overflow": Call({"group_ids": [Ref("other_group")], "version": 1}),
    "POST /api/groups/{group_id}/archival": Call(
        {**REASON, "version": 1}, path={"group_id": Ref("other_group")}
    ),
    "GET /api/skills": Call(),
    "POST /api/skills": Call({"code": "new_skill", "name_zh": "新技能"}),
    "GET /api/reserve": Call(),
    "PUT /api/reserve": Call({**REASON, "ratio": 0.2, "version": 0}),
    "GET /api/agents": Call(),
    "POST /api/agents": Call(
        {"user_id": Ref("viewer"), "display_name": "新客服", "group_ids": [Ref("group")]},
    ),
    "GET /api/agents/{user_id}": Call(),
    "PUT /api/agents/{user_id}": Call({"display_name": "改名", "group_ids": [Ref("group")], "version": 1}),
    "POST /api/agents/{user_id}/departure": Call(REASON, path={"user_id": Ref("spare_agent")}),
    "DELETE /api/agents/{user_id}/departure": Call(path={"user_id": Ref("spare_agent")}),
    "GET /api/agents/{user_id}/skills": Call(),
    "PUT /api/agents/{user_id}/skills": Call({"skills": [], "version": 0}),
    "GET /api/agents/{user_id}/capacity": Call(),
    "PUT /api/agents/{user_id}/capacity": Call({"max_concurrency": 9, **REASON, "version": 1}),
    "PUT /api/agents/{user_id}/reserve": Call(REASON),
    "DELETE /api/agents/{user_id}/reserve": Call(),
    # inbox
    "GET /api/labels": Call(),
    "POST /api/labels": Call({"name_zh": "新标签"}),
    "PUT /api/labels/{label_id}": Call({"name_zh": "改标签", "version": 1}),
    "DELETE /api/labels/{label_id}": Call(),
    f"PUT {TALK}/labels/{{label_id}}": Call(),
    f"DELETE {TALK}/labels/{{label_id}}": Call(),
    "GET /api/views": Call(),
    "POST /api/views": Call({"name_zh": "视图", "filter": FILTER}),
    "PUT /api/views/{view_id}": Call({"name_zh": "视图", "filter": FILTER, "version": 1}),
    "DELETE /api/views/{view_id}": Call(),
    "GET /api/drafts": Call(),
    f"PUT {TALK}/draft": Call({"text": "草稿", "parts": [IMAGE], "version": 1}),
    "GET /api/mentions": Call(),
    "POST /api/conversations/bulk": (
        Call({**MANY, "action": "assign", "agent_id": Ref("agent")}, part=("conversation_ids.0", "agent_id")),
        Call({**MANY, "action": "assign", "group_id": Ref("group")}, part=("conversation_ids.0", "group_id")),
        Call({**MANY, "action": "label", "label_id": Ref("label")}, part=("conversation_ids.0", "label_id")),
        Call(
            {**MANY, "action": "unlabel", "label_id": Ref("label")}, part=("conversation_ids.0", "label_id")
        ),
        Call({**MANY, "action": "close"}, part=("conversation_ids.0",)),
    ),
    "GET /api/deliveries": Call(),
    "POST /api/deliveries/{delivery_id}/replay": Call(),
    "GET /api/silences": Call(),
    "GET /api/conversations": Call(
        query={
            "agent_id": Ref("agent"),
            "group_id": Ref("group"),
            "account_id": Ref("account"),
            "label_id": Ref("label"),
            "buyer_id": Ref("buyer"),
        }
    ),  # fmt: skip
    "GET /api/conversations/counts": Call(),
    f"GET {TALK}": Call(),
    f"GET {TALK}/window": Call(),
    f"POST {TALK}/claim": Call(),
    f"POST {TALK}/assignment": (
        Call({"agent_id": Ref("agent"), **REASON}),
        Call({"group_id": Ref("group"), **REASON}),
        Call({"agent_id": Ref("agent"), "group_id": Ref("group"), **REASON}),
    ),
    f"POST {TALK}/closure": Call(REASON),
    f"POST {TALK}/reopening": Call(REASON),
    f"PUT {TALK}/priority": Call({"priority": 2, **REASON}),
    f"PUT {TALK}/snooze": Call({"until": LATER}),
    f"DELETE {TALK}/snooze": Call(),
    f"POST {TALK}/notes": Call({"text": "备注", "mentioned_user_ids": [Ref("agent")]}),
    f"POST {TALK}/reads": Call(),
    f"GET {TALK}/transcript.html": Call(),
    f"GET {TALK}/transcript.txt": Call(),
    f"GET {TALK}/messages": Call(query={"around": Ref("message")}),
    f"POST {TALK}/messages": Call(
        {
            "client_id": "client-matrix-1",
            "text": "您好",
            "parts": [IMAGE],
            "reply_to_message_id": Ref("message"),
        }
    ),  # fmt: skip
    f"POST {TALK}/messages/{{message_id}}/recall": Call(path={"message_id": Ref("reply")}),
    f"POST {TALK}/messages/{{message_id}}/verdict": Call(
        {"has_arrived": True}, path={"message_id": Ref("unknown_reply")}
    ),
    f"POST {TALK}/messages/{{message_id}}/reveals": Call({"reason": "核对收件电话"}),
    f"GET {TALK}/messages/{{message_id}}/history": Call(),
    f"POST {TALK}/typing": Call(),
    "GET /api/messages/search": Call(
        query={
            "q": "预售口令",
            "conversation_id": Ref("conversation"),
            "buyer_id": Ref("buyer"),
            "agent_id": Ref("agent"),
        }
    ),  # fmt: skip
    f"POST {TALK}/attachments": Call(has_file=True),
    # routing
    "PUT /api/presence": Call({"presence": "online"}),
    "PUT /api/agents/{user_id}/presence": Call({"presence": "online"}),
    "POST /api/presence/heartbeats": Call(),
    "GET /api/presence": Call(),
    "GET /api/agents/{user_id}/state-log": Call(),
    "GET /api/queue": Call(query={"group_id": Ref("group")}),
    f"GET {TALK}/routing": Call(),
    f"POST {TALK}/transfer": (
        Call({"to_user_id": Ref("agent"), "note": "转"}),
        Call({"to_group_id": Ref("group"), "note": "转"}),
    ),
    f"POST {TALK}/takeover": Call({"note": "接管"}),
    f"POST {TALK}/boosts": Call({"boost": "vip"}),
    "POST /api/reassignments": (
        Call({**SHIFT, "to_user_ids": [Ref("agent")]}, part=("conversation_ids.0", "to_user_ids.0")),
        Call({**SHIFT, "to_group_id": Ref("group")}, part=("conversation_ids.0", "to_group_id")),
    ),
    "GET /api/routing/settings": Call(),
    "PUT /api/routing/settings": Call({"rules": RULES, **REASON, "version": 0}),
    # sla
    "GET /api/clocks": Call(),
    "GET /api/clocks/slow-replies": Call(),
    "GET /api/clocks/conversations/{conversation_id}": Call(),
    "GET /api/sla/today": Call(),
    "GET /api/sla/rounds": Call(query={"agent_id": Ref("agent")}),
    "GET /api/sla/preview": Call(query={"group_id": Ref("group")}),
    "POST /api/sla/days/{on_date}/recount": Call(),
    # trade
    "GET /api/orders": Call(),
    "GET /api/orders/{order_id}": Call(),
    "POST /api/orders/{order_id}/refresh": Call(),
    # Trade does not know who is a buyer: nobody has no orders.
    "GET /api/buyers/{buyer_id}/orders": Call(says=200),
    "GET /api/aftersales": Call(),
    "GET /api/aftersales/due": Call(),
    "GET /api/aftersales/{aftersale_id}": Call(),
    "POST /api/aftersales/{aftersale_id}/refresh": Call(),
    "GET /api/products": Call(),
    "GET /api/trade/reconciles": Call(),
    # buyers
    "GET /api/buyers": Call(),
    "GET /api/buyers/proposals": Call(),
    "POST /api/buyers/proposals/{proposal_id}/decision": Call({"is_same": False}),
    "GET /api/buyers/{buyer_id}": Call(),
    "GET /api/buyers/{buyer_id}/evidence": Call(),
    "POST /api/buyers/{buyer_id}/merges": Call({"merged_id": Ref("spare_buyer"), **REASON}),
    "POST /api/buyers/merges/{merge_id}/undoing": Call(REASON),
    "GET /api/buyers/{buyer_id}/consents": Call(),
    "POST /api/buyers/{buyer_id}/consents": Call({"purpose": "outreach", "is_granted": False}),
    "POST /api/buyers/{buyer_id}/phone-reveals": Call(REASON),
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
    # phrasebook
    "GET /api/quick-replies": Call(),
    # importing
    "GET /api/imports/kinds": Call(),
    "POST /api/imports/uploads": Call(has_file=True, also=(422,)),
    "POST /api/imports/uploads/{upload_id}/preview": Call({}),
    "POST /api/imports": Call({"upload_id": Ref("upload"), "answers": {}}),
    "GET /api/imports": Call(),
    "GET /api/imports/templates": Call(),
    # Forgetting what is not there is done already.
    "DELETE /api/imports/templates/{signature}": Call(says=204),
    "GET /api/imports/{import_id}": Call(),
    "GET /api/imports/{import_id}/bad-rows": Call(),
    "POST /api/imports/{import_id}/cancellation": Call(),
    "POST /api/imports/{import_id}/undo": Call(REASON),
    # insight
    "GET /api/insight/report": Call(query={"platform": "douyin"}),
    "GET /api/insight/report/files/{form}": Call(path={"form": "xlsx"}),
    "GET /api/insight/responses": Call(query={"from_on": "2026-11-01", "to_on": "2026-11-30"}),
    "GET /api/insight/definitions": Call(),
    "GET /api/insight/policies": Call(),
    "PUT /api/insight/policies/{kind}": Call(
        {"effective_from": "2026-11-01", "value": {"days": []}}, path={"kind": "exemptions"}, also=(422,)
    ),
    "GET /api/insight/changes": Call(),
    "POST /api/insight/changes": Call({"rule": "none", "changed_on": "2026-11-01"}, also=(422,)),
    # the machine
    "GET /api/live/stream": Call(query={"topics": "nobody"}),
    "GET /api/jobs/dead": Call(),
    "POST /api/jobs/dead/{job_id}/replay": Call(),
    "GET /api/system": Call(),
}


def calls_of(key: str) -> tuple[Call, ...]:
    """Return the ways in which a route ('GET /api/shop') is called."""
    found = CALLS[key]
    return found if isinstance(found, tuple) else (found,)
