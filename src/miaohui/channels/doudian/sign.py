"""Signatures of 抖店. Pure. The text that is signed is the text that is sent: serialise once.

Source: channels.md §1.1, §1.3 (official Go SDK, official Java push check, PyPI doudian 0.6 agree).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

SIGN_METHOD = "hmac-sha256"
VERSION = "2"


def param_json(params: Mapping[str, Any]) -> str:
    """Return the canonical text of `params`: keys sorted at every depth, compact, raw UTF-8, no HTML escapes.

    U+2028 and U+2029 are escaped as the official Go SDK does. Raises: ValueError for NaN and infinities.
    """
    text = json.dumps(
        params, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )  # fmt: skip
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def api_sign(app_key: str, secret: str, method: str, body: str, timestamp: str) -> str:
    """Return the signature of a call. `access_token` and `sign_method` are not part of it."""
    text = f"{secret}app_key{app_key}method{method}param_json{body}timestamp{timestamp}v{VERSION}{secret}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def event_sign(app_key: str, secret: str, body: bytes) -> str:
    """Return the `event-sign` of a pushed body: md5 over the raw bytes between key and secret.

    md5 is the platform's choice and cannot be replaced; no time is signed, so replays are possible and
    only the permanent de-duplication stops them.
    """
    return hashlib.md5(app_key.encode() + body + secret.encode(), usedforsecurity=False).hexdigest()


def spi_sign(app_key: str, secret: str, body: str, timestamp: str, sign_method: str = "md5") -> str:
    """Return the signature of a call that the platform makes to us: no method, no version in the text."""
    text = f"{secret}app_key{app_key}param_json{body}timestamp{timestamp}{secret}".encode()
    if sign_method == SIGN_METHOD:
        return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()
