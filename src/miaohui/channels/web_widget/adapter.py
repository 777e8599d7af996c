"""The adapter of our own chat window. Its platform is ourselves: a stored message is a delivered one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from miaohui.channels.model import (
    BAD_DELIVERY,
    GENUINE,
    Account,
    Capabilities,
    ConvState,
    Family,
    Fault,
    HttpReply,
    Inbound,
    Invalid,
    LiveLink,
    Outbound,
    RawRequest,
    Receipt,
    SendWindow,
    Verdict,
    read_json,
    send_window,
)
from miaohui.channels.web_widget.frames import (
    CHANNEL,
    FROM_VISITORS,
    MAX_FRAMES,
    MAX_TEXT_CHARS,
    TO_VISITORS,
    Seen,
    fact_of,
    message_frame,
)
from miaohui.channels.web_widget.visitor import stub_of, visitor_of, visitor_of_stub
from miaohui.kit.clock import Clock, to_ms

TOKEN_HEADER = "x-miaohui-visitor"
CAPS = Capabilities(
    channel=CHANNEL,
    name_zh="网站客服窗口",
    families=frozenset({Family.CONVERSATIONS}),
    parts_in=FROM_VISITORS,
    parts_out=TO_VISITORS,
    max_text_chars=MAX_TEXT_CHARS,
    can_recall=True,
    can_type=True,
    can_read_receipts=True,
    can_lookup=True,
    can_history=True,
    can_transfer=True,
    has_idempotent_send=True,
    notes_zh="自有渠道：文字、图片、语音、视频、商品与订单卡片、已读、输入中、评价、撤回全部可用，无发送限制。",
)


class NoLink:
    """No open sockets at all: the page reads what it missed when it comes back."""

    async def push(self, account: Account, target: str, frame: Mapping[str, Any]) -> int:
        return 0


class WebWidget:
    """`Ingress` and `Sender`. `link` reaches open pages for what is not stored (typing) or is wanted at once."""

    caps = CAPS

    def __init__(self, clock: Clock, link: LiveLink | None = None) -> None:
        self._clock, self._link = clock, link or NoLink()

    def verify(self, raw: RawRequest, account: Account) -> Verdict:
        """Return whether the visitor's token is ours and not over."""
        found = visitor_of(account, raw.headers.get(TOKEN_HEADER, ""), raw.received_at or self._clock.now())
        return GENUINE if found is not None else Verdict(False, "token")

    def handshake(self, raw: RawRequest, account: Account) -> HttpReply | None:
        """Return None: a page needs no challenge."""
        return None

    def decode(self, raw: RawRequest, account: Account) -> tuple[Inbound, ...]:
        """Return the facts of one post: a frame, or `{"frames": […]}` with at most 50.

        Raises: Refusal channels.bad_delivery, also for a token that is not ours.
        """
        at = raw.received_at or self._clock.now()
        token = raw.headers.get(TOKEN_HEADER, "")
        visitor = visitor_of(account, token, at) or visitor_of_stub(account, token)
        if visitor is None:
            BAD_DELIVERY.refuse(reason="token")
        value = read_json(raw.body)
        frames = value.get("frames") if isinstance(value, Mapping) and "frames" in value else [value]
        if not isinstance(frames, list) or len(frames) > MAX_FRAMES:
            BAD_DELIVERY.refuse(reason="frames", limit=MAX_FRAMES)
        return tuple(fact_of(frame, Seen(account, visitor, at)) for frame in frames)

    def sealed(self, raw: RawRequest, account: Account) -> RawRequest:
        """Return a genuine request as it may be stored: whose it is, without the token that proves it (R8)."""
        stub = stub_of(account, raw.headers[TOKEN_HEADER])
        return replace(raw, headers={**raw.headers, TOKEN_HEADER: stub})

    def ack(self, ok: bool) -> HttpReply:
        """Return 204, or 503: the page keeps its frames and tries again."""
        return HttpReply(204) if ok else HttpReply(503, b'{"retry":true}')

    def window(self, account: Account, state: ConvState, now: datetime) -> SendWindow:
        """Return an open window: our own channel has no limits."""
        return send_window((), state, now)

    async def send(self, account: Account, out: Outbound, key: str) -> Receipt:
        """Show one bubble on the open pages; whoever is away reads it on return. Raises: Invalid."""
        for part in out.parts:
            if part.type not in TO_VISITORS:
                raise Invalid(CHANNEL, Fault("part", f"网站窗口不能显示 {part.type}"))
        now = self._clock.now()
        reached = await self._link.push(
            account, out.conversation_key, message_frame(key, out.parts, to_ms(now))
        )
        return Receipt(key, now, is_delivered=reached > 0)

    async def lookup(self, account: Account, key: str, message_key: str = "") -> Receipt | None:
        """Return the receipt: what we stored, the page will read."""
        return Receipt(message_key or key)

    async def recall(self, account: Account, out: Outbound, message_key: str) -> None:
        """Take a message off the open pages."""
        await self._link.push(account, out.conversation_key, {"type": "recall", "message_id": message_key})

    async def typing(self, account: Account, conversation_key: str, is_typing: bool) -> None:
        """Show or hide 对方正在输入."""
        await self._link.push(account, conversation_key, {"type": "typing", "on": is_typing})

    async def mark_read(self, account: Account, conversation_key: str, message_key: str) -> None:
        """Show the visitor that the shop has read up to here."""
        await self._link.push(account, conversation_key, {"type": "read", "message_id": message_key})
