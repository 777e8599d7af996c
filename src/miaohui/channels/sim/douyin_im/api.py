"""The API side of the simulated 抖音: tokens, sending, recalling, comments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from miaohui.channels.sim.douyin_im.inbox import Inbox, No
from miaohui.channels.sim.http import Request, Response, reply

ACCESS_LIFE_S, REFRESH_LIFE_S, MAX_RENEWALS = 1_296_000, 2_592_000, 5


@dataclass
class Grant:
    """Tokens given out. Units: Unix seconds."""

    access: str
    refresh: str
    expires_s: int
    refresh_expires_s: int
    renewals: int = 0


@dataclass
class Client:
    """The registered application and its codes."""

    key: str
    secret: str
    codes: set[str] = field(default_factory=set)
    grants: list[Grant] = field(default_factory=list)
    access_life_s: int = ACCESS_LIFE_S


class Api:
    """`answer(request)` is one call; `log` remembers them."""

    def __init__(self, client: Client, inbox: Inbox, now_s: Callable[[], int]) -> None:
        self.client, self.inbox, self._now_s = client, inbox, now_s
        self.log: list[dict[str, Any]] = []
        self.images: dict[str, bytes] = {}

    def answer(self, request: Request, is_limited: bool = False) -> Response:
        """Return the answer to one API call."""
        logid = f"20261122SIM{len(self.log):010d}"
        entry: dict[str, Any] = {"path": request.path, "code": 0}
        self.log.append(entry)
        extra = {"logid": logid, "now": self._now_s() * 1000, "sub_error_code": 0, "sub_description": ""}
        try:
            if is_limited:
                raise No(28003070, "超出频控限制次数")
            data, top = self._do(request)
        except No as no:
            entry["code"] = no.code
            failed = {"error_code": no.code, "description": no.words}
            return reply({"data": failed, "extra": extra | failed})
        fine = {"error_code": 0, "description": ""}
        return reply({"data": fine | data, "extra": extra | fine, **top})

    def _do(self, request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
        path = request.path.strip("/")
        if path.startswith("oauth/"):
            return self._oauth(path, dict(parse_qsl(request.body.decode()))), {"message": "success"}
        self._check_token(request.headers.get("access-token", ""))
        if request.query.get("open_id") != self.inbox.open_id:
            raise No(28001007, "open_id 与 access_token 不符")
        body = request.json()
        match path:
            case "im/send/msg":
                return {}, {"msg_id": self.inbox.send(body)}
            case "tool/imagex/client_upload":
                return {}, self._upload(request)
            case "im/recall/msg":
                self.inbox.recall(body)
                return {}, {}
            case "item/comment/list":
                return self._comments(request.query), {}
            case "item/comment/reply":
                given = {"buyer": self.inbox.open_id, "text": body["content"], "item_id": body["item_id"]}
                row = self.inbox.comment({**given, "reply_to_comment_id": body.get("comment_id", "")})
                return {"comment_id": row["comment_id"]}, {}
        raise No(28001007, "接口不存在")

    def _upload(self, request: Request) -> dict[str, Any]:
        kind, _, border = request.headers.get("content-type", "").partition("; boundary=")
        head, found, rest = request.body.partition(b"\r\n\r\n")
        data, ended, _ = rest.rpartition(f"\r\n--{border}--".encode())
        if kind != "multipart/form-data" or b'name="image"' not in head or not (found and ended and data):
            raise No(28001007, "image 不能为空")
        image_id = f"@img{len(self.images)}=="
        self.images[image_id] = data
        return {"image_id": image_id, "width": 1, "height": 1, "md5": ""}

    def _check_token(self, access: str) -> None:
        for grant in self.client.grants:
            if grant.access == access:
                if grant.expires_s <= self._now_s():
                    raise No(28001008, "access_token过期,请刷新或重新授权")
                return
        raise No(28001003, "access_token无效")

    def _comments(self, query: Any) -> dict[str, Any]:
        rows = [row for row in self.inbox.comments if row["item_id"] == query.get("item_id")]
        start, count = int(query.get("cursor", 0)), min(50, int(query.get("count", 10)))
        shown = rows[start : start + count]
        return {"list": shown, "cursor": start + len(shown), "has_more": start + len(shown) < len(rows)}

    def _oauth(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        if form.get("client_key") != self.client.key:
            raise No(10003, "client_key 错误")
        if path == "oauth/access_token":
            if form.get("client_secret") != self.client.secret or form.get("code") not in self.client.codes:
                raise No(10007, "授权码无效或已过期")
            self.client.codes.discard(form["code"])
            return self._grant(0)
        old = next((one for one in self.client.grants if one.refresh == form.get("refresh_token")), None)
        if old is None or old.refresh_expires_s <= self._now_s():
            raise No(10010, "refresh_token过期,需要用户重新授权")
        if path == "oauth/renew_refresh_token":
            if old.renewals >= MAX_RENEWALS:
                raise No(10020, "refresh_token 续期次数已用完")
            old.renewals += 1
            old.refresh_expires_s = self._now_s() + REFRESH_LIFE_S
            return {"refresh_token": old.refresh, "expires_in": str(REFRESH_LIFE_S)}
        if path != "oauth/refresh_token":
            raise No(28001007, "接口不存在")
        return self._grant(old.renewals, old)

    def _grant(self, renewals: int, old: Grant | None = None) -> dict[str, Any]:
        now, number = self._now_s(), len(self.client.grants) + 1
        refresh = old.refresh if old else f"sim-refresh-{number}"
        ends = old.refresh_expires_s if old else now + REFRESH_LIFE_S
        if old is not None:
            # The old access token lives on for five minutes, the refresh token stays the same.
            old.expires_s, old.refresh = min(old.expires_s, now + 300), f"spent-{number}"
        self.client.grants.append(
            Grant(f"sim-access-{number}", refresh, now + self.client.access_life_s, ends, renewals)
        )
        # The platform writes these numbers as texts.
        return {
            "access_token": f"sim-access-{number}", "expires_in": str(self.client.access_life_s),
            "refresh_token": refresh, "refresh_expires_in": str(ends - now), "open_id": self.inbox.open_id,
            "scope": "user_info,im.direct_message",
        }  # fmt: skip
