"""Calls to open.douyin.com and its tokens (access 15 d, refresh 30 d, renewable 5 times; channels.md §2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from miaohui.channels.calls import as_read, call, json_object, secret_of
from miaohui.channels.douyin_im.faults import check
from miaohui.channels.douyin_im.webhook import client_key
from miaohui.channels.model import (
    Account,
    AuthExpired,
    ChannelError,
    Fault,
    Http,
    Rejected,
    StoredFile,
    Token,
    Transient,
    Unknown,
    text_id,
)
from miaohui.channels.tokens import Tokens
from miaohui.kit.clock import Clock
from miaohui.kit.egress import Ask
from miaohui.kit.randomness import secret_hex

BASE_URL = "https://open.douyin.com"
TIMEOUT_S = 10.0
DECLINED = "503"


def encode_call(
    account: Account, path: str, query: Mapping[str, str], body: bytes | None, access: str
) -> Ask:  # fmt: skip
    """Return the request: POST with a JSON body, or GET without one. Pure."""
    base = str(account.config.get("base_url", BASE_URL)).rstrip("/")
    full = {"open_id": str(account.config.get("open_id", "")), **query}
    return Ask(
        method="GET" if body is None else "POST",
        url=f"{base}/{path.strip('/')}/?{urlencode(full)}",
        system="douyin_im",
        headers={"content-type": "application/json", "access-token": access},
        content=body or b"",
        limit_s=TIMEOUT_S,
    )


class Client:
    """Calls with one token renewal and one repetition when the platform says that the token is spent."""

    def __init__(self, http: Http, tokens: Tokens, clock: Clock) -> None:
        self._http, self._tokens, self._clock = http, tokens, clock

    async def read(self, account: Account, path: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the answer of a GET. Raises: a ChannelError, never Unknown."""
        try:
            return await self._call(account, path, query, None)
        except Unknown as error:
            raise as_read(error) from error

    async def write(self, account: Account, path: str, body: bytes) -> Mapping[str, Any]:
        """Return the answer of a POST. Raises: a ChannelError."""
        return await self._call(account, path, {}, body)

    async def _call(
        self, account: Account, path: str, query: Mapping[str, str], body: bytes | None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:  # fmt: skip
        def ask(token: Token) -> Ask:
            made = encode_call(account, path, query, body, token.access)
            return replace(made, headers={**made.headers, **(headers or {})})

        token = await self._tokens.get(account, self)
        try:
            return await self._tried(account, ask(token))
        except AuthExpired:
            return await self._tried(
                account, ask(await self._tokens.get(account, self, refused=token.access))
            )

    async def _tried(self, account: Account, ask: Ask) -> Mapping[str, Any]:
        """Call once. The platform knows no idempotency: after a 5xx what was asked of it may have been done, but
        for 503, by which it declines to handle a request (F15, decision 14)."""
        try:
            return await self._once(account, ask)
        except Transient as error:
            is_answer = error.fault.code.isdecimal() and error.fault.code != DECLINED
            if ask.method == "POST" and is_answer:
                raise Unknown(error.channel, error.fault) from error
            raise

    async def upload_image(self, account: Account, file: StoredFile) -> str:
        """Return the platform's id of an uploaded image. Raises: a ChannelError, never Unknown.

        Nothing reaches a buyer by this, so it may be done again.
        """
        border = secret_hex(12)
        head = f'--{border}\r\nContent-Disposition: form-data; name="image"; filename="image"\r\n'
        body = (
            f"{head}Content-Type: {file.media_type}\r\n\r\n".encode()
            + file.data
            + f"\r\n--{border}--\r\n".encode()
        )
        form = {"content-type": f"multipart/form-data; boundary={border}"}
        try:
            answer = await self._call(account, "tool/imagex/client_upload", {}, body, form)
        except Unknown as error:
            raise as_read(error) from error
        data = answer.get("data")
        inner = text_id(data.get("image_id")) if isinstance(data, Mapping) else ""
        image_id = text_id(answer.get("image_id")) or inner
        if not image_id:
            raise ChannelError("douyin_im", Fault("upload", "answer without an image id"))
        return image_id

    def one_time_code(self, account: Account) -> str:
        """Return the code of an authorisation."""
        return account.secrets.get("auth_code", "")

    async def issue(self, account: Account) -> Token:
        """Return a first token for the code of an authorisation. Raises: AuthExpired without a good one."""
        code = account.secrets.get("auth_code")
        if not code:
            raise AuthExpired("douyin_im", Fault("no_code", "需要抖音号重新授权"))
        secret = secret_of(account, "client_secret")
        form = {"grant_type": "authorization_code", "code": code, "client_secret": secret}
        try:
            return await self._token(account, "oauth/access_token", form)
        except Rejected as error:
            raise AuthExpired("douyin_im", error.fault) from error

    async def renew(self, account: Account, token: Token) -> Token:
        """Return the next access token; the refresh token is prolonged when four fifths of its life are over."""
        refresh = token.refresh
        ends = token.refresh_expires_at
        if ends is not None and self._clock.now() > token.issued_at + (ends - token.issued_at) * 0.8:
            prolonged = await self._form(account, "oauth/renew_refresh_token", {"refresh_token": refresh})
            refresh = text_id(prolonged.get("refresh_token")) or refresh
        params = {"grant_type": "refresh_token", "refresh_token": refresh}
        return await self._token(account, "oauth/refresh_token", params)

    async def _token(self, account: Account, path: str, params: Mapping[str, str]) -> Token:
        data = await self._form(account, path, params)
        access, life_s = text_id(data.get("access_token")), text_id(data.get("expires_in"))
        if not access or not life_s.isdecimal():
            raise ChannelError("douyin_im", Fault("token", "answer without a usable token"))
        now = self._clock.now()
        refresh_s = text_id(data.get("refresh_expires_in"))
        return Token(
            access=access,
            expires_at=now + timedelta(seconds=int(life_s)),
            issued_at=now,
            refresh=text_id(data.get("refresh_token")),
            refresh_expires_at=now + timedelta(seconds=int(refresh_s)) if refresh_s.isdecimal() else None,
            detail={"open_id": text_id(data.get("open_id")), "scope": text_id(data.get("scope"))},
        )

    async def _form(self, account: Account, path: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        base = str(account.config.get("base_url", BASE_URL)).rstrip("/")
        ask = Ask(
            "POST", f"{base}/{path}/", "douyin_im", {"content-type": "application/x-www-form-urlencoded"},
            urlencode({"client_key": client_key(account), **params}).encode(), TIMEOUT_S,
        )  # fmt: skip
        try:
            data = (await self._once(account, ask)).get("data")
        except Unknown as error:
            raise as_read(error) from error
        return data if isinstance(data, Mapping) else {}

    async def _once(self, account: Account, ask: Ask) -> Mapping[str, Any]:
        reply = await call(self._http, "douyin_im", ask, self._clock.now())
        return check(json_object("douyin_im", reply), account)
