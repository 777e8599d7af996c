"""抖音私信 against the simulator: sends, quotas, tokens, faults, comments (channels.md §2; F15)."""

from __future__ import annotations

import asyncio

import pytest
from bytedance.security import verify_webhook

from miaohui.channels.model import (
    ChannelError,
    Commenter,
    ConvState,
    Ingress,
    Kind,
    Origin,
    Outbound,
    RawRequest,
    Role,
    Sender,
    StoredFile,
    parts,
)
from miaohui.channels.sim.http import Response
from tests.channels.peers import DouyinPair, run, with_douyin


async def conversation(pair: DouyinPair, buyer: str = "buyer-1"):
    content = pair.sim.inbox.receive({"buyer": buyer, "text": "在吗"})
    return content["conversation_short_id"], content["server_message_id"]


def reply_of(key, message_key, *sent, scene="im_reply_msg", to="buyer-1"):
    return Outbound(key, to, sent or (parts.Text("亲，在的"),), reply_to=message_key, scene=scene)


def test_the_address_is_verified_and_a_whole_exchange_arrives():
    async def work(pair: DouyinPair):
        assert isinstance(pair.ours, Ingress) and isinstance(pair.ours, Sender)
        assert isinstance(pair.ours, Commenter)
        key, message_key = await conversation(pair)
        receipt = await pair.ours.send(pair.account, reply_of(key, message_key), "01J")
        (delivered,) = pair.sim.inbox.delivered
        assert receipt.platform_msg_id == delivered["server_message_id"]
        received, echo = await pair.told()
        assert (received.text, received.conversation_key) == ("在吗", key)
        assert (echo.origin, echo.message_key, echo.text) == (Origin.API, receipt.platform_msg_id, "亲，在的")
        pair.sim.inbox.type_in_app({"buyer": "buyer-1", "text": "我是店长"})
        assert (await pair.told())[-1].origin is Origin.APP
        for request in pair.hook.requests:
            assert verify_webhook(request.body, request.headers, pair.sim.client.secret)

    run(with_douyin(work))


def test_the_simulator_checks_the_address_as_the_platform_does():
    async def work(pair: DouyinPair):
        assert not (await pair.sim.verify_address())["ok"]

        def answer(request):
            raw = RawRequest(request.method, request.path, request.headers, request.query, request.body)
            assert pair.ours.verify(raw, pair.account)
            return Response(200, pair.ours.handshake(raw, pair.account).body)

        pair.hook.answer = answer
        assert (await pair.sim.verify_address())["ok"]

    run(with_douyin(work))


def test_the_sixth_reply_goes_out_and_the_seventh_is_refused_as_quota_and_our_window_said_so_before():
    async def work(pair: DouyinPair):
        key, message_key = await conversation(pair)
        opened, sent = pair.ours._clock.now(), []
        for _ in range(6):
            state = ConvState({"message": opened}, tuple(sent))
            assert pair.ours.window(pair.account, state, pair.ours._clock.now()).is_open
            await pair.ours.send(pair.account, reply_of(key, message_key), "k")
            sent.append(("im_reply_msg", pair.ours._clock.now()))
        window = pair.ours.window(
            pair.account, ConvState({"message": opened}, tuple(sent)), pair.ours._clock.now()
        )
        assert (window.is_open, window.reason) == (False, "quota")
        with pytest.raises(ChannelError) as caught:
            await pair.ours.send(pair.account, reply_of(key, message_key), "k")
        assert caught.value.code == "quota_exhausted" and caught.value.fault.code == "28003070"
        assert len(pair.sim.inbox.delivered) == 6

    run(with_douyin(work))


def test_after_a_day_the_window_is_closed_here_and_there():
    async def work(pair: DouyinPair):
        key, message_key = await conversation(pair)
        opened = pair.ours._clock.now()
        pair.sim.clock.advance(86_401)
        assert (
            pair.ours.window(pair.account, ConvState({"message": opened}), pair.ours._clock.now()).reason
            == "closed"
        )
        with pytest.raises(ChannelError) as caught:
            await pair.ours.send(pair.account, reply_of(key, message_key), "k")
        assert caught.value.code == "window_closed"

    run(with_douyin(work, error_classes={"28003071": "window_closed"}))


def test_authorised_outreach_lets_three_a_day_through():
    async def work(pair: DouyinPair):
        pair.sim.inbox.authorise({"buyer": "buyer-1", "days": 10})
        talk = pair.sim.inbox.talk({"buyer": "buyer-1"})
        out = reply_of(talk.conversation_id, "", scene="im_authorize_message")
        for _ in range(3):
            await pair.ours.send(pair.account, out, "k")
        with pytest.raises(ChannelError) as caught:
            await pair.ours.send(pair.account, out, "k")
        assert caught.value.code == "quota_exhausted"
        pair.sim.clock.advance(86_400)
        await pair.ours.send(pair.account, out, "k")

    run(with_douyin(work))


@pytest.mark.parametrize(("mode", "expected", "arrived"), [
    ("reset", "unknown", 1), ("half", "unknown", 1), ("html", "unknown", 1),
    ("reset_before", "unknown", 0), ("error500", "transient", 0), ("limit", "quota_exhausted", 0),
])  # fmt: skip
def test_a_send_whose_outcome_nobody_knows_is_unknown_and_goes_out_at_most_once(mode, expected, arrived):
    async def work(pair: DouyinPair):
        key, message_key = await conversation(pair)
        pair.sim.faults.add({"mode": mode, "path": "/im/send"})
        with pytest.raises(ChannelError) as caught:
            await pair.ours.send(pair.account, reply_of(key, message_key), "k")
        assert caught.value.code == expected
        assert len(pair.sim.inbox.delivered) == arrived
        assert await pair.ours.lookup(pair.account, "k") is None
        echoes = [fact for fact in await pair.told() if fact.origin is Origin.API]
        assert len(echoes) == arrived

    run(with_douyin(work))


def test_a_hundred_ambiguous_sends_deliver_nothing_twice():
    """reliability.md F15, the adapter's share: it never repeats a send by itself."""

    async def work(pair: DouyinPair):
        pair.sim.inbox.limits.reply_quota = 10_000
        key, message_key = await conversation(pair)
        await pair.ours.send(pair.account, reply_of(key, message_key), "warm")
        pair.sim.faults.add({"mode": "reset", "path": "/im/send", "count": 100})

        async def one(number: int) -> str:
            try:
                await pair.ours.send(
                    pair.account, reply_of(key, message_key, parts.Text(f"第{number}条")), str(number)
                )
            except ChannelError as error:
                return error.code
            return "sent"

        outcomes = [await one(number) for number in range(200)]
        assert outcomes.count("unknown") == 100 and outcomes.count("sent") == 100
        texts = [message["content"]["text"]["text"] for message in pair.sim.inbox.delivered]
        assert len(texts) == len(set(texts)) == 201

    run(with_douyin(work))


def test_tokens_are_renewed_once_and_a_spent_refresh_token_asks_a_person():
    async def work(pair: DouyinPair):
        key, message_key = await conversation(pair)
        pair.sim.inbox.limits.reply_quota, pair.sim.inbox.limits.reply_window_ms = 1000, 10**12

        def paths():
            return [entry["path"] for entry in pair.sim.api.log]

        async def five():
            await asyncio.gather(
                *(pair.ours.send(pair.account, reply_of(key, message_key), "k") for _ in range(5))
            )

        await five()
        assert paths().count("/oauth/access_token/") == 1
        pair.sim.clock.advance(13 * 86_400)
        await five()
        assert (
            paths().count("/oauth/refresh_token/") == 1 and paths().count("/oauth/renew_refresh_token/") == 0
        )
        pair.sim.clock.advance(14 * 86_400)
        await five()
        assert paths().count("/oauth/renew_refresh_token/") == 1
        pair.sim.clock.advance(90 * 86_400)
        with pytest.raises(ChannelError) as caught:
            await pair.ours.send(pair.account, reply_of(key, message_key), "k")
        assert caught.value.code == "auth_expired" and "重新授权" in caught.value.shown_zh

    run(with_douyin(work))


def test_recall_reaches_the_buyer_and_is_told_back():
    async def work(pair: DouyinPair):
        key, message_key = await conversation(pair)
        out = reply_of(key, message_key)
        receipt = await pair.ours.send(pair.account, out, "k")
        await pair.ours.recall(pair.account, out, receipt.platform_msg_id)
        assert pair.sim.inbox.delivered[0]["recalled"]
        fact = (await pair.told())[-1]
        assert (fact.kind, fact.message_key, fact.actor.role) == (
            Kind.RECALL,
            receipt.platform_msg_id,
            Role.AGENT,
        )

    run(with_douyin(work))


@pytest.mark.parametrize(
    ("part", "kind"), [(parts.Image(ref="@media"), "image"), (parts.Video(ref="@item"), "video"),
                       (parts.MiniApp("tt1", "查物流", "pages/track"), "other")],
)  # fmt: skip
def test_images_videos_and_mini_apps_go_out(part, kind):
    async def work(pair: DouyinPair):
        key, message_key = await conversation(pair)
        await pair.ours.send(pair.account, reply_of(key, message_key, part), "k")
        echo = (await pair.told())[-1]
        assert echo.raw["content"]["message_type"] == kind

    run(with_douyin(work))


@pytest.mark.parametrize(
    "part", [parts.OrderCard("1"), parts.Voice(ref="v"), parts.Image(url="https://x/y.jpg")]
)
def test_what_the_channel_cannot_carry_is_invalid_before_anything_is_sent(part):
    async def work(pair: DouyinPair):
        key, message_key = await conversation(pair)
        with pytest.raises(ChannelError) as caught:
            await pair.ours.send(pair.account, reply_of(key, message_key, part), "k")
        assert caught.value.code == "invalid" and not pair.sim.inbox.delivered

    run(with_douyin(work))


def test_an_address_that_fails_for_long_loses_its_subscription_until_it_is_verified_again():
    async def work(pair: DouyinPair):
        pair.sim.pusher.configure(cancel_after=2)
        pair.hook.answer = lambda request: Response(500)
        for _ in range(2):
            await conversation(pair)
            await pair.sim.pusher.idle()
        assert pair.sim.pusher.is_cancelled and len(pair.hook.requests) == 6
        assert len({request.headers["msg-id"] for request in pair.hook.requests}) == 2
        await conversation(pair)
        await pair.sim.pusher.idle()
        assert len(pair.hook.requests) == 6

    run(with_douyin(work))


def test_comments_are_listed_page_by_page_and_answered_in_public():
    async def work(pair: DouyinPair):
        for number in range(70):
            pair.sim.inbox.comment({"buyer": f"b{number}", "text": f"评论{number}", "item_id": "@v1"})
        found, cursor = [], None
        while True:
            page = await pair.ours.list_comments(pair.account, "@v1", cursor)
            found.extend(page.facts)
            cursor = page.cursor
            if cursor is None:
                break
        assert len(found) == 70 and found[0].kind is Kind.COMMENT
        pushed = {fact.event_key for fact in await pair.told()}
        assert {fact.event_key for fact in found} <= pushed
        receipt = await pair.ours.reply_comment(pair.account, "@v1", found[0].message_key, "亲，抱歉")
        assert pair.sim.inbox.comments[-1]["comment_id"] == receipt.platform_msg_id

    run(with_douyin(work))


class OneFile:
    """Our files, of which there is one."""

    async def read(self, account, blob_id):
        return StoredFile(b"\x89PNG\r\n\r\n--data", "image/png") if blob_id == "77" else None


def test_an_image_of_ours_is_uploaded_and_sent_by_the_platforms_id():
    async def work(pair: DouyinPair):
        key, message_key = await conversation(pair)
        pair.ours._files = OneFile()
        pair.sim.faults.add({"mode": "reset", "path": "client_upload"})
        with pytest.raises(ChannelError) as caught:
            await pair.ours.send(pair.account, reply_of(key, message_key, parts.Image(blob_id="77")), "k")
        assert caught.value.code == "transient" and not pair.sim.inbox.delivered
        await pair.ours.send(pair.account, reply_of(key, message_key, parts.Image(blob_id="77")), "k")
        (delivered,) = pair.sim.inbox.delivered
        media_id = delivered["content"]["image"]["media_id"]
        assert pair.sim.api.images[media_id] == b"\x89PNG\r\n\r\n--data"
        with pytest.raises(ChannelError) as caught:
            await pair.ours.send(pair.account, reply_of(key, message_key, parts.Image(blob_id="78")), "k")
        assert caught.value.code == "invalid"

    run(with_douyin(work))
