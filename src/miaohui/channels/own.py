"""Recognising our own words when they come back, so that no robot answers itself. Pure (domain.md §3.7).

Platforms that know no idempotency key give nothing else to tell an echo by than what was said, to whom, when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from miaohui.channels.model import Inbound, Part, Role, content_key, plain_text
from miaohui.kit.text import folded

ECHO_WITHIN_S = 600.0
LONG_CHARS = 15


def fingerprint(conversation_key: str, parts: Iterable[Part]) -> str:
    """Return what identifies one saying in one conversation, whatever blanks and widths a page made of it."""
    return content_key(conversation_key, "".join(folded(plain_text(parts)).split()))


def is_own(fact: Inbound, sent: Sequence[tuple[str, datetime]], within_s: float = ECHO_WITHIN_S) -> bool:
    """Tell whether a message is one of ours that comes back.

    `sent`: fingerprints of what we sent in this conversation and when. Pages that are read off a screen mix up
    the sides, so a line under the buyer's name counts too, but only a long one: buyers do answer 好的 with 好的.
    """
    if fact.actor.role is not Role.BUYER and fact.refs.get("key"):
        return True
    if fact.actor.role is Role.BUYER and len(folded(fact.text)) < LONG_CHARS:
        return False
    mark = fingerprint(fact.conversation_key, fact.parts)
    return any(mark == one and abs((fact.occurred_at - at).total_seconds()) <= within_s for one, at in sent)
