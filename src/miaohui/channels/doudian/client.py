"""Signed calls to 抖店 and its tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from miaohui.channels.calls import as_read, call, json_object, secret_of
from miaohui.channels.doudian import push
from miaohui.channels.doudian.faults import data_of
from miaohui.channels.doudian.sign import SIGN_METHOD, VERSION, api_sign, param_json
from miaohui.channels.model import Account, AuthExpired, ChannelError, Fault, Http, Token, Unknown, text_id
from miaohui.channels.tokens import Tokens
from miaohui.kit.clock import Clock
from miaohui.kit.egress import Ask

BASE_URL = "https://openapi-fxg.jinritemai.com"
TIMEOUT_S = 12.0
MAX_ANSWER_BYTES = 8_388_608


def encode_call(account: Account, path: str, params: Mapping[str, Any], now_s: int, access: str) -> Ask:
    """Return the signed request. Pure. The bytes of the body are the bytes that were signed.

    Units: `now_s` Unix seconds.
    """
    body = param_json(params)
    key, secret = push.app_key(account), secret_of(account, "app_secret")
    method = path.strip("/").replace("/", ".")
    query = {
        "app_key": key,
        "method": method,
        "access_token": access,
        "timestamp": str(now_s),
        "v": VERSION,
        "sign": api_sign(key, secret, method, body, str(now_s)),
        "sign_method": SIGN_METHOD,
    }
    base = str(account.config.get("base_url", BASE_URL)).rstrip("/")
    return Ask(
        method="POST",
        url=f"{base}/{path.strip('/')}?{urlencode({k: v for k, v in query.items() if v})}",
        system="doudian",
        headers={"content-type": "application/json;charset=UTF-8", "x-open-no-old-err-code": "1"},
        content=body.encode(),
        limit_s=TIMEOUT_S,
        max_bytes=MAX_ANSWER_BYTES,
    )


class Client:
    """Calls that read and calls that write, with one token renewal and one repetition when the token is spent."""

    def __init__(self, http: Http, tokens: Tokens, clock: Clock) -> None:
        self._http, self._tokens, self._clock = http, tokens, clock

    async def read(self, account: Account, path: str, params: Mapping[str, Any]) -> Any:
        """Return the `data` of a call that changes nothing. Raises: a ChannelError, never Unknown."""
        try:
            return await self.write(account, path, params)
        except Unknown as error:
            raise as_read(error) from error

    async def write(self, account: Account, path: str, params: Mapping[str, Any]) -> Any:
        """Return the `data` of a call. Raises: a ChannelError."""
        token = await self._tokens.get(account, self)
        try:
            return await self._once(account, path, params, token.access)
        except AuthExpired:
            token = await self._tokens.get(account, self, refused=token.access)
            return await self._once(account, path, params, token.access)

    def one_time_code(self, account: Account) -> str:
        """Return the code of an authorisation; '' for 自用型 apps: they are given tokens by shop id."""
        return account.secrets.get("auth_code", "") if _needs_code(account) else ""

    async def issue(self, account: Account) -> Token:
        """Return a first token: 自用型 apps by shop id, 工具型 ones by the code of an authorisation.

        Raises: AuthExpired when there is neither (somebody must authorise again).
        """
        shop_id, code = account.config.get("platform_shop_id"), self.one_time_code(account)
        if _needs_code(account):
            if not code:
                raise AuthExpired("doudian", Fault("no_code", "工具型应用需要商家重新授权"))
            return await self._token(
                account, "token/create", {"grant_type": "authorization_code", "code": code}
            )
        if not shop_id:
            raise AuthExpired("doudian", Fault("no_shop_id", "自用型应用需要店铺 ID"))
        params = {"grant_type": "authorization_self", "shop_id": text_id(shop_id), "code": ""}
        if account.config.get("is_test_shop"):
            params["test_shop"] = "1"
        return await self._token(account, "token/create", params)

    async def renew(self, account: Account, token: Token) -> Token:
        """Return the next token for a refresh token."""
        params = {"grant_type": "refresh_token", "refresh_token": token.refresh}
        return await self._token(account, "token/refresh", params)

    async def _token(self, account: Account, path: str, params: Mapping[str, Any]) -> Token:
        try:
            data = await self._once(account, path, params, "")
        except Unknown as error:
            raise as_read(error) from error
        return self._token_in(data)

    def _token_in(self, data: Any) -> Token:
        access = text_id(data.get("access_token")) if isinstance(data, Mapping) else ""
        life_s = text_id(data.get("expires_in")) if access else ""
        if not access or not life_s.isdecimal():
            raise ChannelError("doudian", Fault("token", "answer without a usable token"))
        now = self._clock.now()
        return Token(
            access=access,
            expires_at=now + timedelta(seconds=int(life_s)),
            issued_at=now,
            refresh=text_id(data.get("refresh_token")),
            detail={
                name: text_id(data.get(name)) for name in ("shop_id", "shop_name", "authority_id", "scope")
            },
        )

    async def _once(self, account: Account, path: str, params: Mapping[str, Any], access: str) -> Any:
        now = self._clock.now()
        ask = encode_call(account, path, params, int(now.timestamp()), access)
        reply = await call(self._http, "doudian", ask, now)
        return data_of(json_object("doudian", reply))


def _needs_code(account: Account) -> bool:
    is_tool = account.config.get("app_type") == "tool"
    return is_tool or bool(account.secrets.get("auth_code") and not account.config.get("platform_shop_id"))
