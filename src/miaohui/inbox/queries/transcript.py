"""A conversation on paper: as text and as a page to print, personal numbers and names masked."""

from __future__ import annotations

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from miaohui.inbox.model import CLOSE_REASONS_ZH
from miaohui.inbox.queries.conversations import Conversation, get_conversation, list_changes
from miaohui.inbox.queries.messages import Message, list_messages_after
from miaohui.kit.text import masked_text

SHANGHAI = ZoneInfo("Asia/Shanghai")
MAX_MESSAGES = 5_000
BATCH = 500
ROLES_ZH = {"buyer": "买家", "agent": "客服", "bot": "机器人", "system": "系统"}
STATES_ZH = {"queued": "待发送", "sending": "发送中", "refused": "未送达", "unknown": "未确认"}
CHANGES_ZH = {"assigned": "分配", "closed": "结束", "reopened": "重新打开"}
_STYLE = (
    "body{font:14px/1.7 system-ui,'PingFang SC','Noto Sans CJK SC',sans-serif;max-width:46rem;margin:2rem auto;"
    "padding:0 1rem;color:#1c1d1f}h1{font-size:1.1rem}table{border-collapse:collapse;width:100%}"
    "td{padding:.3rem .5rem;vertical-align:top;border-bottom:1px solid #e6e7ea}td:first-child{white-space:nowrap;"
    "color:#6b6f76}.who{white-space:nowrap;font-weight:600}.gone{color:#9a9da3}footer{margin-top:1rem;color:#6b6f76}"
)


def transcript_text(conn: Connection, shop_id: int, conversation_id: int, now: datetime) -> str:
    """Return a conversation as plain text, oldest line first. Raises: Refusal kit.not_found."""
    talk = get_conversation(conn, shop_id, conversation_id)
    lines = [_title(talk), *(f"{at}  {who}：{text}" for at, who, text, _ in _rows(conn, talk)), _footer(now)]
    return "\n".join(lines) + "\n"


def transcript_html(conn: Connection, shop_id: int, conversation_id: int, now: datetime) -> str:
    """Return a conversation as a page to print; texts are escaped, nothing runs. Raises: kit.not_found."""
    talk = get_conversation(conn, shop_id, conversation_id)
    rows = "".join(
        f"<tr{' class=gone' if is_gone else ''}><td>{at}</td><td class=who>{escape(who)}</td>"
        f"<td>{escape(text)}</td></tr>"
        for at, who, text, is_gone in _rows(conn, talk)
    )
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>会话记录 {talk.id}</title>'
        f"<style>{_STYLE}</style><h1>{escape(_title(talk))}</h1><table>{rows}</table>"
        f"<footer>{escape(_footer(now))}</footer></html>"
    )


def _title(talk: Conversation) -> str:
    return f"会话 {talk.id}　{talk.buyer_name_zh}　渠道 {talk.channel}　入口 {talk.entry}　开始 {_time(talk.opened_at)}"


def _footer(now: datetime) -> str:
    return f"导出时间 {_time(now)}（北京时间）。手机号、证件号已脱敏。"


def _rows(conn: Connection, talk: Conversation) -> list[tuple[str, str, str, bool]]:
    found = [(m.occurred_at, _line(m)) for m in _messages(conn, talk)]
    for change in list_changes(conn, talk.shop_id, talk.id):
        reason = CLOSE_REASONS_ZH.get(change["reason"], change["reason"])
        text = f"{CHANGES_ZH[change['what']]}：{reason}"
        found.append((change["at"], ("记录", text, False)))
    found.sort(key=lambda row: row[0])
    return [(_time(at), *line) for at, line in found]


def _messages(conn: Connection, talk: Conversation) -> list[Message]:
    found: list[Message] = []
    after = (-1, -1, -1)
    while len(found) < MAX_MESSAGES:
        page = list_messages_after(conn, talk.shop_id, talk.id, after, BATCH)
        found += page
        if len(page) < BATCH:
            break
        after = page[-1].order_key
    return found


def _line(message: Message) -> tuple[str, str, bool]:
    who = ROLES_ZH.get(message.role, message.role)
    if message.recalled_at is not None:
        return who, "（已撤回）", True
    text = masked_text(message.text)
    marks = [STATES_ZH[message.state]] if message.state in STATES_ZH else []
    marks += ["已编辑"] if message.edited_at is not None else []
    return who, text + "".join(f"〔{mark}〕" for mark in marks), False


def _time(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
