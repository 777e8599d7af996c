"""Who works in a furnished shop, and what buyers wrote to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from miaohui.access import actions as access
from miaohui.access.model import AccessPolicy
from miaohui.access.routes.proof import TOTP_CONTEXT
from miaohui.app.process import Process
from miaohui.channels.model import Account, Inbound, Kind, Origin, Party, Role, parts
from miaohui.inbox import actions as inbox
from miaohui.inbox.actions import drafts
from miaohui.inbox.actions.files import add_attachment
from miaohui.inbox.actions.outcome import mark_delivered, mark_sending, mark_unknown
from miaohui.inbox.jobs.ports import blobs_of
from miaohui.inbox.model import ReplyDraft
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.shop import actions as shop
from miaohui.shop.actions import NewAccount
from miaohui.staff import actions as staff
from miaohui.staff.actions.agents import AgentDraft

POLICY = AccessPolicy()
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "0000000500010d0a2db40000000049454e44ae426082"
)
ON_DATE = date(2031, 5, 1)


@dataclass
class Shop:
    """One shop and what is in it. `ids`: kind of thing → id; `sessions`: who → the secret of a log-in."""

    mark: str
    id: int
    ids: dict[str, Any] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    def headers(self, who: str) -> dict[str, str]:
        """Return what a browser of `who` sends."""
        return {"cookie": f"miaohui_session={self.sessions[who]}", "x-miaohui-csrf": "1"}


class Floor:
    """People, a channel, conversations and the work around them."""

    def __init__(self, process: Process, mark: str) -> None:
        self.rt, self.mark = process.rt, mark
        self.vault = self.rt.ports["vault"]
        self.made = Shop(mark, self._write(lambda tx: shop.create_shop(tx, f"店铺{mark}")))
        self.pump = next(p for p in process.assembly.pumps if p.name == "inbox.deliveries")

    @property
    def id(self) -> int:
        return self.made.id

    @property
    def ids(self) -> dict[str, Any]:
        return self.made.ids

    def _write(self, fn: Callable[[Tx], Any]) -> Any:
        return self.rt.lane.run_here(fn, SYSTEM)

    # ---- who works here

    def people(self, tx: Tx) -> None:
        made = self.made
        made.groups = staff.ensure_default_groups(tx, self.id)
        pre_sale, orders = made.groups["pre_sale"], made.groups["orders"]
        self.ids["group"], self.ids["other_group"] = orders, made.groups["live"]
        seats = {"supervisor": (pre_sale,), "agent": (pre_sale,), "agent2": (orders,), "agent3": (orders,)}
        for who in ("owner", "manager", "supervisor", "agent", "agent2", "agent3", "inspector", "viewer"):
            role = who.rstrip("23")
            name = f"{who}{self.mark}"
            user_id = made.users[who] = access.create_user(tx, name, name)
            access.grant_role(tx, self.id, user_id, role)
            if who in seats:
                staff.add_agent(tx, self.id, AgentDraft(user_id, name, seats[who], 20))
        self.ids["agent"] = self.ids["member"] = made.users["agent2"]
        self.ids["spare_agent"], self.ids["first_agent"] = made.users["agent3"], made.users["agent"]
        self.ids["viewer"] = made.users["viewer"]
        self.ids["enrolment"] = access.enrol_totp(
            tx, made.users["owner"], self.vault.seal("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", TOTP_CONTEXT)
        )
        staff.add_skill_kind(tx, self.id, f"skill_{self.mark}", f"技能{self.mark}")
        staff.join_reserve(tx, self.id, made.users["agent3"], "备班")

    def channel(self, tx: Tx) -> None:
        new = NewAccount(
            "widget", f"窗口{self.mark}", {"note": self.mark}, {"signing_key": f"{self.mark}-secret"},
            f"key-{self.mark}",
        )  # fmt: skip
        self.ids["account"] = shop.add_channel_account(tx, self.vault, self.id, new)

    def account(self) -> Account:
        return Account(self.id, self.ids["account"], f"key-{self.mark}", "widget", {}, {"signing_key": "x"})

    # ---- what buyers wrote

    def said(self, tx: Tx, buyer: str, text: str, *, entry: str = "其他", number: int = 1) -> Any:
        """Take in a buyer's line; return what became of it."""
        who = Party(Role.BUYER, buyer, f"买家{self.mark}", f"widget:{self.ids['account']}")
        fact = Inbound(
            "widget", f"key-{self.mark}", f"w:{buyer}:{number}", Kind.MESSAGE, tx.now, who, f"c:{buyer}",
            f"{buyer}:{number}", origin=Origin.WIDGET, entry=entry,
            parts=(parts.Text(f"{text} {self.mark}"),), refs={"note": self.mark},
        )  # fmt: skip
        return inbox.receive_message(tx, self.account(), fact)

    def talks(self, tx: Tx) -> None:
        """Three conversations: one in group `pre_sale` with `agent`, one to be merged, one that was closed."""
        first = self.said(tx, f"v-1{self.mark}", "预售口令")
        self.ids["conversation"], self.ids["message"] = first.conversation_id, first.message_id
        self.ids["other_conversation"] = self.said(tx, f"v-2{self.mark}", "你好").conversation_id
        self.ids["closed_conversation"] = self.said(tx, f"v-3{self.mark}", "再见").conversation_id
        users, pre_sale = self.made.users, self.made.groups["pre_sale"]
        for name in ("conversation", "other_conversation", "closed_conversation"):
            inbox.assign_conversation(
                tx, self.id, self.ids[name], users["agent"], pre_sale, "转接", users["owner"]
            )
        inbox.close_conversation(tx, self.id, self.ids["closed_conversation"], "agent", users["owner"])
        blob = blobs_of(self.rt).put(PNG)
        self.ids["attachment"] = add_attachment(
            tx, self.id, self.ids["conversation"], blob, f"{self.mark}.png"
        )

    def work(self, tx: Tx) -> None:
        """Notes, labels, views, drafts, replies in every state."""
        owner, talk = self.made.users["owner"], self.ids["conversation"]
        inbox.add_note(
            tx, self.id, talk, f"备注{self.mark}", [self.made.users["agent"], self.made.users["owner"]]
        )
        self.ids["label"] = inbox.create_label(tx, self.id, f"标签{self.mark}", "#112233")
        inbox.put_label(tx, self.id, talk, self.ids["label"])
        self.ids["view"] = drafts.save_view(tx, self.id, owner, f"视图{self.mark}", {"box": "open"})
        drafts.save_view(tx, self.id, None, f"共享{self.mark}", {"box": "open"})
        drafts.save_draft(tx, (self.id, talk, owner), f"草稿{self.mark}", [], 0)
        for name in ("reply", "unknown_reply"):
            draft = ReplyDraft((parts.Text(f"答复 {self.mark} {name}"),))
            sent = inbox.reply(tx, self.id, talk, draft, owner, f"client-{name}-{self.mark}")
            mark_sending(tx, self.id, sent, 1, "")
            self.ids[name] = sent
        mark_unknown(tx, self.id, self.ids["unknown_reply"], {"reason": "timeout"})
        mark_delivered(tx, self.id, self.ids["reply"], f"platform-{self.mark}", "receipt")
        waiting = ReplyDraft((parts.Text(f"排队 {self.mark}"),))
        self.ids["queued_reply"] = inbox.reply(
            tx, self.id, talk, waiting, owner, f"client-queued-{self.mark}"
        )
