"""From chat rows to message facts: roles, system texts, marks, and a key that survives overlapping files.

Two equal texts in the same second are two messages: the n-th one of a file meets the n-th one of another file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from miaohui.importing.model import chat
from miaohui.importing.model.facts import IS_CARD, IS_CLOSING, IS_PERFUNCTORY, IS_RECALLED, IS_TRANSFER
from miaohui.importing.model.rows import BadRow, Facts, FileContext, Row, position_of
from miaohui.importing.model.values import PARSERS, BadValue, plain_text

SESSION_GAP_MS = 3_600_000
_FIELDS = ("session_id", "at_ms", "role", "sender", "agent", "buyer_key", "kind", "text", "order_id", "product_id",
           "entry", "rating", "message_id")  # fmt: skip


@dataclass
class _Seen:
    """Repeats of a text within one second of one session."""

    at: dict[str, tuple[int, dict[int, int]]] = field(default_factory=dict)

    def number(self, session: str, at_ms: int, digest: int) -> int:
        """Return how many equal messages came before in this second."""
        held = self.at.get(session)
        if held is None or held[0] != at_ms:
            self.at[session] = (at_ms, {digest: 1})
            return 0
        before = held[1].get(digest, 0)
        held[1][digest] = before + 1
        return before


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=7).digest(), "big")


def marks_of(role: str, text: str, kind: str) -> int:
    """Return the bits that say whether a message opens or closes a round (domain.md §2.6)."""
    if role == chat.BUYER:
        if kind in ("card", "卡片", "商品卡片", "进线卡片") or text[:1] == "[" and chat.is_card(text):
            return IS_CARD
        marks = IS_CLOSING if len(text) <= 12 and chat.is_closing(text) else 0
    elif role == chat.AGENT:
        marks = IS_PERFUNCTORY if len(text) <= 8 and chat.is_perfunctory(text) else 0
    else:
        return IS_TRANSFER if chat.is_transfer_text(text) else 0
    return marks | (IS_RECALLED if kind in ("撤回", "recalled") else 0)


def resolved_role(role: str, text: str) -> str:
    """Return who really wrote it: exports put platform prompts into the buyer's or agent's mouth."""
    if (text[:1] in "[用从以客会【当您撤" or "撤回" in text) and chat.is_system_text(text):
        return chat.SYSTEM
    if role == chat.AGENT and "高兴为您服务" in text and chat.is_robot_text(text):
        return chat.ROBOT
    return role


def message_builder(context: FileContext) -> Callable[[Row, int], Facts]:
    """Return the builder of chat tables: one message a row."""
    at = {name: position_of(context.columns, name) for name in _FIELDS}
    used = [(name, index) for name, index in at.items() if index is not None]
    seen, width = _Seen(), len(context.header)
    roles = _Roles(context.agents)
    platform = context.platform or "douyin"

    def build(row: Row, number: int) -> Facts:
        if len(row) < width:
            raise BadRow("整行", f"只有 {len(row)} 列，表头有 {width} 列：可能被截断或含有未加引号的逗号")
        cells = {name: row[index] for name, index in used}
        session, at_ms, order_id, rating = _keys(cells)
        text = cells["text"].strip()
        sender = plain_text(cells.get("sender") or cells.get("agent") or "")
        role = resolved_role(roles.of(cells.get("role", "").strip(), sender), text)
        kind, given = cells.get("kind", ""), cells.get("message_id", "")
        digest = _digest(given or f"{role}\0{text}")
        repeat = 0 if given else seen.number(session, at_ms, digest)
        if repeat:
            digest = _digest(f"{role}\0{text}\0{repeat}")
        return [(session, at_ms, digest, number, role, sender, cells.get("buyer_key") or None, text, order_id,
                 cells.get("product_id") or None, cells.get("entry") or None, rating, marks_of(role, text, kind),
                 platform, number, 0)]  # fmt: skip

    return build


class _Roles:
    """Roles by the words of this file, each worked out once."""

    def __init__(self, agents: frozenset[str]) -> None:
        self.agents = agents
        self.known: dict[tuple[str, str], str] = {}

    def of(self, word: str, sender: str) -> str:
        """Return the role. Raises: BadRow for a word that names none."""
        found = self.known.get((word, sender))
        if found is None:
            try:
                found = chat.role_of(word or sender, sender, self.agents)
            except BadValue as error:
                raise BadRow("发送方角色", str(error), word or sender) from error
            self.known[word, sender] = found
        return found


_time_value, _id_value, _int_value = PARSERS["time"], PARSERS["id"], PARSERS["int"]


def _keys(cells: dict[str, str]) -> tuple[str, int, str | None, int | None]:
    """Return session, time, order and rating of a row. Raises: BadRow."""
    try:
        at_ms, session = _time_value(cells["at_ms"]), _id_value(cells["session_id"])
        order, stars = cells.get("order_id", ""), cells.get("rating", "")
        order_id = _id_value(order) if order else None
        rating = _int_value(stars) if stars else None
    except BadValue as error:
        raise BadRow("时间或编号", str(error), cells["at_ms"]) from error
    if at_ms is None or not session:
        raise BadRow("时间" if at_ms is None else "会话ID", "是空的，这条消息放不到会话里")
    return session, at_ms, order_id, rating


def line_facts(context: FileContext) -> Callable[[chat.ChatLine], Facts]:
    """Return the builder of plain-text records: sessions as marked, else split where an hour is silent."""
    seen = _Seen()
    platform = context.platform or "douyin"
    last: dict[str, tuple[int, int]] = {}

    def build(line: chat.ChatLine) -> Facts:
        if line.at_ms is None:
            raise BadRow("时间", "这一行没有时间，无法计算回复时长；请导出带时间的记录", line.text)
        session = line.session_id
        if session == context.stem:
            before, part = last.get(session, (line.at_ms, 1))
            part += line.at_ms - before > SESSION_GAP_MS
            last[session] = (line.at_ms, part)
            session = f"{session}#{part}"
        role = resolved_role(line.role, line.text)
        digest = _digest(f"{role}\0{line.text}")
        if repeat := seen.number(session, line.at_ms, digest):
            digest = _digest(f"{role}\0{line.text}\0{repeat}")
        return [(session, line.at_ms, digest, line.line_no, role, line.sender, None, line.text, None, None, None,
                 None, marks_of(role, line.text, ""), platform, line.line_no, 0)]  # fmt: skip

    return build
