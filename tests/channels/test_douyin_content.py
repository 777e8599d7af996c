"""What goes out to 抖音 and what comes back: images, videos, recalls, comments (channels.md §2.2–2.3)."""

from __future__ import annotations

import pytest

from miaohui.channels.model import (
    ChannelError,
    Kind,
    Role,
    StoredFile,
    parts,
)
from tests.channels.peers import DouyinPair, conversation, reply_of, run, with_douyin


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
