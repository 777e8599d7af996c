"""What else there is in a furnished shop: trade, buyers, plans, doors, files, letters, failures."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from miaohui.access import actions as access
from miaohui.access import queries
from miaohui.access.actions.tokens import TokenGrant
from miaohui.access.model import NOT_FOR_TOKENS, PERMISSIONS, ROLES
from miaohui.buyers import actions as buyers
from miaohui.buyers import queries as buyers_queries
from miaohui.buyers.model import Strength
from miaohui.channels.model import RawRequest
from miaohui.importing import actions as importing
from miaohui.importing.jobs.files import open_source
from miaohui.importing.jobs.preview import Answers, make_plan
from miaohui.importing.jobs.run import import_file
from miaohui.importing.jobs.uploads import keep
from miaohui.inbox.actions.deliveries import store_delivery
from miaohui.kit import jobs
from miaohui.kit.jobs import JobRow
from miaohui.kit.tx import Tx
from miaohui.routing.store import reserve
from miaohui.shop import actions as shop
from miaohui.shop.actions import LivePlan, PromotionPlan
from miaohui.trade import actions as trade
from miaohui.trade.model import (
    AftersaleFact,
    AftersaleKind,
    AftersaleStatus,
    BuyerId,
    OrderFact,
    OrderStatus,
    ProductFact,
    Source,
)
from miaohui.trade.model.tickets import ticket_from_list
from miaohui.webhooks import actions as webhooks
from miaohui.webhooks.actions import Endpoint
from tests.app.twins.floor import ON_DATE, POLICY, Floor
from tests.importing.files import ORDER_HEADER, order


class Maker(Floor):
    """Everything else of a shop."""

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
        product = ProductFact(source, f"3500{self.mark}", f"商品{self.mark}", price_fen=9_900)
        self.ids["product"] = trade.mirror_product(tx, self.id, product).id
        complaint = ticket_from_list(self.ids["account"], {
            "id": f"8800{self.mark}", "order_id": f"6900{self.mark}", "operate_status": 0,
            "detail": f"投诉{self.mark}", "create_time": "1795348000", "update_time": "1795348000",
        })  # fmt: skip
        assert complaint is not None
        self.ids["ticket"] = trade.mirror_ticket(tx, self.id, complaint).id
        self.ids["reserve_call"] = self._reserve_call(tx)
        self.ids["buyer"] = self._buyer(tx, "1")
        trade.link_buyer(tx, self.id, self.ids["order"], self.ids["buyer"], "测试")
        buyers.keep_phone(tx, self.id, self.ids["buyer"], "13800138000", self.vault, f"来源{self.mark}")

    def _reserve_call(self, tx: Tx) -> int:
        call_id = tx.ids.next()
        reserve.add_call(
            tx.conn, id=call_id, shop_id=self.id, user_id=self.made.users["owner"], group_id=self.ids["group"],
            state="called", called_at=tx.now, expires_at=tx.now + timedelta(hours=1), reason=self.mark,
            waited_s=90, waiting_count=1, detail={"against": {}},
        )  # fmt: skip
        return call_id

    def _buyer(self, tx: Tx, number: str) -> int:
        place = f"widget:{self.ids['account']}/v-{number}{self.mark}"
        return buyers.recognise_buyer(tx, self.id, "widget", place, f"买家{self.mark}")

    def merges(self, tx: Tx) -> None:
        """A merge that can be undone, and a proposal that waits for a decision."""
        self.ids["spare_buyer"] = self._buyer(tx, "spare")
        self.ids["erasure"] = buyers.ask_erasure(tx, self.id, self._buyer(tx, "forgotten"), "买家要求")
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
