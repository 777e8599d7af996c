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
    Origin,
    RawRequest,
    Sender,
    parts,
)
from miaohui.channels.sim.http import Response
from tests.channels.peers import DouyinPair, conversation, reply_of, run, with_douyin


def test_the_address_is_verified_and_a_whole_exchange_arrives():
    async def work(pair: DouyinPair):
        assert isinstance(pair.ours, Ingress) and isinstance(pair.ours, Sender)
        assert isinstance(pair.ours, Commenter)
        key, message_key = await conversation(pair)
        receipt = await pair.ours.send(pair.account, reply_of(key, message_key), "01J")
        (delivered,) = pair.sim.inbox.delivered
        assert receipt.platform_msg_id == delivered["server_message_id"]
        received, echo = await pair.told()
        assert (received.text, received.conversation_key) == ("在吗", "buyer-1")
        assert received.refs["conversation_short_id"] == key
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
    ("reset_before", "unknown", 0), ("error500", "unknown", 0), ("error500_after", "unknown", 1),
    ("limit", "quota_exhausted", 0),
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


@pytest.mark.parametrize("status", [500, 501, 502, 504, 505, 520, 599])
@pytest.mark.parametrize("mode", ["error500", "error500_after"])
def test_a_5xx_to_a_send_is_an_unknown_outcome_and_is_not_repeated(status, mode):
    """channels.md §6.3 over §6.4: without an idempotency key nobody can tell what a 5xx left behind (F15)."""

    async def work(pair: DouyinPair):
        key, message_key = await conversation(pair)
        pair.sim.faults.add({"mode": mode, "path": "/im/send", "status": status})
        with pytest.raises(ChannelError) as caught:
            await pair.ours.send(pair.account, reply_of(key, message_key), "k")
        assert caught.value.code == "unknown" and not caught.value.is_final
        assert not caught.value.is_retryable and caught.value.fault.code == str(status)
        assert len(pair.sim.inbox.delivered) == (mode == "error500_after")

    run(with_douyin(work))


def test_a_503_to_a_send_declines_it_and_may_be_tried_again():
    """channels.md §6.4: `Transient`, it certainly did not go out."""

    async def work(pair: DouyinPair):
        key, message_key = await conversation(pair)
        pair.sim.faults.add({"mode": "error500", "path": "/im/send", "status": 503})
        with pytest.raises(ChannelError) as caught:
            await pair.ours.send(pair.account, reply_of(key, message_key), "k")
        assert caught.value.code == "transient" and caught.value.is_retryable
        await pair.ours.send(pair.account, reply_of(key, message_key), "k")
        assert len(pair.sim.inbox.delivered) == 1

    run(with_douyin(work))


def test_a_500_to_a_question_may_simply_be_repeated():
    async def work(pair: DouyinPair):
        await conversation(pair)
        pair.sim.faults.add({"mode": "error500", "path": "/item/comment/list"})
        with pytest.raises(ChannelError) as caught:
            await pair.ours.list_comments(pair.account, "video-1", None)
        assert caught.value.code == "transient" and caught.value.is_retryable

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
