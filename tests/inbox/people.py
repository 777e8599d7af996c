"""People of the inbox's route tests, and short ways to let buyers speak."""

from __future__ import annotations

from miaohui.inbox.actions.conversation import assign_conversation
from miaohui.inbox.actions.facts import apply_fact
from tests.door import Answer, caller
from tests.inbox.desk import Desk
from tests.inbox.parts import later, line
from tests.world import BOB, SHOP_A

GROUP = 77
BOB_IN_GROUP = caller(BOB, "agent", group_ids=[GROUP])
DORA_ELSEWHERE = caller(9, "agent", group_ids=[88])


def talk(desk: Desk, buyer: str = "b1", text: str = "在吗", s: float = 0) -> int:
    """Let a buyer speak; returns the conversation."""
    fact = line(text, f"{buyer}-{text}-{s}", buyer, account=desk.account, at=later(s))
    desk.world.write(lambda tx: apply_fact(tx, desk.account, fact))
    query = f"SELECT id FROM inbox_conversations WHERE peer = 'c-{buyer}' ORDER BY id DESC"
    return int(desk.world.read(lambda conn: conn.exec_driver_sql(query).first())[0])


def give(desk: Desk, conversation_id: int, agent_id: int | None, group_id: int | None = GROUP) -> None:
    desk.world.write(
        lambda tx: assign_conversation(tx, SHOP_A, conversation_id, agent_id, group_id, "test", None)
    )


def ids(answer: Answer) -> list[int]:
    return [row["id"] for row in answer.body["items"]]
