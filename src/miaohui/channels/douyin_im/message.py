"""Message bodies of 抖音私信, both ways. Pure. Source: channels.md §2.1 (in), §2.2 (out)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miaohui.channels.model import Fault, Invalid, Outbound, Part, parts, text_id

DEFAULT_SCENE = "im_reply_msg"


def message_parts(content: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the parts of a received message. Images and videos come without an address: 需到抖音端内查看."""
    kind = text_id(content.get("message_type"))
    if kind == "text":
        return (parts.Text(_text(content.get("text"))),)
    url = text_id(content.get("resource_url"))
    width, height = _count(content.get("resource_width")), _count(content.get("resource_height"))
    ref = text_id(content.get("item_id"))
    if kind == "image":
        return (parts.Image(ref, url, width=width, height=height, is_viewable=bool(url)),)
    if kind == "video":
        return (parts.Video(ref, url, width=width, height=height, is_viewable=bool(url)),)
    if kind == "emoji":
        return (
            parts.Emoji(text_id(content.get("resource_type")) or "emoji", _text(content.get("text")), url),
        )
    return (parts.Unknown(kind, dict(content)),)


def encode_part(part: Part) -> dict[str, Any]:
    """Return one part as the platform takes it. Raises: Invalid for what the channel cannot carry."""
    match part:
        case parts.Text():
            return {"msg_type": 1, "text": {"text": part.text}}
        case parts.Image() if part.ref:
            return {"msg_type": 2, "image": {"media_id": part.ref}}
        case parts.Video() if part.ref:
            return {"msg_type": 3, "video": {"item_id": part.ref}}
        case parts.MiniApp():
            card = {"card_template_id": part.app_id, "path": part.path, "query": "", "app_id": part.app_id}
            return {"msg_type": 10, "applet_card": card}
    raise Invalid(
        "douyin_im", Fault("part", f"抖音私信不能发送 {part.type}（图片、视频需先上传得到素材 ID）")
    )


def encode_send(out: Outbound) -> dict[str, Any]:
    """Return the body of `/im/send/msg/`. Raises: Invalid."""
    contents = [encode_part(part) for part in out.parts]
    if not contents:
        raise Invalid("douyin_im", Fault("part", "没有内容"))
    body: dict[str, Any] = {
        "conversation_id": conversation_id(out),
        "to_user_id": out.to_platform_id,
        "scene": out.scene or DEFAULT_SCENE,
    }
    if out.reply_to:
        body["msg_id"] = out.reply_to
    return body | ({"content": contents[0]} if len(contents) == 1 else {"content_list": contents})


def conversation_id(out: Outbound) -> str:
    """Return the platform's id of the conversation, as the buyer's own messages told it."""
    return text_id(out.refs.get("conversation_short_id")) or out.conversation_key


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
