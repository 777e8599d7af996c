"""Who a visitor is: a token that we signed, and the site's proof for customers it knows. Pure.

The token is bound to one account and ends; a guessed or foreign one opens nothing. The site proves a customer
by HMAC over the customer's id, made on its server: a browser cannot claim to be somebody else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from miaohui.channels.model import Account, same_secret
from miaohui.kit.clock import from_ms, to_ms

TOKEN_LIFE = timedelta(days=30)
MAX_ID_CHARS = 64
_PREFIX = "mhv1"
_STUB = "mhs1"  # what is left of a token in storage: it says who, and opens nothing


@dataclass(frozen=True)
class Visitor:
    """`id` is unique in the account; `customer_id` is the site's own id of a proven customer, else ''."""

    id: str
    name: str = ""
    customer_id: str = ""


def issue_token(account: Account, visitor: Visitor, now: datetime, life: timedelta = TOKEN_LIFE) -> str:
    """Return a signed token for a visitor of this account."""
    claims = {"a": account.key, "v": visitor.id, "n": visitor.name, "c": visitor.customer_id}
    body = _b64(json.dumps({**claims, "x": to_ms(now + life)}, ensure_ascii=False).encode())
    return f"{_PREFIX}.{body}.{_b64(_mac(account.secrets['signing_key'], body, _PREFIX))}"


def visitor_of(account: Account, token: str, now: datetime) -> Visitor | None:
    """Return who a token stands for; None when it is forged, of another account, or over.

    `signing_key_previous` is honoured too, so that keys can be changed without throwing everybody out.
    """
    claims = _signed_claims(account, token, _PREFIX)
    return None if claims is None or now >= from_ms(claims["x"]) else _visitor(claims)


def stub_of(account: Account, token: str) -> str:
    """Return what may be stored of a genuine token: nobody who reads it can write as this visitor."""
    body = token.split(".")[1]
    return f"{_STUB}.{body}.{_b64(_mac(account.secrets['signing_key'], body, _STUB))}"


def visitor_of_stub(account: Account, stub: str) -> Visitor | None:
    """Return who a stored stub stands for; None when it is not one of ours."""
    claims = _signed_claims(account, stub, _STUB)
    return None if claims is None else _visitor(claims)


def _signed_claims(account: Account, token: str, prefix: str) -> Mapping[str, Any] | None:
    given_prefix, _, rest = token.partition(".")
    body, _, given = rest.partition(".")
    if given_prefix != prefix or not _is_signed(account, body, given, prefix):
        return None
    claims = _claims(body)
    return claims if claims.get("a") == account.key and isinstance(claims.get("x"), int) else None


def _visitor(claims: Mapping[str, Any]) -> Visitor:
    return Visitor(str(claims.get("v", "")), str(claims.get("n", "")), str(claims.get("c", "")))


def customer_proof(account: Account, customer_id: str) -> str:
    """Return what the site's server must hand its page for this customer."""
    return hmac.new(
        account.secrets["identity_key"].encode(), customer_id.encode(), hashlib.sha256
    ).hexdigest()


def is_proven(account: Account, customer_id: str, given: str) -> bool:
    """Tell whether the site vouches for this customer id."""
    if not customer_id or len(customer_id) > MAX_ID_CHARS or not account.secrets.get("identity_key"):
        return False
    return same_secret(given.lower(), customer_proof(account, customer_id))


def _is_signed(account: Account, body: str, given: str, prefix: str) -> bool:
    keys = (account.secrets.get("signing_key"), account.secrets.get("signing_key_previous"))
    return any([same_secret(given, _b64(_mac(key, body, prefix))) for key in keys if key])


def _mac(key: str, body: str, prefix: str) -> bytes:
    return hmac.new(key.encode(), f"{prefix}.{body}".encode("utf-8", "replace"), hashlib.sha256).digest()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _claims(body: str) -> Mapping[str, Any]:
    try:
        value = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        return {}
    return value if isinstance(value, Mapping) else {}
