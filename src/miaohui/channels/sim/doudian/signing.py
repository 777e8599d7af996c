"""The platform's side of 抖店 signatures, written apart from the adapter's."""

from __future__ import annotations

import calendar
import hashlib
import hmac
import time


def expected(secret: str, app_key: str, method: str, body: bytes, timestamp: str) -> str:
    """Return what `sign` of a call must be."""
    pieces = [
        b"app_key", app_key.encode(), b"method", method.encode(), b"param_json", body,
        b"timestamp", timestamp.encode(), b"v", b"2",
    ]  # fmt: skip
    mac = hmac.new(secret.encode(), digestmod="sha256")
    mac.update(secret.encode())
    for piece in pieces:
        mac.update(piece)
    mac.update(secret.encode())
    return mac.hexdigest()


def pushed(secret: str, app_key: str, body: bytes) -> str:
    """Return the `event-sign` of a push."""
    digest = hashlib.new("md5", usedforsecurity=False)
    for piece in (app_key.encode(), body, secret.encode()):
        digest.update(piece)
    return digest.hexdigest()


def seconds(timestamp: str) -> int | None:
    """Return Unix seconds of a call's timestamp: seconds, or 'yyyy-MM-dd HH:mm:ss' in GMT+8."""
    if timestamp.isdigit():
        return int(timestamp)
    try:
        return calendar.timegm(time.strptime(timestamp, "%Y-%m-%d %H:%M:%S")) - 8 * 3600
    except ValueError:
        return None
