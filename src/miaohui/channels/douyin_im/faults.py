"""What 抖音 means by its error codes. Pure. Source: channels.md §2.2, §6.4; the rest is configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miaohui.channels.model import (
    ERROR_CLASSES,
    Account,
    AuthExpired,
    ChannelError,
    Fault,
    QuotaExhausted,
    Rejected,
    Unknown,
    text_id,
)

BY_CODE: dict[str, type[ChannelError]] = {
    "10008": AuthExpired,
    "10010": AuthExpired,
    "28001003": AuthExpired,
    "28001008": AuthExpired,
    # The platform failed inside and has no idempotency: the message may have gone out (at most once, F15).
    "28001005": Unknown,
    "28001006": Unknown,
    "28003070": QuotaExhausted,
}


def check(envelope: Mapping[str, Any], account: Account) -> Mapping[str, Any]:
    """Return the envelope of a success.

    An account may name further codes: `error_classes: {"28003071": "window_closed"}`.
    Raises: the ChannelError of the code; codes that nobody knows are `Rejected`.
    """
    data, extra = _object(envelope.get("data")), _object(envelope.get("extra"))
    codes = [envelope.get("err_no"), data.get("error_code"), extra.get("error_code")]
    code = next((text for value in codes if (text := text_id(value)) not in ("", "0")), "")
    if not code:
        return envelope
    named = _object(account.config.get("error_classes")).get(code)
    kind = ERROR_CLASSES.get(str(named)) or BY_CODE.get(code, Rejected)
    words = [envelope.get("err_msg"), data.get("description"), extra.get("description")]
    message = next((text for value in words if (text := text_id(value))), "")
    raise kind(
        "douyin_im", Fault(code, message, text_id(extra.get("logid")) or text_id(envelope.get("log_id")))
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
