"""抖音 webhooks: golden deliveries, the third-party verifier, error table (channels.md §2.1)."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bytedance import ByteDanceError
from bytedance.security import verify_webhook

from miaohui.channels.douyin_im import webhook
from miaohui.channels.douyin_im.adapter import SCENES
from miaohui.channels.douyin_im.faults import check
from miaohui.channels.model import (
    Account,
    ChannelError,
    ConvState,
    Kind,
    Origin,
    RawRequest,
    Role,
    parts,
    send_window,
)
from miaohui.kit.errors import Refusal

GOLDEN = Path(__file__).parent / "golden" / "douyin_im"


ACCOUNT = Account(
    101, 8, "awsimulator000001", "douyin_im", {"open_id": "shop-open-id-0001"}, {"client_secret": "s3cret"}
)


def delivery(body: bytes, msg_id: str = "m-1", secret: str = "s3cret") -> RawRequest:
    sign = hashlib.sha1(secret.encode() + body).hexdigest()
    return RawRequest("POST", "/hooks/douyin_im/8", {"x-douyin-signature": sign, "msg-id": msg_id}, {}, body)


def golden(name: str):
    (fact,) = webhook.decode(delivery((GOLDEN / f"{name}.json").read_bytes()), ACCOUNT)
    return fact


def test_the_signature_equals_the_third_party_verifiers_on_every_golden_file():
    for path in sorted(GOLDEN.glob("*.json")):
        raw = delivery(path.read_bytes())
        assert webhook.verify(raw, ACCOUNT) and verify_webhook(raw.body, raw.headers, "s3cret")
        bent = RawRequest(raw.method, raw.path, raw.headers, {}, raw.body + b"\n")
        assert not webhook.verify(bent, ACCOUNT)
        with pytest.raises(ByteDanceError):
            verify_webhook(bent.body, bent.headers, "s3cret")
    assert not webhook.verify(delivery(b"{}", secret="other"), ACCOUNT)
    assert not webhook.verify(RawRequest("POST", "/", {}, {}, b"{}"), ACCOUNT)


def test_a_mini_app_webhook_is_verified_with_its_own_secret():
    account = Account(101, 8, "k", "douyin_im", {}, {"client_secret": "a", "webhook_secret": "b"})
    assert webhook.verify(delivery(b"{}", secret="b"), account)
    assert not webhook.verify(delivery(b"{}", secret="a"), account)


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        ({"challenge": 12345}, b'{"challenge":12345}'),
        ({"challenge": "12345"}, b'{"challenge":"12345"}'),
        ('{"challenge":9223372036854775807}', b'{"challenge":9223372036854775807}'),
    ],
)
def test_the_challenge_is_answered_with_the_same_value_and_type(content, answer):
    body = json.dumps({"event": "verify_webhook", "client_key": "", "content": content}).encode()
    assert webhook.handshake(delivery(body)).body == answer


def test_an_ordinary_delivery_is_no_handshake_even_when_somebody_writes_the_word():
    raw = delivery((GOLDEN / "receive_text.json").read_bytes().replace("拍下".encode(), b"verify_webhook"))
    assert webhook.handshake(raw) is None


def test_a_text_of_a_buyer():
    fact = golden("receive_text")
    assert (fact.kind, fact.text, fact.is_from_buyer) == (Kind.MESSAGE, "拍下多久发货呀", True)
    assert fact.event_key == "dy:awsimulator000001:im_receive_msg:@9Vxc1msg=="
    assert (fact.conversation_key, fact.message_key) == ("buyer-0001", "@9Vxc1msg==")
    assert (fact.actor.platform_id, fact.actor.display_name) == ("buyer-0001", "刘东")
    assert fact.occurred_at == datetime(2025, 11, 22, 12, 0, 0, 123000, tzinfo=UTC)
    assert fact.refs["msg_id"] == "m-1" and fact.raw["content"]["scene_type"] == 100


def test_content_as_text_is_read_like_content_as_object():
    fact = golden("enter_text_content")
    assert (fact.kind, fact.conversation_key) == (Kind.ENTER, "buyer-0001")
    assert fact.refs["item_id"] == "@video7" and fact.refs["ad_info"] == {"ad_id": 1750000000000000001}
    body = json.loads((GOLDEN / "enter_text_content.json").read_text())
    body["content"] = json.loads(body["content"])
    (same,) = webhook.decode(delivery(json.dumps(body).encode()), ACCOUNT)
    assert same == fact


def test_cards_groups_authorisations_and_comments():
    card, group, auth, comment = map(golden, ("consult_card", "group_emoji", "authorize", "comment"))
    assert isinstance(card.parts[0], parts.Unknown) and card.parts[0].platform_type == "retain_consult_card"
    assert isinstance(group.parts[0], parts.Emoji) and group.conversation_key == "@group=="
    assert (auth.kind, auth.refs["expire_time"], auth.refs["auth_status"]) == (Kind.AUTH, "1766404900", "1")
    assert int(auth.occurred_at.timestamp()) == 1763812900
    assert (comment.kind, comment.text) == (Kind.COMMENT, "质量太差了，退款！")
    assert comment.refs["item_id"] == "@video7" and comment.event_key.startswith("cmt:@cmt1==:")


@pytest.mark.parametrize(
    ("source", "origin"), [("awsimulator000001", Origin.API), ("", Origin.APP), ("another-app", Origin.APP)]
)
def test_our_echo_is_told_from_a_person_who_types_in_the_app(source, origin):
    body = json.loads((GOLDEN / "receive_text.json").read_text())
    body |= {"event": "im_send_msg", "from_user_id": "shop-open-id-0001", "to_user_id": "buyer-0001"}
    body["content"]["source"] = source
    (fact,) = webhook.decode(delivery(json.dumps(body).encode()), ACCOUNT)
    assert (fact.actor.role, fact.origin, fact.kind) == (Role.AGENT, origin, Kind.MESSAGE)
    assert fact.refs["buyer_id"] == "buyer-0001" and not fact.is_from_buyer


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("im_recall_msg", Kind.RECALL),
        ("new_video_digg", Kind.LIKE),
        ("new_follow_action", Kind.FOLLOW),
        ("dial_phone", Kind.CONTACT),
        ("website_contact", Kind.CONTACT),
        ("personal_tab_contact", Kind.CONTACT),
        ("authorize", Kind.AUTH),
        ("unauthorize", Kind.AUTH),
        ("create_video", Kind.UNKNOWN),
        ("something_new", Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
    ],
)
@pytest.mark.parametrize(
    "content", [{}, "", "no json", None, [1], {"create_time": "soon", "user_infos": "?"}]
)
def test_every_event_decodes_whatever_its_content_is(event, kind, content):
    body = json.dumps({"event": event, "content": content, "from_user_id": "b"}).encode()
    (fact,) = webhook.decode(delivery(body), ACCOUNT)
    assert fact.kind is kind and fact.event_key == f"dy:awsimulator000001:{event}:m-1"


def test_without_message_id_and_entity_the_content_is_the_key():
    one = webhook.decode(delivery(b'{"event":"dial_phone","from_user_id":"a"}', ""), ACCOUNT)[0]
    two = webhook.decode(delivery(b'{"event":"dial_phone","from_user_id":"a"}', ""), ACCOUNT)[0]
    three = webhook.decode(delivery(b'{"event":"dial_phone","from_user_id":"b"}', ""), ACCOUNT)[0]
    assert one.event_key == two.event_key != three.event_key


def test_images_and_videos_come_without_address_and_say_so():
    body = json.loads((GOLDEN / "receive_text.json").read_text())
    body["content"] |= {
        "message_type": "image",
        "resource_url": "",
        "resource_width": 720,
        "resource_height": "x",
    }
    (fact,) = webhook.decode(delivery(json.dumps(body).encode()), ACCOUNT)
    assert fact.parts == (parts.Image(width=720, is_viewable=False),) and fact.text == "[图片]"


def test_a_body_that_is_no_object_is_refused():
    with pytest.raises(Refusal):
        webhook.decode(delivery(b"[]"), ACCOUNT)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (28001003, "auth_expired"), (28001008, "auth_expired"), ("10010", "auth_expired"),
        (28003070, "quota_exhausted"), (28001005, "unknown"), (99, "rejected"), (28003071, "window_closed"),
    ],
)  # fmt: skip
def test_error_codes_fall_into_their_class_and_an_account_may_name_more(code, expected):
    account = Account(1, 1, "k", "douyin_im", {"error_classes": {"28003071": "window_closed"}}, {})
    with pytest.raises(ChannelError) as caught:
        check({"data": {"error_code": code, "description": "说明"}, "extra": {"logid": "L"}}, account)
    assert caught.value.code == expected and caught.value.fault.log_id == "L"


def test_error_code_zero_in_any_spelling_is_success():
    for zero in (0, "0", None):
        assert check({"data": {"error_code": zero}, "extra": {"error_code": zero}}, ACCOUNT)


def test_the_window_takes_the_authorisations_end_from_the_platform():
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    state = ConvState(
        {"auth": now - timedelta(days=2)}, until={"auth": now + timedelta(days=1)}, day_start=now
    )
    assert send_window(SCENES, state, now).scene == "im_authorize_message"


def test_all_that_one_buyer_does_belongs_to_one_conversation_and_keeps_the_platforms_id_for_the_answer():
    facts = [golden(name) for name in ("receive_text", "enter_text_content", "consult_card", "authorize")]
    assert {fact.conversation_key for fact in facts} == {"buyer-0001"}
    assert [fact.refs.get("conversation_short_id") for fact in facts] == ["@9Vxc1conv=="] * 3 + [None]
    recalled_by_us = json.loads((GOLDEN / "receive_text.json").read_text()) | {
        "event": "im_recall_msg", "from_user_id": "shop-open-id-0001", "to_user_id": "buyer-0001",
    }  # fmt: skip
    (fact,) = webhook.decode(delivery(json.dumps(recalled_by_us).encode()), ACCOUNT)
    assert (fact.conversation_key, fact.actor.role) == ("buyer-0001", Role.AGENT)
