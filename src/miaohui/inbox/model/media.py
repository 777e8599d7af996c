"""Pictures, voices, videos and files that a platform sends by reference: what is fetched, from where, what is shown.

Browsers never load a foreign address: it would tell the other side who looks, and its link ends some day. A job
fetches the bytes once; until then, and where that fails, the part says why. Pure (reliability.md R15, R6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from miaohui.channels.model import Part
from miaohui.channels.model.parts import Media
from miaohui.kit.errors import RefusalKind

NOTHING_TO_FETCH = RefusalKind(
    "inbox.nothing_to_fetch",
    409,
    "这条消息没有需要重新获取的文件",
    "There is nothing to fetch again in this message",
)
FETCH_LIMIT_S = 30.0
MAX_REDIRECTS = 3
# Where the platforms keep what buyers send. Unverified: an account adds its own by `config["media_hosts"]`.
HOSTS: Mapping[str, tuple[str, ...]] = {
    "feige": ("byteimg.com", "pstatp.com", "ecombdimg.com", "ecombdstatic.com", "douyinpic.com", "bytednsdoc.com"),
    "qianniu": ("alicdn.com", "taobao.com", "tmall.com"),
    "dongdong": ("360buyimg.com", "jd.com"),
    "douyin_im": ("douyinpic.com", "byteimg.com", "pstatp.com", "douyinvod.com"),
}  # fmt: skip
_SHOWS = {"image": ("image/",), "voice": ("audio/", "video/mp4"), "video": ("video/",)}
_TYPES = frozenset({"image", "voice", "video", "file"})


class Problem(StrEnum):
    """Why a part has no file yet. `FETCHING` passes by itself, the others need a person."""

    FETCHING = "fetching"
    EXPIRED = "expired"
    FORBIDDEN = "forbidden"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    UNREACHABLE = "unreachable"


def is_by_reference(part: Part) -> bool:
    """Tell whether a part names a file somewhere else that we do not have."""
    return isinstance(part, Media) and not part.blob_id and part.url.startswith(("https://", "http://"))


def hosts_of(channel: str, config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the hosts (with everything below them) from which an account's files may be fetched."""
    platform = str(config.get("platform", "feige")) if channel == "bridge" else channel
    added = config.get("media_hosts")
    own = [str(host).lower().lstrip(".") for host in added] if isinstance(added, list) else []
    return (*HOSTS.get(platform, ()), *(host for host in own if host))


def is_listed(url: str, hosts: Iterable[str]) -> bool:
    """Tell whether an address lies on one of these hosts or below one."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    return bool(host) and any(host == known or host.endswith(f".{known}") for known in hosts)


def fits(part: Media, media_type: str) -> bool:
    """Tell whether a file's content is what its part says it is; a `file` may be anything that is accepted."""
    starts = _SHOWS.get(part.type)
    return starts is None or media_type.startswith(starts)


def problem_of_status(status: int) -> Problem | None:
    """Return what an answer's status says for good; None when trying again may help."""
    if status in (400, 401, 403, 404, 410):  # a signature that ended is answered by any of these
        return Problem.EXPIRED
    return Problem.UNREACHABLE if 300 <= status < 500 and status not in (408, 425, 429) else None


def stored(part: Media, attachment_id: int, media_type: str, size_bytes: int) -> Media:
    """Return the part with our file instead of the foreign address."""
    return replace(
        part, url="", blob_id=str(attachment_id), mime=media_type, size_bytes=size_bytes, problem="",
        is_viewable=True,
    )  # fmt: skip


def without_addresses(parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return parts without foreign addresses of media; one that is still to be fetched says so."""
    return [_without_address(part) for part in parts]


def _without_address(part: Mapping[str, Any]) -> dict[str, Any]:
    kind, url = part.get("type"), part.get("url")
    if not url or (kind not in _TYPES and kind != "emoji"):
        return dict(part)
    kept = {name: value for name, value in part.items() if name != "url"}
    if kind == "emoji" or part.get("blob_id"):
        return kept
    return {**kept, "problem": part.get("problem") or Problem.FETCHING.value}
