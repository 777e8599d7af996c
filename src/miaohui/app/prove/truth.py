"""What really happened, for the chaos proof: orders, after-sales with their histories, buyers' messages, recalls.

Written apart from the adapters and the mirror: it knows what was asked of the simulated platforms and which ids
and times they gave, and says what our database has to show. Times are milliseconds since 1970, money is fen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ORDER_WORDS = {
    "created": "unpaid", "paid": "paid", "pending": "to_ship", "partly_shipped": "partly_shipped",
    "shipped": "shipped", "completed": "completed", "cancelled": "cancelled",
}  # fmt: skip
# step → (status, arbitration; '' leaves it as it was)
AFTERSALE_WORDS = {
    "created": ("applied", "none"), "return_agreed": ("returning", ""), "goods_returned": ("returned", ""),
    "refund_agreed": ("succeeded", ""), "refunded": ("succeeded", ""), "refused": ("refused", ""),
    "closed": ("closed", ""), "modified": ("applied", ""),
    "arbitrate_applied": ("refused", "in_progress"), "evidence_wanted": ("refused", "evidence_wanted"),
    "evidence_given": ("refused", "in_progress"), "arbitrate_cancelled": ("refused", "withdrawn"),
    "concluded": ("succeeded", "for_buyer"), "platform_intervened": ("refused", "in_progress"),
}  # fmt: skip
ORDER_LIVES = (
    ("paid", "pending", "shipped", "completed"),
    ("paid", "shipped", "completed"),
    ("paid", "pending", "partly_shipped", "shipped"),
    ("cancelled",),
    ("paid", "cancelled"),
    ("paid", "pending"),
)
AFTERSALE_LIVES = (
    ("refund_agreed", "refunded"),
    ("return_agreed", "goods_returned", "refunded"),
    ("refused", "modified", "return_agreed", "goods_returned", "refunded"),
    ("refused", "arbitrate_applied", "evidence_wanted", "evidence_given", "concluded"),
    ("arbitrate_applied", "arbitrate_cancelled", "modified", "refund_agreed"),
    ("platform_intervened", "evidence_wanted", "concluded"),
    ("closed",),
    ("refused", "closed"),
)
KINDS = {0: "return_refund", 1: "refund_shipped", 2: "refund_unshipped", 3: "exchange"}


def _no_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


@dataclass
class Order:
    """One order. `asked`: what it was opened with; `made`: what the platform answered; `history`: (step, ms)."""

    asked: dict[str, Any]
    made: dict[str, Any]
    life: tuple[str, ...]
    history: list[tuple[str, int]] = field(default_factory=list)
    parcels: list[tuple[str, int]] = field(default_factory=list)
    cancel_reason: str = ""

    @property
    def id(self) -> str:
        """The platform's number."""
        return str(self.made["order_id"])

    @property
    def next_step(self) -> str | None:
        """What comes next in its life, None at the end."""
        done = len(self.history) - 1
        return self.life[done] if done < len(self.life) else None

    def note(self, step: str, answer: dict[str, Any]) -> None:
        """Write down a step with what the platform answered."""
        self.history.append((step, answer["update_time"] * 1000))
        for parcel in answer["logistics_info"][len(self.parcels) :]:
            self.parcels.append((str(parcel["tracking_no"]), parcel["ship_time"] * 1000))
        self.cancel_reason = answer["cancel_reason"]

    def _at(self, *steps: str, last: bool = False) -> int | None:
        found = [at for step, at in self.history if step in steps]
        return (found[-1] if last else found[0]) if found else None

    def expected(self) -> dict[str, Any]:
        """Return the fields that its row has to show."""
        placed = self.history[0][1]
        amount = self.asked["amount_fen"]
        return _no_empty(
            {
                "status": ORDER_WORDS[self.history[-1][0]], "order_fen": amount, "pay_fen": amount,
                "freight_fen": 0, "insurance_fen": 0, "placed_at": placed, "paid_at": self._at("paid"),
                "ship_due_at": placed + self.asked["ship_within_s"] * 1000,
                "shipped_at": self._at("shipped", "partly_shipped", last=True),
                "finished_at": self._at("completed"), "cancel_reason": self.cancel_reason,
                "buyer_note": self.asked["buyer_words"], "star": 0,
                "receiver_name_mask": self.asked["mask_receiver"],
                "receiver_phone_mask": self.asked["mask_tel"], "receiver_region": "浙江省 杭州市 余杭区",
                "tracking_nos": [number for number, _ in self.parcels],
            }
        )  # fmt: skip

    def expected_item(self) -> dict[str, Any]:
        """Return the fields that its only sub-order has to show."""
        item = self.made["sku_order_list"][0]
        return _no_empty(
            {
                "platform_item_id": str(item["order_id"]), "status": ORDER_WORDS[self.history[-1][0]],
                "product_id": str(item["product_id"]), "sku_id": str(item["sku_id"]),
                "product_name": self.asked["title"], "spec": self.asked["spec"],
                "item_count": self.asked["count"], "pay_fen": self.asked["amount_fen"],
                "author_id": str(self.asked["author_id"] or ""), "author_name": self.asked["author_name"],
                "room_id": str(self.asked["room_id"] or ""), "video_id": self.asked["video_id"],
                "comment_state": "none",
            }
        )  # fmt: skip

    def expected_parcels(self) -> dict[str, dict[str, Any]]:
        """Return what has to be known of each parcel."""
        carrier = {"carrier_code": "shunfeng", "carrier_name": "顺丰速运"}
        return {number: {**carrier, "shipped_at": at} for number, at in self.parcels}


@dataclass
class Aftersale:
    """One after-sale of an order."""

    asked: dict[str, Any]
    made: dict[str, Any]
    life: tuple[str, ...]
    history: list[tuple[str, int]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The platform's number."""
        return str(self.made["aftersale_info"]["aftersale_id"])

    @property
    def next_step(self) -> str | None:
        """What comes next, None at the end."""
        done = len(self.history) - 1
        return self.life[done] if done < len(self.life) else None

    def note(self, step: str, answer: dict[str, Any]) -> None:
        """Write down a step with what the platform answered."""
        self.history.append((step, answer["aftersale_info"]["update_time"] * 1000))
        self.made = answer

    def states(self) -> list[tuple[str, str]]:
        """Return (status, arbitration) after every step, in order."""
        found: list[tuple[str, str]] = []
        for step, _ in self.history:
            status, arbitration = AFTERSALE_WORDS[step]
            found.append((status, arbitration or found[-1][1]))
        return found

    def expected(self) -> dict[str, Any]:
        """Return the fields that its row has to show: what the platform's list tells."""
        status, arbitration = self.states()[-1]
        applied = self.history[0][1]
        return _no_empty(
            {
                "platform_order_id": self.asked["order_id"],
                "platform_item_id": self.made["order_info"]["related_order_info"][0]["sku_order_id"],
                "status": status, "kind": KINDS[self.asked["type"]], "arbitration": arbitration,
                "applied_at": applied, "status_deadline": applied + self.asked["deadline_s"] * 1000,
                "refund_fen": self.asked["refund_fen"], "refund_freight_fen": 0,
                "reason": self.asked["reason"], "has_buyer_received": "no", "arbitration_blame": "0",
            }
        )  # fmt: skip

    def only_in_details(self) -> dict[str, Any]:
        """Return fields that only pushes and the detail tell: shown right or not at all."""
        number = str(self.made["aftersale_info"]["arbitrate_id"])
        deadline = self.history[0][1] + self.asked["deadline_s"] * 1000
        return {
            "reason_code": "1", "arbitration_id": number if number != "0" else None,
            "arbitration_deadline": deadline,
        }  # fmt: skip


@dataclass
class Message:
    """One message of a buyer, as the platform has it."""

    id: str
    buyer: str
    name: str
    text: str
    at_ms: int
    recalled_ms: int | None = None


@dataclass
class Truth:
    """Everything that happened. `lost`: ids of messages and of recalls whose push never arrived."""

    orders: dict[str, Order] = field(default_factory=dict)
    aftersales: dict[str, Aftersale] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    lost_messages: set[str] = field(default_factory=set)
    lost_recalls: set[str] = field(default_factory=set)

    def note_lost(self, events: list[dict[str, Any]]) -> None:
        """Take in the 抖音 pushes that were never delivered: nobody can ask for these again."""
        names = {"im_receive_msg": self.lost_messages, "im_recall_msg": self.lost_recalls}
        for event in events:
            if event["event"] in names:
                names[event["event"]].add(str(event["content"]["server_message_id"]))

    def delivered_messages(self) -> dict[str, Message]:
        """Return what our database has to hold: every message that was delivered at least once."""
        return {key: one for key, one in self.messages.items() if key not in self.lost_messages}

    def is_recalled(self, message: Message) -> bool:
        """Tell whether we were told that a message was taken back."""
        return message.recalled_ms is not None and message.id not in self.lost_recalls
