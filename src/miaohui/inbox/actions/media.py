"""Keep files that were fetched in place of their foreign addresses; say on the message what could not be had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import msgspec

from miaohui.channels.model import Part, decode_parts, encode_parts
from miaohui.channels.model.parts import Media
from miaohui.inbox.actions.announce import announce
from miaohui.inbox.actions.files import add_fetched
from miaohui.inbox.actions.lines import rehash
from miaohui.inbox.model.media import (
    NOTHING_TO_FETCH,
    Problem,
    is_by_reference,
    stored,
    without_addresses,
)
from miaohui.inbox.model.messages import masked_for_display
from miaohui.inbox.queries.messages import get_message
from miaohui.inbox.store.messages import SET_PARTS
from miaohui.kit.blobs import Blob
from miaohui.kit.tx import Tx


@dataclass(frozen=True)
class Fetched:
    """What became of one address: a stored file, or why there is none."""

    blob: Blob | None = None
    problem: Problem | None = None


def follow_references(tx: Tx, shop_id: int, message_id: int, parts: Iterable[Part]) -> None:
    """Have the files of a message fetched that its platform sent by reference; does nothing for other messages."""
    if any(is_by_reference(part) for part in parts):
        # The first of a message is named by it; a later one (an edit, a person's wish) is named by itself.
        tx.enqueue("inbox.fetch_media", {"message_id": message_id}, shop_id=shop_id)


def keep_media(tx: Tx, shop_id: int, message_id: int, found: Mapping[str, Fetched]) -> int:
    """Write down what became of a message's addresses (`found`: address → outcome); return how many files came.

    An address that the message no longer carries (an edit came between) is left alone.
    """
    message = get_message(tx.conn, shop_id, message_id)
    before = decode_parts(message.parts)
    after, count = [], 0
    for part in before:
        outcome = found.get(part.url) if isinstance(part, Media) and is_by_reference(part) else None
        if not isinstance(part, Media) or outcome is None:
            after.append(part)
        elif outcome.blob is None:
            after.append(replace(part, problem=str(outcome.problem or "")))
        else:
            where = (message.conversation_id, message.account_id)
            attachment_id = add_fetched(tx, shop_id, where, outcome.blob, part.name)
            after.append(stored(part, attachment_id, outcome.blob.media_type, outcome.blob.size_bytes))
            count += 1
    if tuple(after) != before:
        _write(tx, shop_id, message_id, after)
    return count


def retry_media(tx: Tx, shop_id: int, message_id: int) -> None:
    """Fetch again what could not be had. Raises: Refusal kit.not_found, inbox.nothing_to_fetch."""
    message = get_message(tx.conn, shop_id, message_id)
    before = decode_parts(message.parts)
    if message.recalled_at is not None or not any(is_by_reference(part) for part in before):
        NOTHING_TO_FETCH.refuse(message_id=message_id)
    cleared = [replace(part, problem="") if isinstance(part, Media) else part for part in before]
    _write(tx, shop_id, message_id, cleared)
    follow_references(tx, shop_id, message_id, cleared)


def _write(tx: Tx, shop_id: int, message_id: int, parts: list[Part]) -> None:
    tx.run(SET_PARTS, msgspec.json.encode(encode_parts(parts)).decode(), message_id, shop_id)
    rehash(tx, shop_id, message_id)
    message = get_message(tx.conn, shop_id, message_id)
    _, shown = masked_for_display(message.role, "", without_addresses(message.parts))
    data = {"message_id": message_id, "parts": shown}
    announce(tx, shop_id, message.conversation_id, "inbox.message_media", data)
