"""What a delivery may look like before anybody trusts it: size, encoding, depth, keys, numbers. Pure.

Source: reliability.md F10 (poison content), API10 (answers of other systems are hostile input).
"""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate
from typing import Any, NoReturn

from miaohui.kit.errors import TOO_LARGE, RefusalKind

MAX_BODY_BYTES = 1_048_576
MAX_DEPTH = 64
MAX_NUMBER_DIGITS = 64

BAD_DELIVERY = RefusalKind(
    "channels.bad_delivery",
    400,
    "推送内容格式有误，已拒收",
    "The delivery is malformed and was refused: see the reason",
)

_STEPS = bytes({91: 1, 123: 1, 93: 255, 125: 255}.get(code, 0) for code in range(256))
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def check_limits(body: bytes, max_bytes: int = MAX_BODY_BYTES, max_depth: int = MAX_DEPTH) -> str:
    """Return the body's text once its size, encoding and nesting are harmless; nothing is parsed.

    Raises: Refusal kit.too_large; channels.bad_delivery with reason encoding, nul or depth.
    """
    if len(body) > max_bytes:
        TOO_LARGE.refuse(limit_bytes=max_bytes)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        BAD_DELIVERY.refuse(reason="encoding", at=error.start)
    if "\0" in text:
        BAD_DELIVERY.refuse(reason="nul", at=text.index("\0"))
    if _is_deeper(body, max_depth):
        BAD_DELIVERY.refuse(reason="depth", limit=max_depth)
    return text


def _is_deeper(body: bytes, max_depth: int) -> bool:
    """Tell whether brackets outside of texts are nested deeper than `max_depth`.

    Order: a megabyte of brackets must not hold the event loop, so no step of this is a loop in Python.
    """
    if body.count(b"[") + body.count(b"{") <= max_depth:
        return False
    outside = b"".join(body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
    steps = memoryview(outside.translate(_STEPS, _NO_BRACKETS)).cast("b")
    return max(accumulate(steps), default=0) > max_depth


def read_json(body: bytes | str, max_bytes: int = MAX_BODY_BYTES) -> Any:
    """Return the JSON value of `body` within all limits.

    Shape: integers of any platform stay exact ints; NaN, infinities and doubled keys are refused; an escaped
    NUL becomes ␀ and a lone surrogate becomes U+FFFD, so that every text can be stored and shown.
    Raises: Refusal kit.too_large, channels.bad_delivery.
    """
    text = check_limits(body.encode("utf-8", "replace") if isinstance(body, str) else body, max_bytes)
    try:
        value = json.loads(
            text,
            parse_constant=_no_constant,
            parse_int=_exact_int,
            parse_float=_finite_float,
            object_pairs_hook=_without_doubles,
        )
    except (ValueError, RecursionError) as error:
        BAD_DELIVERY.refuse(reason="json", at=getattr(error, "pos", -1))
    return _visible_value(value)


def visible(text: str) -> str:
    """Return `text` with NUL as ␀ and lone surrogates as U+FFFD: storable in every database."""
    return _SURROGATE.sub("\ufffd", text.replace("\0", "\u2400"))


def text_id(value: Any) -> str:
    """Return a platform id as text: 64-bit ids come as numbers from one SDK and as text from another.

    A float is no id: its digits are already lost, so it becomes ''.
    """
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | str):
        return visible(str(value)).strip()
    return ""


def _no_constant(name: str) -> NoReturn:
    BAD_DELIVERY.refuse(reason="number", value=name)


def _exact_int(digits: str) -> int:
    if len(digits) > MAX_NUMBER_DIGITS:
        BAD_DELIVERY.refuse(reason="number", digits=len(digits))
    return int(digits)


def _finite_float(digits: str) -> float:
    if len(digits) > MAX_NUMBER_DIGITS:
        BAD_DELIVERY.refuse(reason="number", digits=len(digits))
    value = float(digits)
    if not math.isfinite(value):
        BAD_DELIVERY.refuse(reason="number", value=digits)
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in pairs:
        name = visible(key)
        if name in out:
            BAD_DELIVERY.refuse(reason="doubled_key", key=name[:64])
        out[name] = _visible_value(value)
    return out


def _visible_value(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [_visible_value(item) for item in value]
    return value
