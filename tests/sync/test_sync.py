"""State + events == fresh fetch, for every action of inbox, routing and sla (house §9 "sync", reliability.md R10).

This test plays the actions on the real application and records, after each, the live events and what a page that is
opened now is told. The browser's own code is held against the record by `web/src/features/inbox/sync.test.ts`: it
applies the events to the old state and must arrive at the fresh one. The record is `web/src/testing/sync.json`;
`MIAOHUI_RECORD=1 pytest tests/sync` writes it anew.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from miaohui.buyers.actions import ask_erasure, merge_buyers, undo_merge
from miaohui.channels.model import Kind, Origin, Role, parts
from miaohui.inbox import actions as inbox
from miaohui.inbox.actions import conversation as talks
from miaohui.inbox.actions import erase, labels, outcome, snooze
from miaohui.inbox.actions.cards import invite_rating
from miaohui.inbox.actions.media import Fetched, keep_media
from miaohui.inbox.actions.notes import add_note
from miaohui.inbox.actions.reads import read_conversation
from miaohui.inbox.actions.reply import retract_reply
from miaohui.inbox.jobs import blobs_of
from miaohui.inbox.model import ReplyDraft
from miaohui.inbox.model.media import Problem
from miaohui.kit.tx import SYSTEM, Actor
from miaohui.routing import actions as routing
from miaohui.routing.model import Presence
from miaohui.staff.actions import join_reserve
from tests.inbox.test_media import PNG
from tests.sync.shop import Shop
from tests.world import ALICE, BOB, SHOP_A, World

ROOT = Path(__file__).resolve().parents[2]
HERS = Actor("user", ALICE, f"u{ALICE}")
RECORD = ROOT / "web" / "src" / "testing" / "sync.json"
# Events of the inbox that are about no conversation: pages fetch what they are about (otherEvents.ts).
NOT_OF_A_TALK = {
    "inbox.delivery_failed", "inbox.channel_silent", "inbox.channel_spoke", "inbox.labels_changed",
    "inbox.buyers_merged", "inbox.buyers_split",
}  # fmt: skip


def buyers(shop: Shop) -> None:
    """Everything that a buyer's side does."""
    shop.arrive(shop.fact("在吗"))
    shop.note("a buyer writes for the first time")
    shop.arrive(shop.fact("电话 13912345678", key="edited"))
    shop.note("a buyer writes again")
    shop.arrive(replace(shop.fact("电话 13887654321", key="e2"), kind=Kind.EDIT, message_key="p-edited"))
    shop.note("a buyer edits")
    picture = parts.Image(url="https://p3.byteimg.com/a.png")
    shop.arrive(shop.fact("", parts=(parts.Text("看图"), picture), key="picture"))
    shop.note("a buyer sends a picture by reference")
    mine = shop.one("SELECT max(id) FROM inbox_messages")
    expired = {picture.url: Fetched(problem=Problem.EXPIRED)}
    shop.do(lambda tx: keep_media(tx, SHOP_A, mine, expired))
    shop.note("the picture cannot be had")
    blob = blobs_of(shop.desk.rt).put(PNG)
    shop.do(lambda tx: keep_media(tx, SHOP_A, mine, {picture.url: Fetched(blob)}))
    shop.note("the picture came")
    shop.arrive(shop.fact("不小心发的", key="gone"))
    shop.arrive(replace(shop.fact("", key="r"), kind=Kind.RECALL, message_key="p-gone", parts=()))
    shop.note("a buyer takes the last message back")
    shop.arrive(shop.fact("换了内容", key="k1"))
    shop.note("the same message with another content")
    shop.arrive(shop.fact("以上为历史消息", role=Role.SYSTEM, parts=(parts.System("会话已接入"),)))
    shop.note("the platform writes a line")
    shop.arrive(shop.fact("平台里回的", role=Role.AGENT, origin=Origin.APP))
    shop.note("a colleague answers in the platform's own app")
    shop.arrive(replace(shop.fact("", key="enter"), kind=Kind.ENTER, entry="直播", parts=()))
    shop.note("the buyer opens the page")
    shop.arrive(replace(shop.fact("", key="read"), kind=Kind.READ, message_key="", parts=()))
    shop.note("the buyer has read")
    shop.arrive(replace(shop.fact("", key="rate"), kind=Kind.RATING, parts=(parts.Rating(4, "不错"),)))
    shop.note("the buyer rates")


def send(shop: Shop, talk: int, text: str) -> int:
    draft = ReplyDraft((parts.Text(text),))
    return int(shop.do(lambda tx: inbox.reply(tx, SHOP_A, talk, draft, BOB, f"client-{text}")))


def replies(shop: Shop, talk: int) -> None:
    """Every way that a reply can go."""
    message = send(shop, talk, "马上查")
    shop.note("a reply is queued")
    shop.do(lambda tx: outcome.mark_sending(tx, SHOP_A, message, 1, ""))
    shop.note("it is being sent")
    shop.do(lambda tx: outcome.mark_delivered(tx, SHOP_A, message, "p-1", "receipt"))
    shop.note("it arrived")
    lost = send(shop, talk, "不知道到没到")
    shop.do(lambda tx: outcome.mark_sending(tx, SHOP_A, lost, 1, ""))
    shop.do(lambda tx: outcome.mark_unknown(tx, SHOP_A, lost, {"reason": "timeout"}))
    shop.note("nobody knows whether a reply arrived")
    shop.do(lambda tx: outcome.mark_delivered(tx, SHOP_A, lost, "p-2", "echo"))
    shop.note("its echo settles it")
    bad = send(shop, talk, "平台不要")
    shop.do(lambda tx: outcome.mark_sending(tx, SHOP_A, bad, 1, ""))
    shop.do(lambda tx: outcome.mark_queued_again(tx, SHOP_A, bad, {"class": "rate_limited"}))
    shop.do(lambda tx: outcome.mark_sending(tx, SHOP_A, bad, 2, ""))
    shop.note("the platform is busy and a reply is tried again")
    shop.do(lambda tx: outcome.mark_refused(tx, SHOP_A, bad, "平台拒绝发送该内容"))
    shop.note("the platform refuses a reply")
    shop.do(lambda tx: retract_reply(tx, SHOP_A, message, BOB))
    shop.note("we take a reply back")
    other = shop_talk(shop, "b2")
    shop.do(lambda tx: invite_rating(tx, SHOP_A, other, BOB))
    shop.note("the buyer is asked to rate")


def shop_talk(shop: Shop, buyer: str) -> int:
    """Open a conversation that somebody answered; returns it."""
    shop.arrive(shop.fact("你好", buyer))
    talk = shop.one(f"SELECT max(id) FROM inbox_conversations WHERE peer = 'c-{buyer}'")
    message = send(shop, talk, f"您好-{buyer}")
    shop.do(lambda tx: outcome.mark_sending(tx, SHOP_A, message, 1, ""))
    shop.do(lambda tx: outcome.mark_delivered(tx, SHOP_A, message, f"p-{buyer}", "receipt"))
    shop.note(f"conversation with {buyer}")
    return talk


def hands(shop: Shop, talk: int) -> None:
    """Every way that a conversation goes through hands."""
    group = shop.groups["pre_sale"]
    label = shop.do(lambda tx: labels.create_label(tx, SHOP_A, "VIP", "#ff0000"))
    later = shop.world.clock.now() + timedelta(hours=1)
    acts = {
        "a label is put on": lambda tx: labels.put_label(tx, SHOP_A, talk, label),
        "a label is taken off": lambda tx: labels.take_label(tx, SHOP_A, talk, label),
        "a note is written": lambda tx: add_note(tx, SHOP_A, talk, "留意", [ALICE]),
        "the priority is set": lambda tx: talks.set_priority(tx, SHOP_A, talk, 3, "急", BOB),
        "it is read": lambda tx: read_conversation(tx, SHOP_A, talk, BOB),
        "it sleeps": lambda tx: snooze.snooze_conversation(tx, SHOP_A, talk, later, BOB),
        "it wakes": lambda tx: snooze.wake(tx, SHOP_A, talk, "agent"),
        "it is handed over": lambda tx: talks.assign_conversation(
            tx, SHOP_A, talk, ALICE, group, "转接", BOB
        ),
        "it goes back to the queue": lambda tx: talks.assign_conversation(
            tx, SHOP_A, talk, None, group, "x", BOB
        ),
        "a supervisor takes it over": lambda tx: routing.take_over(tx, SHOP_A, talk, ALICE, "接管"),
        "it is closed": lambda tx: talks.close_conversation(tx, SHOP_A, talk, "solved", BOB),
        "it is taken up again": lambda tx: talks.reopen_conversation(tx, SHOP_A, talk, "再看", BOB),
    }
    for name, act in acts.items():
        shop.do(act)
        shop.note(name)


def clocks(shop: Shop) -> None:
    """What time does."""
    shop.arrive(shop.fact("还在吗", "b3"))
    shop.note("a buyer waits")
    talk = shop.one("SELECT id FROM inbox_conversations WHERE peer = 'c-b3'")
    shop.do(lambda tx: read_conversation(tx, SHOP_A, talk, BOB))
    shop.note("the agent has read it")
    later = shop.world.clock.now() + timedelta(seconds=45)
    shop.do(lambda tx: talks.set_due(tx, SHOP_A, talk, later, tell=True))
    shop.note("the target is changed")
    for seconds in (10, 15, 40, 60, 120):
        shop.fire(seconds)
        shop.note(f"{seconds} seconds more go by")
    shop.be(BOB, Presence.ON_BREAK)
    shop.arrive(shop.fact("有人吗", "b4"))
    shop.note("nobody is free: a buyer queues")
    shop.be(BOB, Presence.ONLINE)
    shop.note("somebody is free again")
    shop.be(ALICE, Presence.ONLINE)
    shop.note("a colleague comes")
    shop.be(ALICE, Presence.ON_BREAK)
    shop.note("a colleague takes a break")


def reserve(shop: Shop) -> None:
    """A queue that waits too long calls somebody of the reserve."""
    shop.do(lambda tx: join_reserve(tx, SHOP_A, ALICE, "大促"))
    shop.be(BOB, Presence.ON_BREAK)
    shop.arrive(shop.fact("还要等多久", "b7"))
    shop.note("a buyer queues and only the reserve is left")
    shop.world.clock.advance(90)
    shop.do(routing.look_at_reserves, SYSTEM)
    shop.note("the reserve is called")
    call_id = shop.one("SELECT max(id) FROM routing_reserve_calls")
    shop.do(lambda tx: routing.answer_call(tx, SHOP_A, call_id, ALICE, accepts=True), HERS)
    shop.note("she comes")
    shop.do(lambda tx: routing.end_call(tx, SHOP_A, call_id, None), HERS)
    shop.note("she stands down")
    shop.be(BOB, Presence.ONLINE)
    shop.note("the first one is back")


def merging(shop: Shop) -> None:
    """Two records of one person, and the wish to be forgotten."""
    for buyer in ("b5", "b6"):
        shop.arrive(shop.fact("你好", buyer))
    shop.note("two more buyers write")
    ids = [shop.one(f"SELECT buyer_id FROM inbox_conversations WHERE peer = 'c-{b}'") for b in ("b5", "b6")]
    merge_id = shop.do(lambda tx: merge_buyers(tx, SHOP_A, ids[0], ids[1], "同一人"))
    shop.note("two buyers become one")
    shop.do(lambda tx: undo_merge(tx, SHOP_A, merge_id, "看错了"))
    shop.note("the merge is undone")
    talk = shop.one("SELECT id FROM inbox_conversations WHERE peer = 'c-b6'")
    account_id = shop.one(f"SELECT account_id FROM inbox_conversations WHERE id = {talk}")
    place = erase.Place(talk, account_id, "c-b6")

    def forget(tx: object) -> None:
        ask_erasure(tx, SHOP_A, ids[1], "要求删除")  # type: ignore[arg-type]
        erase.end_talks(tx, SHOP_A, [place])  # type: ignore[arg-type]
        erase.erase_messages(tx, SHOP_A, [place])  # type: ignore[arg-type]
        erase.erase_talk(tx, SHOP_A, place)  # type: ignore[arg-type]

    shop.do(forget)
    shop.note("a buyer is erased")


def test_what_the_browsers_code_is_held_against_is_fresh_and_complete(world: World, tmp_path: Path) -> None:
    if not world.db.is_sqlite:
        pytest.skip("the record is of the code's events, the same on both engines")
    shop = Shop(world, tmp_path)
    shop.note("before anything")
    buyers(shop)
    replies(shop, shop.one("SELECT min(id) FROM inbox_conversations"))
    hands(shop, shop.one("SELECT min(id) FROM inbox_conversations"))
    clocks(shop)
    reserve(shop)
    merging(shop)
    shop.close()
    told = {event["name"] for step in shop.steps for event in step["events"]}
    assert announced() - NOT_OF_A_TALK <= told, sorted(announced() - NOT_OF_A_TALK - told)
    versions_rise(shop)
    text = json.dumps({"me": ALICE, "steps": shop.steps}, ensure_ascii=False, separators=(",", ":")) + "\n"
    if os.environ.get("MIAOHUI_RECORD"):
        RECORD.write_text(text)
    assert RECORD.read_text() == text, "run MIAOHUI_RECORD=1 pytest tests/sync, then the web's tests"


def announced() -> set[str]:
    """Return every event name that the inbox's source tells."""
    source = "".join(path.read_text() for path in (ROOT / "src/miaohui/inbox").rglob("*.py"))
    return set(re.findall(r'(?:announce|feed|_tell)\([^)]*?"(inbox\.[a-z_]+)"', source, re.S))


def versions_rise(shop: Shop) -> None:
    """A row that changed has a higher version: a page never keeps a stale one for the same number."""
    seen: dict[int, dict[str, object]] = {}
    for step in shop.steps:
        for opened in step["opened"].values():
            row = {k: v for k, v in opened["conversation"].items() if k != "label_ids"}
            before = seen.get(row["id"])
            if before is not None and before != row:
                changed = {k for k in row if row[k] != before[k]}
                assert row["version"] > before["version"], (step["action"], changed)
            seen[row["id"]] = row
