"""Bodies that several calls share."""

from __future__ import annotations

from miaohui.routing.model import Rules
from tests.app.calls.call import Ref

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
