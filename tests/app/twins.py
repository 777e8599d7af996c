"""Two shops in one running application, each with one of everything: what the authorisation matrix walks over.

Everything is made through the rooms' own actions. All texts of a shop carry its mark, so that a leak is seen
wherever it happens.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from miaohui.access import actions as access
from miaohui.access import queries
from miaohui.access.actions.tokens import TokenGrant
from miaohui.access.model import NOT_FOR_TOKENS, PERMISSIONS, ROLES, AccessPolicy
from miaohui.access.routes.proof import TOTP_CONTEXT
from miaohui.app.process import Process
from miaohui.buyers import actions as buyers
from miaohui.buyers import queries as buyers_queries
from miaohui.buyers.model import Strength
from miaohui.channels.model import Account, Inbound, Kind, Origin, Party, RawRequest, Role, parts
from miaohui.importing import actions as importing
from miaohui.importing.jobs.files import open_source
from miaohui.importing.jobs.preview import Answers, make_plan
from miaohui.importing.jobs.run import import_file
from miaohui.importing.jobs.uploads import keep
from miaohui.inbox import actions as inbox
from miaohui.inbox.actions import drafts
from miaohui.inbox.actions.deliveries import store_delivery
from miaohui.inbox.actions.files import add_attachment
from miaohui.inbox.actions.outcome import mark_delivered, mark_sending, mark_unknown
from miaohui.inbox.jobs.ports import blobs_of
from miaohui.inbox.model import ReplyDraft
from miaohui.kit import jobs
from miaohui.kit.jobs import JobRow
from miaohui.kit.tx import SYSTEM, Actor, Tx
from miaohui.shop import actions as shop
from miaohui.shop.actions import LivePlan, NewAccount, PromotionPlan
from miaohui.staff import actions as staff
from miaohui.staff.actions.agents import AgentDraft
from miaohui.trade import actions as trade
from miaohui.trade.model import (
    AftersaleFact,
    AftersaleKind,
    AftersaleStatus,
    BuyerId,
    OrderFact,
    OrderStatus,
    Source,
)
from miaohui.webhooks import actions as webhooks
from miaohui.webhooks.actions import Endpoint
from tests.importing.files import ORDER_HEADER, order

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


def furnish(process: Process, mark: str) -> Shop:
    """Make a shop with at least one object of every kind that an address or a body can name."""
    maker = _Maker(process, mark)
    for step in (
        maker.people, maker.channel, maker.talks, maker.work, maker.goods, maker.merges, maker.calendar,
        maker.doors, maker.letters, maker.nonsense, maker.failures,
    ):  # fmt: skip
        process.rt.lane.run_here(step, Actor("user", maker.made.users.get("owner"), f"老板{mark}"))
    maker.imports()
    maker.open_doors()
    return maker.made


class _Maker:
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

    # ---- trade, buyers

    def goods(self, tx: Tx) -> None:
        source = Source("doudian", self.ids["account"], tx.now, True)
        order = OrderFact(
            source, f"6900{self.mark}", OrderStatus.PAID, placed_at=tx.now,
            buyer_ids=(BuyerId("douyin_open_id", f"open-{self.mark}"),),
        )  # fmt: skip
        self.ids["order"] = trade.mirror_order(tx, self.id, order).id
        claim = AftersaleFact(
            source, f"7900{self.mark}", f"6900{self.mark}", f"6900{self.mark}01", AftersaleStatus.APPLIED,
            AftersaleKind.RETURN_REFUND, tx.now, tx.now + timedelta(hours=48), 100, 0, f"原因{self.mark}",
        )  # fmt: skip
        self.ids["aftersale"] = trade.mirror_aftersale(tx, self.id, claim).id
        self.ids["buyer"] = self._buyer(tx, "1")
        trade.link_buyer(tx, self.id, self.ids["order"], self.ids["buyer"], "测试")
        buyers.keep_phone(tx, self.id, self.ids["buyer"], "13800138000", self.vault, f"来源{self.mark}")

    def _buyer(self, tx: Tx, number: str) -> int:
        place = f"widget:{self.ids['account']}/v-{number}{self.mark}"
        return buyers.recognise_buyer(tx, self.id, "widget", place, f"买家{self.mark}")

    def merges(self, tx: Tx) -> None:
        """A merge that can be undone, and a proposal that waits for a decision."""
        self.ids["spare_buyer"] = self._buyer(tx, "spare")
        kept, gone = self._buyer(tx, "kept"), self._buyer(tx, "gone")
        self.ids["merge"] = buyers.merge_buyers(tx, self.id, kept, gone, "同一人")
        for number in ("left", "right"):
            place = f"widget:{self.ids['account']}/v-{number}{self.mark}"
            claim = buyers.order_evidence(f"6900{self.mark}", Strength.CLAIMED, "聊天")
            buyers.add_evidence(tx, self.id, "widget", place, claim)
        self.ids["proposal"] = buyers_queries.list_proposals(tx.conn, self.id)[0]["id"]

    # ---- the shop's own things

    def calendar(self, tx: Tx) -> None:
        soon = tx.now + timedelta(days=3)
        plan = LivePlan(f"直播{self.mark}", soon, soon + timedelta(hours=4), "一号间", f"主播{self.mark}")
        self.ids["live_session"] = shop.plan_live_session(tx, self.id, plan)
        big = PromotionPlan(f"大促{self.mark}", soon, soon + timedelta(days=2))
        self.ids["promotion"] = shop.plan_promotion(tx, self.id, big)
        shop.set_calendar_exception(tx, self.id, ON_DATE, f"假日{self.mark}", [["09:00", "18:00"]])
        self.ids["tier_proposal"] = shop.propose_tier(tx, self.id, 4_000.0, 7)

    def doors(self, tx: Tx) -> None:
        """Invitations and tokens."""
        users = self.made.users
        self.ids["invitation"] = access.invite(tx, self.id, f"新人{self.mark}", "agent", [], POLICY).id
        everything = set(PERMISSIONS) - NOT_FOR_TOKENS
        grant = TokenGrant(f"令牌{self.mark}", sorted(everything), 30, ROLES["owner"])
        self.ids["token"], _ = access.create_token(tx, self.id, users["owner"], grant, POLICY)

    def open_doors(self) -> None:
        """Log everybody in."""
        for who, user_id in self.made.users.items():
            origin = access.Origin("192.0.2.1", "测试")
            secret = self._write(lambda tx, u=user_id, o=origin: access.open_session(tx, u, o, POLICY))
            self.made.sessions[who] = secret
        owner = self.made.users["owner"]
        self._write(lambda tx: access.open_session(tx, owner, access.Origin("192.0.2.9", "旧"), POLICY))

        def newest(tx: Tx) -> int:
            found = queries.list_sessions(tx.conn, owner, tx.now, POLICY.session_idle_s)
            return int(next(one.id for one in found if one.ip == "192.0.2.9"))

        self.ids["session"] = self._write(newest)

    def imports(self) -> None:
        """A file that was imported, with its mapping kept; and one that was only uploaded."""
        for name in ("upload", "import"):
            line = order(1 if name == "import" else 2).replace("针织开衫", f"针织开衫{self.mark}")
            content = "\n".join((ORDER_HEADER, line, f"太短,{self.mark}"))
            kept = keep(self.rt.data_dir, self.id, f"{self.mark}.csv", io.BytesIO(content.encode()))
            facts = (f"{name}{self.mark}.csv", kept.path, kept.sha256, kept.size)
            upload_id = self._write(lambda tx, f=facts: importing.store_upload(tx, self.id, *f))
            self.ids["upload"] = self.ids.get("upload", upload_id)
        plan = make_plan(open_source(self.rt.data_dir / kept.path, f"{self.mark}.csv"), Answers())
        self.ids["import"] = import_file(self._write, self.id, plan).batch_id
        mapping = {f"{name}{self.mark}": name for name in ("item_id", "order_id", "created_ms", "pay_fen")}
        self.ids["signature"] = self._write(
            lambda tx: importing.save_template(
                tx, self.id, f"模板{self.mark}", "douyin_orders", mapping, list(mapping)
            )
        )

    def letters(self, tx: Tx) -> None:
        """Outgoing webhooks: an endpoint with a delivery."""
        new = Endpoint(f"https://hooks.example.com/{self.mark}", ("shop.tier_change_proposed",), self.mark)
        self.ids["endpoint"], _ = webhooks.add_endpoint(tx, self.vault, self.id, new)
        self.ids["webhook_delivery"] = webhooks.send_test(tx, self.id, self.ids["endpoint"])

    def nonsense(self, tx: Tx) -> None:
        """A delivery that cannot be read."""
        raw = RawRequest("POST", f"/hooks/widget/key-{self.mark}", {}, {}, f"oh{self.mark}".encode(), tx.now)
        store_delivery(tx, self.account(), raw)

    def failures(self, tx: Tx) -> None:
        """The delivery has failed, and a job has died."""
        self.pump.step(tx)
        found = tx.execute(
            text("SELECT id FROM inbox_deliveries WHERE shop_id = :s AND state = 'failed'"), {"s": self.id}
        )
        self.ids["delivery"] = int(found.scalar_one())
        self.ids["job"] = tx.ids.next()
        row = NewDeadJob(self.id, self.ids["job"], self.mark, tx.now)
        row.bury(tx)


@dataclass(frozen=True)
class NewDeadJob:
    """A job that died at once."""

    shop_id: int
    id: int
    mark: str
    at: datetime

    def bury(self, tx: Tx) -> None:
        """Store, claim and bury it."""
        args = {"note": self.mark}
        far = self.at - timedelta(days=900)
        jobs.insert_many(
            tx.conn,
            [jobs.NewJob(self.id, self.shop_id, "default", "sla.retarget_clocks", args, far, None, far)],
        )
        claimed: list[JobRow] = [
            j for j in jobs.claim(tx.conn, far + timedelta(seconds=1), "w", 5) if j.id == self.id
        ]
        jobs.bury(tx.conn, claimed[0], self.at, f"错误{self.mark}")
