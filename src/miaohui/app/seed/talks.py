"""Conversations of the last days: what buyers wrote on 抖音 and what was answered in the platform's own app."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from miaohui.app.seed.channels import Accounts
from miaohui.app.seed.goods import PastBuyer
from miaohui.app.seed.stage import Stage
from miaohui.app.sim.answers import Facts, answer
from miaohui.app.sim.lines import load_lines
from miaohui.app.sim.visits import new_visit
from miaohui.channels.model import Account, Inbound, Kind, Origin, Party, Role, parts
from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY, OPEN_ID
from miaohui.inbox.actions.conversation import close_conversation
from miaohui.inbox.actions.receive import receive_message
from miaohui.kit.tx import Tx

TALK_COUNT = 14


def seed_talks(stage: Stage, shop_id: int, accounts: Accounts, past: list[PastBuyer]) -> int:
    """Play closed conversations of the last three days; return how many."""
    account = Account(shop_id, accounts.douyin_im, CLIENT_KEY, "douyin_im", {"open_id": OPEN_ID})
    chance = stage.chance
    whom = chance.sample(past, TALK_COUNT)
    begins = sorted(stage.now - timedelta(hours=chance.uniform(3, 72)) for _ in whom)
    for n, (buyer, at) in enumerate(zip(whom, begins, strict=True)):
        _play(stage, account, buyer, at, n)
    return TALK_COUNT


def _play(stage: Stage, account: Account, buyer: PastBuyer, begins: datetime, n: int) -> None:
    visit = new_visit(load_lines(), stage.chance, is_live=False, has_order=True)
    at, said, conversation_id = begins, 0, 0
    says = visit.opening()
    while True:
        texts = [say.text for say in says if say.kind == "text" and say.recall_after_s is None]
        for text in texts:
            at += timedelta(seconds=stage.chance.uniform(3, 12))
            said += 1
            fact = _said(buyer, text, at, f"past-{n}-{said}", Role.BUYER)
            conversation_id = stage.write(
                partial(receive_message, account=account, fact=fact), at
            ).conversation_id
        if visit.is_over or not texts:
            break
        at += timedelta(seconds=stage.chance.uniform(6, 40))
        said += 1
        reply = "\n".join(answer(texts[-1], Facts(), stage.chance, is_first=said <= 2))
        fact = _said(buyer, reply, at, f"past-{n}-{said}", Role.AGENT)
        stage.write(partial(receive_message, account=account, fact=fact), at)
        says = visit.answered()
    end = at + timedelta(minutes=4)

    def close(tx: Tx) -> None:
        close_conversation(tx, account.shop_id, conversation_id, "idle", None)

    if conversation_id:
        stage.write(close, end)


def _said(buyer: PastBuyer, text: str, at: datetime, key: str, role: Role) -> Inbound:
    """Return one line as 抖音 tells it: the buyer's, or one that somebody of the shop typed in the app."""
    is_buyer = role is Role.BUYER
    who = Party(
        role, buyer.open_id if is_buyer else OPEN_ID, buyer.name if is_buyer else "", f"app:{CLIENT_KEY}"
    )
    refs = (
        {}
        if is_buyer
        else {"buyer_id": buyer.open_id, "buyer_name": buyer.name, "id_space": f"app:{CLIENT_KEY}"}
    )
    return Inbound(
        "douyin_im", CLIENT_KEY, f"dy:{CLIENT_KEY}:{key}", Kind.MESSAGE, at, who,
        conversation_key=f"past-{buyer.open_id}", message_key=key, origin=Origin.APP, entry="消息私信",
        parts=(parts.Text(text),), refs=refs,
    )  # fmt: skip
