"""Frames of the bridge protocol, version 1. Pure. Description: docs/bridge.md; shapes: schema/*.json.

The connector proves itself by HMAC over our fresh challenge: no clock is needed and nothing can be replayed.
Its events carry a sequence number and are acknowledged once they are stored; our commands carry a `cmd_id` and
are executed once, however often they arrive.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from miaohui.channels.model import Account, Outbound, encode_parts, same_secret, text_id

VERSION = 1
HEARTBEAT_S = 15
MISSED_HEARTBEATS = 3
COMMAND_TIMEOUT_S = 15.0
MAX_FRAME_BYTES = 1_048_576
PLATFORMS = frozenset({"feige", "qianniu", "dongdong", "other"})
EVENTS = frozenset(
    {
        "conv.snapshot", "conv.enter", "conv.closed", "msg.in", "msg.edit", "msg.recall", "read", "typing",
        "transfer", "agent.state", "order", "aftersale", "review",
    }
)  # fmt: skip
RESULTS = {"msg.out.ack": "ack", "msg.out.nack": "nack", "msg.out.unknown": "unknown"}
NACK_REASONS = frozenset(
    {
        "window_closed",
        "quota_exhausted",
        "rejected",
        "wrong_state",
        "not_permitted",
        "rate_limited",
        "invalid",
    }
)

CLOSE_PROTOCOL, CLOSE_AUTH, CLOSE_REPLACED, CLOSE_SILENT, CLOSE_BUSY = 4400, 4401, 4409, 4408, 4503


def challenge(nonce: str) -> dict[str, Any]:
    """Return our first frame."""
    return {"v": VERSION, "type": "challenge", "nonce": nonce}


def proof(account: Account, nonce: str) -> str:
    """Return the `mac` that a connector must send for our nonce."""
    text = f"miaohui-bridge-v{VERSION}\n{account.key}\n{nonce}"
    return hmac.new(account.secrets["bridge_secret"].encode(), text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Hello:
    """Who connects. `stream` names the connector's own event log: sequence numbers belong to it."""

    bridge_id: str
    mac: str
    platform: str
    stream: str
    plugin: str = ""


def hello_of(frame: Any) -> Hello | None:
    """Return the connector's answer to the challenge, None when it is none."""
    if not isinstance(frame, Mapping) or frame.get("type") != "hello" or frame.get("v") != VERSION:
        return None
    values = {name: text_id(frame.get(name)) for name in ("bridge_id", "mac", "platform", "stream", "plugin")}
    if (
        not all(values[name] for name in ("bridge_id", "mac", "stream"))
        or values["platform"] not in PLATFORMS
    ):
        return None
    return Hello(**values)


def is_authentic(hello: Hello, account: Account, nonce: str) -> bool:
    """Tell whether the connector knows the account's bridge secret."""
    if not account.secrets.get("bridge_secret") or hello.bridge_id != account.key:
        return False
    return same_secret(hello.mac.lower(), proof(account, nonce))


def welcome(last_seq: int) -> dict[str, Any]:
    """Return the frame that opens the session: the connector goes on after `last_seq`.

    It may be lower than what we acknowledged before (we restarted): sending again is always safe.
    """
    return {"v": VERSION, "type": "welcome", "last_seq": last_seq, "heartbeat_s": HEARTBEAT_S}


def ack(seq: int) -> dict[str, Any]:
    """Return the frame that says: stored for good, forget it."""
    return {"type": "ack", "seq": seq}


def nack(seq: int, reason: str) -> dict[str, Any]:
    """Return the frame that says: this event can never be taken; skip it, tell a person."""
    return {"type": "nack", "seq": seq, "reason": reason}


def send_command(key: str, out: Outbound, deadline_ms: int) -> dict[str, Any]:
    """Return the command that sends one bubble. After `deadline_ms` (Unix) it must not be started any more."""
    return {
        "type": "msg.out", "cmd_id": key, "conversation_id": out.conversation_key, "buyer_id": out.to_platform_id,
        "agent_id": out.seat, "parts": encode_parts(out.parts), "deadline_ms": deadline_ms,
    }  # fmt: skip


def query_command(key: str) -> dict[str, Any]:
    """Return the question what became of a command. It never executes anything."""
    return {"type": "cmd.query", "cmd_id": key}


def recall_command(key: str, out: Outbound, message_key: str, deadline_ms: int) -> dict[str, Any]:
    """Return the command that takes a message back."""
    return {
        "type": "msg.recall", "cmd_id": key, "conversation_id": out.conversation_key, "message_id": message_key,
        "deadline_ms": deadline_ms,
    }  # fmt: skip


def transfer_command(key: str, conversation_key: str, seat: str, deadline_ms: int) -> dict[str, Any]:
    """Return the command that hands a conversation to another seat on the platform."""
    return {
        "type": "conv.transfer", "cmd_id": key, "conversation_id": conversation_key, "agent_id": seat,
        "deadline_ms": deadline_ms,
    }  # fmt: skip


def notice(kind: str, conversation_key: str, **more: Any) -> dict[str, Any]:
    """Return a frame that asks for no answer: `typing` or `read`."""
    return {"type": kind, "conversation_id": conversation_key, **more}


def encode(frame: Mapping[str, Any]) -> str:
    """Return a frame as text."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
