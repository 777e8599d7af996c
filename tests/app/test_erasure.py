"""A person's data erased by buyer id: gone from every table, the index, the feed and the files (R20)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from miaohui.access.model import ROLES
from miaohui.app import cli
from miaohui.app.process import Process
from miaohui.app.settings import Settings
from miaohui.buyers import actions as buyers
from miaohui.buyers import queries as buyers_queries
from miaohui.buyers.model import Decision
from miaohui.channels.model import Account, Inbound, Kind, Origin, Party, RawRequest, Role, parts
from miaohui.channels.web_widget.visitor import Visitor, issue_token
from miaohui.inbox import actions as inbox
from miaohui.inbox.actions.deliveries import store_delivery
from miaohui.inbox.actions.files import add_upload
from miaohui.inbox.actions.notes import add_note
from miaohui.inbox.jobs import blobs_of
from miaohui.inbox.model import ReplyDraft
from miaohui.kit.erasing import compact
from miaohui.kit.errors import Refusal
from miaohui.kit.tx import SYSTEM, Actor, Tx
from miaohui.shop import actions as shop
from miaohui.shop.actions import NewAccount
from miaohui.trade import actions as trade
from miaohui.trade.model import OrderFact, OrderStatus, Source

SECRET = "青花瓷茶杯碎了三只zqxjkv"
REPLY = "马上给您补发三只wvyzqk"
NOTE = "这位买家住在幸福小区qqzzww"
NAME, PHONE = "欧阳锋翔", "13912345678"
KEYS = {"signing_key": "s" * 32}
CANARIES = (
    SECRET,
    "zqxjkv",
    REPLY,
    "wvyzqk",
    NOTE,
    "qqzzww",
    NAME,
    PHONE,
    "留言给卖家kkjjhh",
    "kkjjhh",
    "139****5678",
)


class Town:
    """A running process with one widget, one buyer who wrote, and another who stays."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.runner = settings, asyncio.Runner()
        self.process = Process(settings)
        self.rt = self.process.rt
        self.runner.run(self.process.start())
        self.shop_id = self.write(lambda tx: shop.create_shop(tx, "店铺"))
        new = NewAccount("widget", "窗口", {}, KEYS, "w-1")
        account_id = self.write(
            lambda tx: shop.add_channel_account(tx, self.rt.ports["vault"], self.shop_id, new)
        )
        self.account = Account(self.shop_id, account_id, "w-1", "widget", {}, KEYS)

    def write(self, fn: Callable[[Tx], Any], actor: Actor = SYSTEM) -> Any:
        return self.runner.run(self.rt.write(actor, fn))

    def read(self, fn: Callable[[Any], Any]) -> Any:
        return self.runner.run(self.rt.read(fn))

    def rows(self, sql: str) -> list[Any]:
        return list(self.read(lambda conn: conn.execute(text(sql)).all()))

    def token(self, visitor: str, name: str) -> str:
        return issue_token(self.account, Visitor(visitor, name), self.rt.clock.now())

    def frame(
        self, visitor: str, name: str, said: str, frame_id: str, at: Any = None, token: str = ""
    ) -> RawRequest:
        """A visitor's delivery, stored as the door stores it."""
        body = json.dumps(
            {"type": "message", "id": frame_id, "parts": [{"type": "text", "text": said}]}
        ).encode()
        raw = RawRequest(
            "POST", "/widget/w-1/frames", {"x-miaohui-visitor": token or self.token(visitor, name)}, {}, body,
            at or self.rt.clock.now(),
        )  # fmt: skip
        self.write(lambda tx: store_delivery(tx, self.account, raw))
        self.settle()
        return raw

    def settle(self, rounds: int = 400) -> None:
        """Wait until neither a delivery nor a job waits."""
        waiting = (
            "SELECT (SELECT count(*) FROM inbox_deliveries WHERE state = 'waiting')"
            " + (SELECT count(*) FROM kit_jobs WHERE state IN ('queued', 'running') AND run_at_ms <= :now)"
        )
        for _ in range(rounds):
            now = int(self.rt.clock.now().timestamp() * 1000)
            if self.read(lambda conn, at=now: conn.execute(text(waiting), {"now": at}).scalar_one()) == 0:
                return
            self.runner.run(asyncio.sleep(0.02))
        raise AssertionError(self.rows("SELECT kind, state, error FROM kit_jobs WHERE state <> 'done'"))

    def stop(self) -> None:
        self.runner.run(self.process.stop())
        self.runner.close()


@pytest.fixture
def town(tmp_path: Path, test_url: Callable[[Path], str]) -> Iterator[Town]:
    made = Town(Settings(data_dir=tmp_path, database=test_url(tmp_path)))
    yield made
    made.stop()


def lived(town: Town) -> int:
    """Let the buyer leave traces everywhere; returns their id."""
    town.frame("v1", NAME, SECRET, "f1")
    ((talk, buyer_id),) = town.rows("SELECT id, buyer_id FROM inbox_conversations")
    vault, at = town.rt.ports["vault"], town.rt.clock.now()
    blob = blobs_of(town.rt).put(f"{SECRET} 附件".encode())

    def leave(tx: Tx) -> None:
        inbox.reply(tx, town.shop_id, talk, ReplyDraft((parts.Text(REPLY),)), None, "client-erase")
        add_note(tx, town.shop_id, talk, NOTE)
        add_upload(tx, town.account, "v:v1", blob, f"{SECRET}.txt")
        buyers.keep_phone(tx, town.shop_id, buyer_id, PHONE, vault, f"聊天 {PHONE}")
        no = Decision("outreach", False, "", "agent", f"买家说不要 {PHONE}")
        buyers.record_consent(tx, town.shop_id, buyer_id, no)
        order = OrderFact(
            Source("doudian", 9, at, True), "6900", OrderStatus.PAID, placed_at=at, receiver_name_mask="欧**",
            receiver_phone_mask="139****5678", buyer_note="留言给卖家kkjjhh",
        )  # fmt: skip
        order_id = trade.mirror_order(tx, town.shop_id, order).id
        trade.link_buyer(tx, town.shop_id, order_id, buyer_id, "订单卡片")

    town.write(leave)
    town.settle()
    return int(buyer_id)


def traces(folder: Path) -> dict[str, list[str]]:
    """Return which canaries stand in which file of the installation."""
    found: dict[str, list[str]] = {}
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        hits = [one for one in CANARIES if one.encode() in data or json.dumps(one)[1:-1].encode() in data]
        if hits:
            found[path.name] = hits
    return found


def erase(town: Town, buyer_id: int) -> dict[str, Any]:
    erasure_id = town.write(lambda tx: buyers.ask_erasure(tx, town.shop_id, buyer_id, "买家来电要求"))
    town.settle()
    found = town.read(lambda conn: buyers_queries.find_erasure(conn, town.shop_id, erasure_id))
    assert found["done_at"] is not None
    return dict(found)


def test_nothing_of_a_person_is_left_in_any_file_after_the_erasure(town: Town, tmp_path: Path) -> None:
    buyer_id = lived(town)
    if town.rt.db.is_sqlite:
        assert traces(tmp_path)  # the canaries do stand there before
    town.frame("v2", "另一位", "我的也碎了ppooii", "g1")
    found = erase(town, buyer_id)
    assert (
        found["counts"]["messages"] >= 2
        and found["counts"]["deliveries"] == 1
        and found["counts"]["files"] == 1
    )
    assert found["counts"]["orders"] == 1 and found["counts"]["events"] > 0
    if town.rt.db.is_sqlite:
        assert traces(tmp_path) == {}
        assert (
            found["compacted_at"] is not None or town.rows("SELECT compacted_at FROM buyers_erasures")[0][0]
        )
    said = [row[0] for row in town.rows("SELECT text FROM inbox_messages ORDER BY id")]
    assert said.count("（已按买家要求删除）") >= 2 and "我的也碎了ppooii" in said
    assert town.rows("SELECT name_zh FROM buyers_people ORDER BY id")[0][0] == "已删除的买家"


def test_what_is_delivered_again_stays_erased_and_what_is_new_is_taken_in(town: Town, tmp_path: Path) -> None:
    first = town.token("v1", NAME)
    raw = town.frame("v1", NAME, SECRET, "f1", token=first)
    ((buyer_id,),) = town.rows("SELECT buyer_id FROM inbox_conversations")
    erase(town, int(buyer_id))
    town.write(lambda tx: store_delivery(tx, town.account, raw))  # the very same bytes
    town.frame(
        "v1", NAME, SECRET + "!", "f1", raw.received_at, first
    )  # the same message with another content
    # Never seen before, but of the erased time: a platform whose clock counts delivers hours later.
    late = Inbound(
        "widget", "w-1", "late", Kind.MESSAGE, raw.received_at, Party(Role.BUYER, "v1", NAME, "widget:w-1"),
        "v:v1", "late", origin=Origin.WIDGET, parts=(parts.Text(f"迟到的{SECRET}"),),
    )  # fmt: skip
    assert town.write(lambda tx: inbox.receive_message(tx, town.account, late)).outcome == "erased"
    assert [row[0] for row in town.rows("SELECT text FROM inbox_messages")] == ["（已按买家要求删除）"]
    assert town.rows("SELECT count(*) FROM inbox_conflicts")[0][0] == 0
    town.runner.run(town.rt.in_thread(lambda: compact(town.rt.db)))
    if town.rt.db.is_sqlite:
        assert traces(tmp_path) == {}
    town.frame("v1", "", "我又来了", "f9")
    assert [row[0] for row in town.rows("SELECT text FROM inbox_messages ORDER BY id")][-1] == "我又来了"
    assert town.rows("SELECT count(*) FROM inbox_conversations")[0][0] == 2


def test_a_later_pull_of_the_order_does_not_bring_the_receiver_back(town: Town) -> None:
    buyer_id = lived(town)
    erase(town, buyer_id)
    at = town.rt.clock.now()
    again = OrderFact(
        Source("doudian", 9, at, True), "6900", OrderStatus.SHIPPED, receiver_name_mask="欧**",
        receiver_phone_mask="139****5678", buyer_note="留言给卖家kkjjhh",
    )  # fmt: skip
    town.write(lambda tx: trade.mirror_order(tx, town.shop_id, again))
    ((registers, status),) = town.rows("SELECT registers, status FROM trade_orders")
    assert status == "shipped" and "139****5678" not in str(registers) and "kkjjhh" not in str(registers)


def test_an_opt_out_outlives_the_erasure_and_the_audit_tells_who_asked(town: Town) -> None:
    buyer_id = lived(town)
    erase(town, buyer_id)
    assert town.read(lambda conn: buyers_queries.has_opted_out(conn, town.shop_id, buyer_id, "outreach"))
    audit = town.rows(
        "SELECT action, subject, detail FROM kit_audit WHERE action LIKE 'buyers.%eras%' ORDER BY id"
    )
    assert [row[0] for row in audit] == ["buyers.erasure_asked", "buyers.erased"]
    assert all(row[1] == f"buyer:{buyer_id}" for row in audit) and "买家来电要求" in str(audit[0][2])
    assert not any(one in str(audit) for one in CANARIES)


def test_an_erasure_wants_a_reason_a_known_buyer_and_no_other_erasure_under_way(town: Town) -> None:
    buyer_id = lived(town)
    for who, why, code in ((buyer_id, " ", "buyers.no_reason"), (12345, "x", "kit.not_found")):
        with pytest.raises(Refusal) as refused:
            town.write(lambda tx, w=who, y=why: buyers.ask_erasure(tx, town.shop_id, w, y))
        assert refused.value.code == code

    def twice(tx: Tx) -> None:
        buyers.ask_erasure(tx, town.shop_id, buyer_id, "一")
        buyers.ask_erasure(tx, town.shop_id, buyer_id, "二")

    with pytest.raises(Refusal) as refused:
        town.write(twice)
    assert refused.value.code == "buyers.erasure_runs"


def test_only_owner_and_manager_may_erase() -> None:
    assert sorted(role for role, may in ROLES.items() if "buyers.erase" in may) == ["manager", "owner"]


def test_the_command_erases_while_no_server_runs(town: Town, tmp_path: Path) -> None:
    buyer_id = lived(town)
    settings, shop_id = town.settings, town.shop_id
    if not town.rt.db.is_sqlite:
        pytest.skip("one process on one file is SQLite's rule")
    assert invoke(settings, buyer_id, shop_id).exit_code == 1  # the server runs: use the page or the API
    town.runner.run(town.process.stop())
    done = invoke(settings, buyer_id, shop_id)
    assert done.exit_code == 0, done.output
    assert "messages" in done.output and traces(tmp_path) == {}
    town.process = Process(settings)
    town.runner.run(town.process.start())


def invoke(settings: Settings, buyer_id: int, shop_id: int) -> Any:
    env = {"MIAOHUI_DATA_DIR": str(settings.data_dir), "MIAOHUI_DATABASE": settings.database}
    args = ["erase-buyer", str(buyer_id), "--shop", str(shop_id), "--reason", "买家来电", "--yes"]
    return CliRunner().invoke(cli.app, args, env=env)
