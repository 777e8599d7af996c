"""What 抖店 means by its error codes. Pure. Source: channels.md §1.1 (ErrNoConstant), reliability.md §3.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miaohui.channels.model import (
    AuthExpired,
    ChannelError,
    Duplicate,
    Fault,
    Invalid,
    NotPermitted,
    RateLimited,
    Rejected,
    Transient,
    text_id,
)

OK_CODES = frozenset({"10000"})
BY_SUB_CODE: dict[str, type[ChannelError]] = {
    "isv.access-token-expired": AuthExpired,
    "isv.access-token-no-existed": AuthExpired,
    "isv.refresh-token-expired": AuthExpired,
    "isv.refresh-token-no-existed": AuthExpired,
    "isv.code-expired": AuthExpired,
    "isv.idempotent-id-existed": Duplicate,
    "isv.traffic-limited": RateLimited,
    "isv.app-permissions-insufficient": NotPermitted,
    "isv.invalid-ip": NotPermitted,
    "isv.invalid_ip": NotPermitted,
    "dop.authorization-no-existed": NotPermitted,
    "dop.authorization-closed": NotPermitted,
    "isp.api-service-off": NotPermitted,
    "isp.comment-service-off": NotPermitted,
    "isv.signature-invalid": Invalid,
    "isv.timestamp-invalid": Invalid,
    "isv.env-suspected": Transient,
    "dop.service-error": Transient,
}
BY_CODE: dict[str, type[ChannelError]] = {
    "20000": Transient,
    "30001": NotPermitted,
    "30002": NotPermitted,
    "40001": Invalid,
    "40003": Invalid,
    "50001": AuthExpired,
    "60000": RateLimited,
    "70000": NotPermitted,
    "90000": Transient,
}


def data_of(envelope: Mapping[str, Any]) -> Any:
    """Return the `data` of an answer, new style (`code`) or old (`err_no`).

    Raises: the ChannelError of the table; codes it does not know are `Rejected` (a clear no, not retried).
    """
    code = text_id(envelope.get("code"))
    if code in OK_CODES or (not code and text_id(envelope.get("err_no")) == "0"):
        return envelope.get("data")
    code = code or text_id(envelope.get("err_no"))
    sub_code = text_id(envelope.get("sub_code"))
    words = (
        text_id(envelope.get("sub_msg")) or text_id(envelope.get("msg")) or text_id(envelope.get("message"))
    )
    kind = BY_SUB_CODE.get(sub_code) or BY_CODE.get(code, Rejected)
    raise kind("doudian", Fault(f"{code} {sub_code}".strip(), words, text_id(envelope.get("log_id"))))
