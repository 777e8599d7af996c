"""Messages as rows: what is stored, hashed, indexed and shown of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from miaohui.channels.model import Inbound, Origin, Part, Role, content_key, encode_parts, plain_text
from miaohui.channels.model.parts import System, Text
from miaohui.channels.system_texts import placeholder, system_marker
from miaohui.inbox.model import MAX_INDEXED_CHARS, State, kind_of, shop_tokens
from miaohui.inbox.model.media import without_addresses
from miaohui.inbox.model.messages import masked_for_display
from miaohui.inbox.store.messages import (
    HASHED,
    INDEX_POSTGRES,
    INDEX_SQLITE,
    INSERT_MESSAGE,
    UNINDEX_POSTGRES,
    UNINDEX_SQLITE,
    digest_of,
    row_hash_of,
)
from miaohui.kit.clock import from_ms
from miaohui.kit.db import Sql
from miaohui.kit.text import masked_text, search_tokens
from miaohui.kit.tx import Tx

FEED_TEXT_CHARS = 2_000
FEED_PARTS_CHARS = 8_000
_READ_HASHED = Sql(f"SELECT {HASHED} FROM inbox_messages WHERE id = ? AND shop_id = ?")
_REHASH = Sql("UPDATE inbox_messages SET row_hash = ? WHERE id = ?")


class Content(NamedTuple):
    """What a message says. `parts` and `refs` are JSON text."""

    role: str
    kind: str
    text: str
    parts: str
    refs: str
    origin: str
    digest: int


class Envelope(NamedTuple):
    """Where and when a message belongs. Units: milliseconds since 1970."""

    id: int
    shop_id: int
    conversation_id: int
    account_id: int
    event_key: str | None
    message_key: str | None
    occurred_ms: int
    seq_hint: int
    received_ms: int
    agent_id: int | None = None
    client_id: str | None = None
    state: str = State.RECEIVED.value


def content(
    role: str, parts: tuple[Part, ...], text: str, refs: Mapping[str, Any], origin: str = Origin.API
) -> Content:
    """Return the stored form of what a message says."""
    kind, encoded = kind_of(parts), msgspec.json.encode(encode_parts(parts)).decode()
    refs_text = msgspec.json.encode(dict(refs)).decode() if refs else "{}"
    return Content(role, kind, text, encoded, refs_text, str(origin), digest_of(role, kind, text, encoded))


def content_of(fact: Inbound) -> Content:
    """Return what of a delivered message is stored.

    Lines that 飞鸽 or 千牛 wrote become system lines, whoever the bridge thought said them; placeholders such as
    `[图片]` become the part that they stand for. Only what was read off a page is looked at so: a buyer of
    another channel who types the same words is a buyer (domain §3.7). A real picture, whose plain text is `[图片]`
    as well, stays what it is.
    """
    parts, role, text = fact.parts, fact.actor.role.value, fact.text
    is_read_off = fact.origin is Origin.BRIDGE and all(isinstance(part, Text) for part in parts)
    if is_read_off and fact.actor.role is not Role.SYSTEM:
        marker, stands_for = system_marker(text), placeholder(text)
        if marker is not None:
            parts, role = (System(text, marker.code),), Role.SYSTEM.value
        elif stands_for is not None:
            parts = (stands_for,)
            text = plain_text(parts)
    return content(role, parts, text, fact.refs, fact.origin)


def event_key_of(fact: Inbound) -> str:
    """Return the permanent name of a fact; one without a name is named by its content."""
    if fact.event_key:
        return fact.event_key
    at = fact.occurred_at.isoformat()
    return "content:" + content_key(fact.conversation_key, fact.actor.platform_id, at, fact.text)


def insert_message(tx: Tx, where: Envelope, what: Content) -> bool:
    """Store the row and its search tokens; False when its event key is already there."""
    row_hash = row_hash_of(
        where.id, where.shop_id, where.conversation_id, where.account_id, where.event_key, what.role,
        what.kind, what.text, what.parts, what.refs, where.occurred_ms, where.seq_hint, where.received_ms,
        where.agent_id, where.client_id, what.digest,
    )  # fmt: skip
    stored = tx.run(
        INSERT_MESSAGE, where.id, where.shop_id, where.conversation_id, where.account_id, where.event_key,
        where.message_key, what.role, what.kind, what.text, what.parts, what.refs, what.origin,
        where.occurred_ms, where.seq_hint, where.received_ms, where.agent_id, where.client_id, where.state,
        what.digest, row_hash,
    )  # fmt: skip
    if stored and what.role != Role.SYSTEM:
        index_text(tx, where.shop_id, where.id, what.text)
    return stored == 1


def rehash(tx: Tx, shop_id: int, message_id: int) -> None:
    """Write the row hash again after a change that was meant (an edit, a merge of conversations)."""
    found = tx.rows(_READ_HASHED, message_id, shop_id)
    tx.run(_REHASH, row_hash_of(*found[0]), message_id)


def index_text(tx: Tx, shop_id: int, message_id: int, text: str) -> None:
    """Put a message into the search index; personal numbers are masked before (reliability.md R8)."""
    tokens = indexed_tokens(shop_id, text)
    if not tokens:
        return
    if tx.conn.dialect.name == "sqlite":
        tx.run(INDEX_SQLITE, message_id, " ".join(tokens))
    else:
        tx.run(INDEX_POSTGRES, message_id, tokens)


def unindex(tx: Tx, message_id: int) -> None:
    """Take a message out of the search index."""
    tx.run(UNINDEX_SQLITE if tx.conn.dialect.name == "sqlite" else UNINDEX_POSTGRES, message_id)


def indexed_tokens(shop_id: int, text: str) -> list[str]:
    """Return the search tokens of a text, each with its shop in front."""
    return shop_tokens(shop_id, search_tokens(masked_text(text[:MAX_INDEXED_CHARS])))


def shown(where: Envelope, what: Content) -> dict[str, Any]:
    """Return a message as the feed carries it; very long ones are cut and marked, to be fetched."""
    is_cut = len(what.text) > FEED_TEXT_CHARS or len(what.parts) > FEED_PARTS_CHARS
    decoded = [] if is_cut else msgspec.json.decode(what.parts)
    text, parts = masked_for_display(what.role, what.text[:FEED_TEXT_CHARS], without_addresses(decoded))
    return {
        "id": where.id,
        "conversation_id": where.conversation_id,
        "role": what.role,
        "kind": what.kind,
        "text": text,
        "parts": parts,
        "is_cut": is_cut,
        "origin": what.origin,
        "occurred_at": from_ms(where.occurred_ms),
        "received_at": from_ms(where.received_ms),
        "agent_id": where.agent_id,
        "client_id": where.client_id,
        "state": where.state,
    }
