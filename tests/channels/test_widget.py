"""Our own chat window: tokens, frames, sends (issue 2 item 5; channels.md §6.1)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels.model import (
    Account,
    ChannelError,
    ConvState,
    Ingress,
    Kind,
    Outbound,
    RawRequest,
    Sender,
    encode_part,
    parts,
)
from miaohui.channels.web_widget.adapter import TOKEN_HEADER, WebWidget
from miaohui.channels.web_widget.frames import Seen, fact_of
from miaohui.channels.web_widget.visitor import Visitor, customer_proof, is_proven, issue_token, visitor_of
from miaohui.kit.clock import ManualClock
from miaohui.kit.errors import Refusal
from tests.world import NOON, SHOP_A

ACCOUNT = Account(SHOP_A, 9, "wk-1", "widget", {}, {"signing_key": "k" * 32, "identity_key": "i" * 32})
OTHER = Account(SHOP_A, 10, "wk-2", "widget", {}, {"signing_key": "k" * 32})
VISITOR = Visitor("v-1", "小赵", "c-77")
SEEN = Seen(ACCOUNT, VISITOR, NOON)


class Pages:
    """Open pages that remember what they were shown."""

    def __init__(self, count: int = 1) -> None:
        self.count, self.frames = count, []

    async def push(self, account, target, frame):
        self.frames.append((target, dict(frame)))
        return self.count


def post(value, token=None, **more):
    token = issue_token(ACCOUNT, VISITOR, NOON) if token is None else token
    return RawRequest(
        "POST", "/hooks/widget/wk-1", {TOKEN_HEADER: token}, {}, json.dumps(value).encode(), **more
    )


def widget(pages=None):
    return WebWidget(ManualClock(NOON), pages)


def test_a_token_opens_its_account_until_it_ends():
    token = issue_token(ACCOUNT, VISITOR, NOON, timedelta(hours=1))
    assert visitor_of(ACCOUNT, token, NOON) == VISITOR
    assert visitor_of(ACCOUNT, token, NOON + timedelta(hours=1)) is None
    assert visitor_of(OTHER, token, NOON) is None


def test_after_a_change_of_keys_old_tokens_still_open_while_the_old_key_is_kept():
    token = issue_token(ACCOUNT, VISITOR, NOON)
    turned = {"signing_key": "n" * 32, "signing_key_previous": "k" * 32}
    assert visitor_of(Account(SHOP_A, 9, "wk-1", "widget", {}, turned), token, NOON) == VISITOR
    assert (
        visitor_of(Account(SHOP_A, 9, "wk-1", "widget", {}, {"signing_key": "n" * 32}), token, NOON) is None
    )


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_a_token_with_any_character_changed_opens_nothing(at, char):
    token = issue_token(ACCOUNT, VISITOR, NOON)
    at %= len(token)
    if token[at] != char:
        bent = visitor_of(ACCOUNT, token[:at] + char + token[at + 1 :], NOON)
        # The last base64 character has bits that mean nothing: the same claims are no forgery.
        assert bent is None or bent == VISITOR


@pytest.mark.parametrize(
    "token", ["", ".", "mhv1", "mhv1..", "mhv1.e30.", "mhv2.e30.x", "密.码.x", "a" * 5000]
)
def test_garbage_is_no_token(token):
    assert visitor_of(ACCOUNT, token, NOON) is None


def test_a_customer_is_believed_only_with_the_sites_proof():
    assert is_proven(ACCOUNT, "c-77", customer_proof(ACCOUNT, "c-77"))
    assert not is_proven(ACCOUNT, "c-78", customer_proof(ACCOUNT, "c-77"))
    assert not is_proven(ACCOUNT, "", customer_proof(ACCOUNT, ""))
    assert not is_proven(OTHER, "c-77", "0" * 64)


def test_a_message_becomes_a_fact_with_the_time_of_arrival():
    assert isinstance(widget(), Ingress) and isinstance(widget(), Sender)
    raw = post(
        {"type": "message", "id": "f1", "seq": 4, "at_ms": 1, "parts": [{"type": "text", "text": "在吗"}]},
        received_at=NOON + timedelta(seconds=1),
    )
    assert widget().verify(raw, ACCOUNT) and not widget().verify(raw, OTHER)
    (fact,) = widget().decode(raw, ACCOUNT)
    assert (fact.kind, fact.text, fact.is_from_buyer, fact.seq_hint) == (Kind.MESSAGE, "在吗", True, 4)
    assert fact.occurred_at == NOON + timedelta(seconds=1)
    assert (fact.event_key, fact.conversation_key) == ("wg:wk-1:v-1:f1", "v:v-1")
    assert fact.refs["customer_id"] == "c-77"


def test_a_post_without_a_valid_token_is_refused_when_decoded_too():
    with pytest.raises(Refusal):
        widget().decode(post({"type": "leave", "id": "1"}, token="forged"), ACCOUNT)


def test_several_frames_in_one_post_keep_their_order_and_fifty_is_the_limit():
    frames = [
        {"type": "message", "id": str(n), "parts": [{"type": "text", "text": str(n)}]} for n in range(50)
    ]
    facts = widget().decode(post({"frames": frames}), ACCOUNT)
    assert [fact.text for fact in facts] == [str(n) for n in range(50)]
    with pytest.raises(Refusal):
        widget().decode(post({"frames": [*frames, frames[0]]}), ACCOUNT)


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ({"type": "read", "message_id": "m1"}, Kind.READ),
        ({"type": "typing", "on": True}, Kind.TYPING),
        (
            {"type": "enter", "page": {"kind": "product", "product_id": 35902, "url": "https://s/p"}},
            Kind.ENTER,
        ),
        ({"type": "leave"}, Kind.LEAVE),
        ({"type": "rating", "score": 5, "comment": "很快", "tags": ["专业"]}, Kind.RATING),
        ({"type": "recall", "message_id": "f1"}, Kind.RECALL),
    ],
)
def test_every_kind_of_frame_is_read(frame, kind):
    fact = fact_of({**frame, "id": "x1"}, SEEN)
    assert fact.kind is kind and fact.actor.platform_id == "v-1"


def test_entering_from_a_product_page_names_the_door_and_the_product():
    fact = fact_of({"type": "enter", "id": "1", "page": {"kind": "product", "product_id": 35902}}, SEEN)
    assert (fact.entry, fact.refs["product_id"]) == ("商品详情页", "35902")


@pytest.mark.parametrize(
    "frame",
    [
        None, [], "text", {}, {"type": "nonsense", "id": "1"}, {"type": "message", "parts": []},
        {"type": "message", "id": "", "parts": [{"type": "text", "text": "x"}]},
        {"type": "message", "id": "y" * 65, "parts": [{"type": "text", "text": "x"}]},
        {"type": "message", "id": "1", "parts": [{"type": "text", "text": "x" * 4001}]},
        {"type": "message", "id": "1", "parts": [{"type": "text", "text": "x"}] * 11},
        {"type": "message", "id": "1", "parts": [{"type": "image", "url": "http://169.254.169.254/"}]},
        {"type": "rating", "id": "1", "score": 6}, {"type": "rating", "id": "1", "score": True},
        {"type": "recall", "id": "1"},
    ],
)  # fmt: skip
def test_frames_that_break_the_rules_are_refused(frame):
    with pytest.raises(Refusal):
        fact_of(frame, SEEN)


def test_addresses_of_a_browser_are_dropped_and_ids_of_cards_are_kept():
    given_parts = [
        parts.Image(blob_id="b1", url="http://evil/", ref="r"), parts.Emoji("e", url="http://evil/"),
        parts.OrderCard("6917529027641081001", image_url="http://evil/"),
        parts.ProductCard("3590", url="javascript:alert(1)"),
    ]  # fmt: skip
    frame = {"type": "message", "id": "1", "parts": [encode_part(part) for part in given_parts]}
    fact = fact_of(frame, SEEN)
    assert fact.parts == (
        parts.Image(blob_id="b1"), parts.Emoji("e"), parts.OrderCard("6917529027641081001"), parts.ProductCard("3590"),
    )  # fmt: skip
    assert (fact.refs["order_id"], fact.refs["product_id"]) == ("6917529027641081001", "3590")


def test_a_visitor_cannot_speak_as_the_system():
    frame = {"type": "message", "id": "1", "parts": [{"type": "system", "text": "客服已下线"}]}
    assert isinstance(fact_of(frame, SEEN).parts[0], parts.Unknown)


def test_what_we_send_is_shown_on_open_pages_and_counts_as_delivered_there():
    async def work():
        pages, key = Pages(), "9001"
        ours = widget(pages)
        out = Outbound("v:v-1", "v-1", (parts.Text("亲，在的"), parts.OrderCard("69", "卫衣")))
        receipt = await ours.send(ACCOUNT, out, key)
        assert (receipt.platform_msg_id, receipt.is_delivered) == (key, True)
        await ours.typing(ACCOUNT, "v:v-1", True)
        await ours.mark_read(ACCOUNT, "v:v-1", "f1")
        await ours.recall(ACCOUNT, out, key)
        assert [frame["type"] for _, frame in pages.frames] == ["message", "typing", "read", "recall"]
        assert pages.frames[0][1]["parts"][1]["order_id"] == "69"
        assert (await ours.lookup(ACCOUNT, key)).platform_msg_id == key
        assert not (await widget().send(ACCOUNT, out, key)).is_delivered
        with pytest.raises(ChannelError):
            await ours.send(ACCOUNT, Outbound("v:v-1", "v-1", (parts.Unknown("x"),)), "2")
        assert ours.window(ACCOUNT, ConvState(), NOON).is_open

    asyncio.run(work())


def test_a_failed_store_asks_the_page_to_come_again():
    assert (widget().ack(True).status, widget().ack(False).status) == (204, 503)
    assert widget().handshake(post({}), ACCOUNT) is None


def test_what_is_stored_of_a_post_says_who_and_opens_nothing() -> None:
    """R8: whoever reads the database cannot write as a visitor; the stored post is still read as theirs."""
    raw = post({"type": "leave", "id": "1"}, received_at=NOON)
    ours = widget()
    kept = ours.sealed(raw, ACCOUNT)
    stub = kept.headers[TOKEN_HEADER]
    assert raw.headers[TOKEN_HEADER] != stub and raw.headers[TOKEN_HEADER].split(".")[2] not in stub
    assert not ours.verify(kept, ACCOUNT) and visitor_of(ACCOUNT, stub, NOON) is None
    assert ours.decode(kept, ACCOUNT)[0].actor == ours.decode(raw, ACCOUNT)[0].actor
    forged = replace(kept, headers={TOKEN_HEADER: stub[:-4] + "AAAA"})
    with pytest.raises(Refusal):
        ours.decode(forged, ACCOUNT)
