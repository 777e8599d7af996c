"""Calls of the routes of log-ins, people, groups, agents."""

from __future__ import annotations

from tests.app.calls.bodies import REASON
from tests.app.calls.call import Call, Ref

CALLS: dict[str, Call | tuple[Call, ...]] = {
    # access
    "GET /api/session": Call(),
    "DELETE /api/session": Call(),
    "GET /api/preferences": Call(),
    "PUT /api/preferences/{name}": Call({"value": ["desk"]}, path={"name": "tours"}),
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
}
