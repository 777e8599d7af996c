"""The 抖音私信 adapter: webhook in, sends out, comments under videos polled and answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from miaohui.channels.douyin_im import webhook
from miaohui.channels.douyin_im.client import Client
from miaohui.channels.douyin_im.message import conversation_id, encode_send, message_parts
from miaohui.channels.model import (
    Account,
    Capabilities,
    ConvState,
    Family,
    Files,
    Http,
    HttpReply,
    Inbound,
    Kind,
    Origin,
    Outbound,
    Page,
    Part,
    Party,
    RawRequest,
    Receipt,
    Role,
    SceneRule,
    SendWindow,
    Verdict,
    parts,
    scene_rules,
    send_window,
    text_id,
)
from miaohui.channels.tokens import Tokens
from miaohui.kit.clock import Clock, from_ms

# Second-hand figures (channels.md §2.2): an account replaces them by `config["scenes"]`.
SCENES = (
    SceneRule("im_reply_msg", "message", 86_400, 6),
    SceneRule("im_enter_direct_msg", "enter", 86_400, 1),
    SceneRule("im_authorize_message", "auth", None, 3, "day"),
)
CAPS = Capabilities(
    channel="douyin_im",
    name_zh="抖音私信",
    families=frozenset({Family.CONVERSATIONS, Family.PUBLIC}),
    parts_in=frozenset({"text", "image", "video", "emoji", "unknown"}),
    parts_out=frozenset({"text", "image", "video", "mini_app"}),
    max_text_chars=None,
    max_bubbles_per_window=6,
    can_recall=True,
    unverified=(
        "reply_window", "scene_quotas", "enter_scene", "error_codes", "max_text_chars", "recall_within_s",
        "conversation_short_id_is_stable", "comment_scope",
    ),
    notes_zh=(
        "图片、视频只收到通知，需到抖音端内查看；不能发订单卡片与语音。发送无幂等键：结果不明时等 im_send_msg 回声，"
        "绝不重发。回复窗口约 24 小时 6 条、授权触达每天一次至多 3 条，均未经线上核实。私信能力多数应用已不再准入。"
    ),
)  # fmt: skip


class DouyinIm:
    """`Ingress`, `Sender` and `Commenter` of one platform for all its accounts."""

    caps = CAPS

    def __init__(self, http: Http, tokens: Tokens, clock: Clock, files: Files | None = None) -> None:
        self.client = Client(http, tokens, clock)
        self._clock, self._files = clock, files

    def verify(self, raw: RawRequest, account: Account) -> Verdict:
        """Return whether `X-Douyin-Signature` fits the raw bytes."""
        return webhook.verify(raw, account)

    def handshake(self, raw: RawRequest, account: Account) -> HttpReply | None:
        """Return the answer to `verify_webhook`, None for anything else."""
        return webhook.handshake(raw)

    def decode(self, raw: RawRequest, account: Account) -> tuple[Inbound, ...]:
        """Return the fact of one delivery."""
        return webhook.decode(raw, account)

    def ack(self, ok: bool) -> HttpReply:
        """Return 200, or 500 which makes the platform try again (3 times)."""
        if ok:
            return HttpReply(200, b'{"err_no":0,"err_tips":"success"}')
        return HttpReply(500, b'{"err_no":1,"err_tips":"retry"}')

    def window(self, account: Account, state: ConvState, now: datetime) -> SendWindow:
        """Return the best open scene and what is left in it."""
        return send_window(scene_rules(account.config.get("scenes"), SCENES), state, now)

    async def send(self, account: Account, out: Outbound, key: str) -> Receipt:
        """Send one bubble. The platform knows no idempotency key: `key` stays ours. Raises: a ChannelError."""
        ready = [await self._uploaded(account, part) for part in out.parts]
        body = json.dumps(encode_send(replace(out, parts=tuple(ready))), ensure_ascii=False).encode()
        answer = await self.client.write(account, "im/send/msg", body)
        return Receipt(text_id(answer.get("msg_id")), self._clock.now(), raw=dict(answer))

    async def _uploaded(self, account: Account, part: Part) -> Part:
        """Return an image of ours with the id that the platform gave it; other parts as they are."""
        if not isinstance(part, parts.Image) or part.ref or not part.blob_id or self._files is None:
            return part
        file = await self._files.read(account, part.blob_id)
        return part if file is None else replace(part, ref=await self.client.upload_image(account, file))

    async def lookup(self, account: Account, key: str, message_key: str = "") -> Receipt | None:
        """Return None: the platform has no look-up; the echo `im_send_msg` settles an unknown send."""
        return None

    async def recall(self, account: Account, out: Outbound, message_key: str) -> None:
        """Take a message back. Raises: a ChannelError."""
        body = {"msg_id": message_key, "conversation_id": conversation_id(out), "conversation_type": 1}
        await self.client.write(account, "im/recall/msg", json.dumps(body).encode())

    async def typing(self, account: Account, conversation_key: str, is_typing: bool) -> None:
        """Do nothing: the platform shows no typing."""

    async def mark_read(self, account: Account, conversation_key: str, message_key: str) -> None:
        """Do nothing: the platform takes no read receipts."""

    async def list_comments(self, account: Account, item_id: str, cursor: str | None) -> Page:
        """Return one page of comments under a video. Raises: a ChannelError."""
        query = {"item_id": item_id, "cursor": cursor or "0", "count": "50", "sort_type": "time"}
        data = (await self.client.read(account, "item/comment/list", query)).get("data")
        rows = data.get("list") if isinstance(data, Mapping) else None
        facts = tuple(comment_fact(row, item_id, account) for row in rows or [] if isinstance(row, Mapping))
        has_more = isinstance(data, Mapping) and data.get("has_more") is True
        return Page(facts, text_id(data.get("cursor")) if has_more and isinstance(data, Mapping) else None)

    async def reply_comment(self, account: Account, item_id: str, comment_id: str, text: str) -> Receipt:
        """Answer a comment in public. Raises: a ChannelError."""
        body = {"item_id": item_id, "comment_id": comment_id, "content": text}
        encoded = json.dumps({name: value for name, value in body.items() if value}, ensure_ascii=False)
        answer = await self.client.write(account, "item/comment/reply", encoded.encode())
        data = answer.get("data")
        made = text_id(data.get("comment_id")) if isinstance(data, Mapping) else ""
        return Receipt(made, self._clock.now(), raw=dict(answer))


def comment_fact(row: Mapping[str, Any], item_id: str, account: Account) -> Inbound:
    """Return the fact of one listed comment."""
    comment_id, words = text_id(row.get("comment_id")), text_id(row.get("content"))
    seconds = text_id(row.get("create_time"))
    return Inbound(
        channel="douyin_im",
        account_key=account.key,
        event_key=webhook.comment_key(comment_id, words),
        kind=Kind.COMMENT,
        occurred_at=from_ms(int(seconds) * 1000) if seconds.isdecimal() and len(seconds) < 12 else from_ms(0),
        actor=Party(
            Role.BUYER,
            text_id(row.get("comment_user_id")),
            text_id(row.get("nick_name")),
            f"app:{webhook.client_key(account)}",
            text_id(row.get("avatar")),
        ),  # fmt: skip
        message_key=comment_id,
        origin=Origin.PULL,
        entry="其他",
        parts=message_parts({"message_type": "text", "text": words}),
        refs={"comment_id": comment_id, "item_id": item_id},
        raw=dict(row),
    )
