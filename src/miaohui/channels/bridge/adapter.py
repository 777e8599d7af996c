"""The bridge adapter: events in over the hub (or signed posts), commands out, each executed once."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from miaohui.channels.bridge import protocol
from miaohui.channels.bridge.events import CHANNEL, facts_of
from miaohui.channels.bridge.hub import BridgeHub, FindAccount, Ingest, Offline, Socket
from miaohui.channels.model import (
    ERROR_CLASSES,
    GENUINE,
    Account,
    Capabilities,
    ConvState,
    Family,
    Fault,
    HttpReply,
    Inbound,
    Kind,
    Origin,
    Outbound,
    Party,
    RawRequest,
    Receipt,
    Rejected,
    Role,
    SendWindow,
    Transient,
    Unknown,
    Verdict,
    read_json,
    same_secret,
    scene_rules,
    send_window,
    text_id,
)
from miaohui.kit.clock import Clock, to_ms
from miaohui.kit.randomness import secret_hex

SIGNATURE_HEADER = "x-bridge-signature"
CAPS = Capabilities(
    channel=CHANNEL,
    name_zh="桥接（飞鸽 / 千牛）",
    families=frozenset({Family.CONVERSATIONS}),
    parts_in=frozenset(
        {
            "text",
            "emoji",
            "image",
            "voice",
            "video",
            "file",
            "product_card",
            "order_card",
            "quote",
            "system",
            "unknown",
        }
    ),
    parts_out=frozenset({"text", "image", "product_card", "order_card", "emoji", "rating_invite"}),
    max_text_chars=800,
    can_recall=True,
    recall_within_s=72 * 3600,
    can_type=True,
    can_read_receipts=True,
    can_lookup=True,
    can_history=True,
    can_transfer=True,
    has_idempotent_send=True,
    is_attended=True,
    unverified=("max_text_chars", "recall_within_s", "send_window", "parts_out"),
    notes_zh=(
        "平台未开放买家聊天接口：由获准的插件、定向开放的 ISV 连接器或浏览器扩展按 docs/bridge.md 接入。"
        "我们不提供 Cookie 回放、抓包或签名绕过。平台只允许智能辅助，须有客服在场。"
    ),
)


class Bridge:
    """`Ingress` and `Sender` over connectors that are connected to the hub."""

    caps = CAPS

    def __init__(self, clock: Clock, hub: BridgeHub | None = None) -> None:
        self.hub = hub or BridgeHub()
        self._clock = clock

    async def serve(self, socket: Socket, find_account: FindAccount, ingest: Ingest) -> None:
        """Run one connection of a connector until it ends.

        `ingest(account, raw)` must store the event durably before it returns. What could never be read is
        refused here, so that the connector learns it at once.
        """

        async def checked(account: Account, raw: RawRequest) -> None:
            self.decode(raw, account)
            await ingest(account, raw)

        await self.hub.serve(socket, find_account, checked)

    def verify(self, raw: RawRequest, account: Account) -> Verdict:
        """Return whether a posted event is signed: `x-bridge-signature: hex hmac-sha256(secret, body)`.

        Events that came over an authenticated socket do not pass here.
        """
        secret = account.secrets.get("bridge_secret", "")
        mac = hmac.new(secret.encode(), raw.body, hashlib.sha256).hexdigest()
        is_ours = bool(secret) and same_secret(raw.headers.get(SIGNATURE_HEADER, "").lower(), mac)
        return GENUINE if is_ours else Verdict(False, "signature")

    def handshake(self, raw: RawRequest, account: Account) -> HttpReply | None:
        """Return None: posts need no challenge."""
        return None

    def decode(self, raw: RawRequest, account: Account) -> tuple[Inbound, ...]:
        """Return the facts of one frame: an event, or the late result of a command."""
        frame = read_json(raw.body)
        if isinstance(frame, Mapping) and str(frame.get("type")) in protocol.RESULTS:
            return (_result_fact(frame, account, raw.received_at or self._clock.now()),)
        return tuple(fact.with_time(raw.received_at) for fact in facts_of(frame, account))

    def ack(self, ok: bool) -> HttpReply:
        """Return 200, or 503 to have the event again."""
        return HttpReply(200, b'{"ok":true}') if ok else HttpReply(503, b'{"ok":false}')

    def window(self, account: Account, state: ConvState, now: datetime) -> SendWindow:
        """Return whether we may write: open unless the account lists rules. Without a connector it is open with
        reason `offline`: what is sent then waits and is tried again (`Transient`), it is not refused."""
        found = send_window(scene_rules(account.config.get("scenes"), ()), state, now)
        return found if not found.is_open or self.hub.is_online(account) else replace(found, reason="offline")

    async def send(self, account: Account, out: Outbound, key: str) -> Receipt:
        """Send one bubble through the connector. Raises: Transient when none is connected, Unknown, or its no."""
        frame = await self._command(account, protocol.send_command(key, out, self._deadline_ms()))
        return self._receipt(frame)

    async def lookup(self, account: Account, key: str, message_key: str = "") -> Receipt | None:
        """Ask the connector's record. None: it cannot tell either.

        Raises: Transient when it certainly did not execute the command, or the no it got from the platform.
        """
        try:
            frame = await self.hub.command(account, protocol.query_command(key))
        except (Offline, TimeoutError, OSError):
            return None
        status = str(frame.get("status"))
        if status == "never_seen":
            raise Transient(CHANNEL, Fault("never_seen", "插件没有执行过该指令"))
        if status not in ("ack", "nack"):
            return None
        return self._receipt(frame)

    async def recall(self, account: Account, out: Outbound, message_key: str) -> None:
        """Take a message back. Raises: a ChannelError."""
        key = f"recall-{secret_hex(8)}"
        frame = protocol.recall_command(key, out, message_key, self._deadline_ms())
        self._receipt(await self._command(account, frame))

    async def transfer(self, account: Account, conversation_key: str, seat: str) -> None:
        """Hand the conversation to another seat on the platform. Raises: a ChannelError."""
        frame = protocol.transfer_command(
            f"transfer-{secret_hex(8)}", conversation_key, seat, self._deadline_ms()
        )
        self._receipt(await self._command(account, frame))

    async def typing(self, account: Account, conversation_key: str, is_typing: bool) -> None:
        """Show the buyer that somebody writes, where the platform can."""
        await self.hub.push(account, account.key, protocol.notice("typing", conversation_key, on=is_typing))

    async def mark_read(self, account: Account, conversation_key: str, message_key: str) -> None:
        """Mark as read on the platform."""
        await self.hub.push(
            account, account.key, protocol.notice("read", conversation_key, message_id=message_key)
        )

    async def _command(self, account: Account, frame: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return await self.hub.command(account, frame)
        except Offline as error:
            raise Transient(CHANNEL, Fault("offline", "桥接插件未连接", retry_after_s=5.0)) from error
        except (TimeoutError, OSError) as error:
            raise Unknown(CHANNEL, Fault("no_result", "插件没有回报结果")) from error

    def _receipt(self, frame: Mapping[str, Any]) -> Receipt:
        status = protocol.RESULTS.get(str(frame.get("type")), str(frame.get("status")))
        if status == "ack":
            return Receipt(text_id(frame.get("message_id")), self._clock.now(), raw=dict(frame))
        reason, words = text_id(frame.get("reason")), text_id(frame.get("text"))
        if status == "nack":
            kind = ERROR_CLASSES[reason] if reason in protocol.NACK_REASONS else Rejected
            raise kind(CHANNEL, Fault(reason, words))
        raise Unknown(CHANNEL, Fault(reason or "unknown", words))

    def _deadline_ms(self) -> int:
        return to_ms(self._clock.now() + timedelta(seconds=protocol.COMMAND_TIMEOUT_S))


def _result_fact(frame: Mapping[str, Any], account: Account, at: datetime) -> Inbound:
    """Return the fact of a command's result that came as an event of its own (after a reconnect)."""
    cmd_id, status = text_id(frame.get("cmd_id")), protocol.RESULTS[frame["type"]]
    kind = {"ack": Kind.SEND_RESULT, "nack": Kind.SEND_FAILED}.get(status, Kind.UNKNOWN)
    told = text_id(frame.get("at_ms"))
    refs = {"key": cmd_id, "reason": text_id(frame.get("reason")), "type": str(frame["type"])}
    return Inbound(
        CHANNEL, account.key, f"br:{account.key}:result:{cmd_id}:{status}", kind, at,
        Party(Role.SYSTEM, account.key, "桥接"), message_key=text_id(frame.get("message_id")), origin=Origin.BRIDGE,
        refs={name: value for name, value in (refs | {"at_ms": told}).items() if value}, raw=dict(frame),
    )  # fmt: skip
