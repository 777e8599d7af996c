"""The simulated 抖音 account: conversations with buyers, and what each may still receive.

The figures of windows and quotas are the second-hand ones (channels.md §2.2); the control API changes them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

DAY_MS = 86_400_000
SHANGHAI_MS = 28_800_000


@dataclass
class Limits:
    """Units: milliseconds, messages. `is_strict`: only talks that began here may be answered, within quotas;
    off for proofs whose buyers write past this simulator."""

    reply_window_ms: int = DAY_MS
    reply_quota: int = 6
    enter_quota: int = 1
    auth_per_day: int = 3
    is_strict: bool = True


@dataclass
class Talk:
    """One buyer's conversation. Times in milliseconds."""

    buyer: str
    nick_name: str
    conversation_id: str
    last_message_ms: int = -1
    last_message_id: str = ""
    last_enter_ms: int = -1
    auth_until_ms: int = -1
    has_blocked: bool = False
    sent: list[tuple[str, int]] = field(default_factory=list)


class No(Exception):
    """The platform's refusal: code and words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


class Inbox:
    """All conversations. `push(event, content, sender, receiver)` announces."""

    def __init__(
        self, open_id: str, client_key: str, now_ms: Callable[[], int], push: Callable[..., None], seed: int
    ) -> None:  # fmt: skip
        self.open_id, self.client_key = open_id, client_key
        self.limits = Limits()
        self.talks: dict[str, Talk] = {}
        self.delivered: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self._now_ms, self._push, self._rng = now_ms, push, random.Random(seed)

    def _id(self) -> str:
        return f"@9Vx{self._rng.randbytes(24).hex()}=="

    def talk(self, given: dict[str, Any]) -> Talk:
        """Return the conversation of `given["buyer"]`, opening it."""
        buyer = str(given["buyer"])
        if buyer not in self.talks:
            self.talks[buyer] = Talk(buyer, str(given.get("nick_name", buyer)), self._id())
        return self.talks[buyer]

    def _content(self, talk: Talk, message_id: str, more: dict[str, Any]) -> dict[str, Any]:
        return {
            "conversation_short_id": talk.conversation_id,
            "server_message_id": message_id,
            "conversation_type": 1,
            "create_time": self._now_ms(),
            "user_infos": [
                {"open_id": talk.buyer, "nick_name": talk.nick_name, "avatar": ""},
                {"open_id": self.open_id, "nick_name": "秒回测试旗舰店", "avatar": ""},
            ],
            **more,
        }

    def receive(self, given: dict[str, Any]) -> dict[str, Any]:
        """A buyer writes. Shape: buyer, text | message_type and its fields."""
        talk, message_id = self.talk(given), str(given.get("server_message_id") or self._id())
        body = {"message_type": given.get("message_type", "text"), "source": "", "scene_type": 100}
        for name in ("text", "resource_type", "resource_url", "resource_width", "resource_height", "item_id"):
            if name in given:
                body[name] = given[name]
        talk.last_message_ms, talk.last_message_id = self._now_ms(), message_id
        content = self._content(talk, message_id, body)
        self._push("im_receive_msg", content, talk.buyer, self.open_id)
        return content

    def enter(self, given: dict[str, Any]) -> dict[str, Any]:
        """A buyer opens the conversation page."""
        talk = self.talk(given)
        talk.last_enter_ms = self._now_ms()
        more: dict[str, Any] = {
            name: given[name] for name in ("objectId", "ad_info", "query", "path") if name in given
        }
        content = self._content(talk, self._id(), {"scene_type": 4, **more})
        self._push("im_enter_direct_msg", content, talk.buyer, self.open_id, as_text=True)
        return content

    def authorise(self, given: dict[str, Any]) -> dict[str, Any]:
        """A buyer allows (or forbids) outreach."""
        talk, now = self.talk(given), self._now_ms()
        days = float(given.get("days", 30))
        talk.auth_until_ms = now + int(days * DAY_MS)
        content = {
            "create_time": now // 1000, "update_time": now // 1000, "expire_time": talk.auth_until_ms // 1000,
            "operation_type": 1, "auth_status": 1 if days > 0 else 2, "source": "im.direct_message.bind",
            "extra": "", "query": "", "path": "",
        }  # fmt: skip
        self._push("im_authorize", content, talk.buyer, self.open_id, as_text=True)
        return content

    def recall_by_buyer(self, given: dict[str, Any]) -> dict[str, Any]:
        """A buyer takes a message back."""
        talk = self.talk(given)
        content = self._content(talk, str(given["server_message_id"]), {})
        self._push("im_recall_msg", content, talk.buyer, self.open_id)
        return content

    def type_in_app(self, given: dict[str, Any]) -> dict[str, Any]:
        """A person of the shop answers in 抖音's own app: the echo names no client_key."""
        talk = self.talk(given)
        return self._deliver(talk, [{"msg_type": 1, "text": {"text": str(given["text"])}}], "", "app")[-1]

    def send(self, body: dict[str, Any]) -> str:
        """Deliver what the API was asked to send; return the last message's id. Raises: No."""
        talk = next((one for one in self.talks.values() if one.buyer == body.get("to_user_id")), None)
        if not self.limits.is_strict:
            talk = talk or self.talk({"buyer": str(body.get("to_user_id"))})
        elif talk is None or body.get("conversation_id") != talk.conversation_id:
            raise No(28001007, "会话不存在：conversation_id 与 to_user_id 不符")
        if talk.has_blocked:
            raise No(28003099, "用户拒收")
        contents = body.get("content_list") or ([body["content"]] if body.get("content") else [])
        if not contents:
            raise No(28001007, "content 不能为空")
        scene = str(body.get("scene", ""))
        self._admit(talk, scene, len(contents), str(body.get("msg_id", "")))
        talk.sent.extend((scene, self._now_ms()) for _ in contents)
        return str(self._deliver(talk, contents, self.client_key, scene)[-1]["server_message_id"])

    def _admit(self, talk: Talk, scene: str, count: int, reply_to: str) -> None:
        now, limits = self._now_ms(), self.limits
        if not limits.is_strict:
            return
        if scene == "im_reply_msg":
            if reply_to != talk.last_message_id:
                raise No(28001007, "msg_id 不是该用户的最近一条消息")
            ends, since, quota = (
                talk.last_message_ms + limits.reply_window_ms,
                talk.last_message_ms,
                limits.reply_quota,
            )
        elif scene == "im_enter_direct_msg":
            ends, since, quota = (
                talk.last_enter_ms + limits.reply_window_ms,
                talk.last_enter_ms,
                limits.enter_quota,
            )
        elif scene == "im_authorize_message":
            midnight = (now + SHANGHAI_MS) // DAY_MS * DAY_MS - SHANGHAI_MS
            ends, since, quota = talk.auth_until_ms, midnight, limits.auth_per_day
        else:
            raise No(28001007, "scene 不合法")
        if now >= ends:
            raise No(28003071, "超出可发送时间")
        if sum(1 for name, at in talk.sent if name == scene and at >= since) + count > quota:
            raise No(28003070, "超出频控限制次数")

    def _deliver(
        self, talk: Talk, contents: list[dict[str, Any]], source: str, scene: str
    ) -> list[dict[str, Any]]:  # fmt: skip
        made = []
        for content in contents:
            text = content.get("text", {}).get("text", "") if content.get("msg_type") == 1 else ""
            kind = {1: "text", 2: "image", 3: "video"}.get(content.get("msg_type", 0), "other")
            message = self._content(talk, self._id(), {"message_type": kind, "source": source, "text": text})
            made.append(message)
            self.delivered.append(
                {"buyer": talk.buyer, "scene": scene, "source": source, "content": content, "recalled": False}
                | {name: message[name] for name in ("server_message_id", "create_time")}
            )
            self._push("im_send_msg", message, self.open_id, talk.buyer)
        return made

    def recall(self, body: dict[str, Any]) -> None:
        """Take a delivered message back. Raises: No."""
        for message in self.delivered:
            if message["server_message_id"] == body.get("msg_id"):
                message["recalled"] = True
                talk = self.talks[message["buyer"]]
                self._push("im_recall_msg", self._content(talk, body["msg_id"], {}), self.open_id, talk.buyer)
                return
        raise No(28001007, "消息不存在")

    def comment(self, given: dict[str, Any]) -> dict[str, Any]:
        """Somebody comments under a video."""
        row = {
            "comment_id": self._id(), "comment_user_id": str(given["buyer"]), "content": str(given["text"]),
            "create_time": self._now_ms() // 1000, "digg_count": 0, "reply_comment_total": 0, "top": False,
            "nick_name": str(given.get("nick_name", given["buyer"])), "avatar": "",
            "item_id": str(given.get("item_id", "@video1")),
            "reply_to_comment_id": str(given.get("reply_to_comment_id", "")),
        }  # fmt: skip
        self.comments.append(row)
        pushed = {**row, "reply_to_item_id": row["item_id"], "at_user_id": ""}
        del pushed["item_id"], pushed["nick_name"], pushed["avatar"], pushed["top"]
        self._push("item_comment_reply", pushed, row["comment_user_id"], self.open_id)
        return row
