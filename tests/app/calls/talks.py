"""Calls of the routes of conversations and who gets them."""

from __future__ import annotations

from tests.app.calls.bodies import FILTER, IMAGE, LATER, MANY, REASON, RULES, SHIFT, TALK
from tests.app.calls.call import Call, Ref

CALLS: dict[str, Call | tuple[Call, ...]] = {
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
        *(
            Call({**MANY, "action": name}, part=("conversation_ids.0",))
            for name in ("close", "reopen", "wake")
        ),
        Call({**MANY, "action": "snooze", "until": LATER}, part=("conversation_ids.0",)),
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
    f"POST {TALK}/messages/{{message_id}}/media": Call(also=(409,)),  # its text has no file to fetch
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
    f"GET {TALK}/cards": Call(),
    f"POST {TALK}/cards": (
        Call({"client_id": "client-card-1", "order_id": Ref("order")}),
        Call({"client_id": "client-card-2", "product_id": Ref("product")}),
    ),
    f"GET {TALK}/rating-invitation": Call(),
    f"POST {TALK}/rating-invitation": Call(also=(409,)),  # once in a conversation, whoever asks
    # routing
    "PUT /api/presence": Call({"presence": "online"}),
    "PUT /api/agents/{user_id}/presence": Call({"presence": "online"}),
    "POST /api/presence/heartbeats": Call(),
    "GET /api/presence": Call(),
    "GET /api/agents/{user_id}/state-log": Call(),
    "GET /api/reserve-calls": Call(),
    "POST /api/reserve-calls/{call_id}/answer": Call({"accepts": False}),
    "POST /api/reserve-calls/{call_id}/end": Call(),
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
    # phrasebook
    "GET /api/quick-replies": Call(),
}
