"""Roles and permissions, which routes need none, and the rules of log-in. Pure.

A role is held in one shop; roles without `inbox.read_all` see the conversations of their groups only.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from miaohui.kit.errors import RefusalKind
from miaohui.kit.passwords import Profile

PERMISSIONS: dict[str, str] = {
    "inbox.read": "查看本组会话",
    "inbox.read_all": "查看全店会话",
    "inbox.reply": "回复买家",
    "inbox.note": "写内部备注",
    "inbox.assign": "转接会话",
    "inbox.bulk": "批量操作会话",
    "inbox.transcript": "打印会话记录",
    "inbox.labels": "管理标签与共享视图",
    "routing.read": "查看分流与排队",
    "routing.presence": "切换自己的接待状态",
    "routing.manage": "调整分流、接管、批量转移",
    "sla.read": "查看回复时钟",
    "sla.manage": "调整回复目标与日历",
    "shop.read": "查看店铺设置",
    "shop.manage": "修改店铺设置、直播场次与大促",
    "staff.read": "查看客服与分组",
    "staff.manage": "管理客服、分组、技能",
    "buyers.read": "查看买家资料（脱敏）",
    "buyers.merge": "合并重复买家",
    "buyers.reveal": "查看明文（需填原因，留审计）",
    "buyers.erase": "按买家要求删除其个人数据",
    "trade.read": "查看订单与售后",
    "trade.refresh": "重新拉取订单",
    "channels.read": "查看渠道状态",
    "channels.manage": "接入与管理渠道",
    "webhooks.manage": "管理外发回调",
    "phrasebook.read": "使用快捷短语",
    "phrasebook.manage": "管理快捷短语",
    "importing.run": "导入文件",
    "insight.read": "查看指标与报告",
    "insight.manage": "管理口径、规则与豁免日历",
    "access.manage": "管理人员、角色与邀请",
    "access.audit": "查看审计",
    "jobs.read": "查看后台任务与死信",
    "jobs.replay": "重放死信",
    "system.backup": "备份与恢复",
}

_VIEWER = {"inbox.read", "routing.read", "sla.read", "shop.read", "staff.read", "trade.read", "insight.read"}
_AGENT = _VIEWER | {
    "inbox.reply", "inbox.note", "inbox.assign", "inbox.transcript", "routing.presence", "buyers.read",
    "trade.refresh", "phrasebook.read",
}  # fmt: skip
_INSPECTOR = _VIEWER | {"inbox.read_all", "inbox.note", "inbox.transcript", "buyers.read", "phrasebook.read"}
_SUPERVISOR = _AGENT | {
    "inbox.read_all", "inbox.bulk", "inbox.labels", "routing.manage", "sla.manage", "shop.manage", "staff.manage",
    "buyers.merge", "buyers.reveal", "channels.read", "phrasebook.manage", "importing.run",
    "insight.manage", "jobs.read",
}  # fmt: skip
_MANAGER = _SUPERVISOR | {
    "channels.manage", "webhooks.manage", "access.manage", "access.audit", "jobs.replay", "buyers.erase",
}  # fmt: skip

ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset(PERMISSIONS),
    "manager": frozenset(_MANAGER),
    "supervisor": frozenset(_SUPERVISOR),
    "agent": frozenset(_AGENT),
    "inspector": frozenset(_INSPECTOR),
    "viewer": frozenset(_VIEWER | {"inbox.read_all"}),
}
ROLE_NAMES_ZH = {
    "owner": "老板", "manager": "店长", "supervisor": "客服主管",
    "agent": "客服", "inspector": "质检", "viewer": "只读",
}  # fmt: skip
_RANK = {"owner": 5, "manager": 4, "supervisor": 3, "agent": 2, "inspector": 2, "viewer": 1}
NOT_FOR_TOKENS = frozenset({"access.manage", "system.backup"})

# Routes that ask for no permission, each with the reason. Whatever is neither here nor carries `require(...)`
# fails the authorisation walk (reliability.md R4).
PUBLIC: dict[tuple[str, str], str] = {
    ("POST", "/api/session"): "the log-in itself; bounded by the lock-out",
    ("POST", "/api/invitations/acceptance"): "a newcomer has no account yet; the one-use secret is the right",
    ("POST", "/api/password-resets/acceptance"): "who forgot the password cannot log in; one-use secret",
    ("GET", "/hooks/{channel}/{account_key}"): "platforms; the signature over the raw bytes is the right",
    ("POST", "/hooks/{channel}/{account_key}"): "platforms; the signature over the raw bytes is the right",
    (
        "GET",
        "/files/{attachment_id}/{name}",
    ): "images load without headers; the link's signature is the right",
    ("GET", "/api/openapi.json"): "the published interface; the same for everybody",
    ("GET", "/widget/{account_key}"): "the chat window's page; nothing of the shop but its greeting",
    ("GET", "/widget/{account_key}.js"): "the script that a shop's site embeds; the same for every visitor",
    ("GET", "/widget/assets/{name}"): "style and script of the chat window; the same for everybody",
    ("POST", "/widget/{account_key}/frames"): "the visitor's own words; the signed token is the right",
    (
        "POST",
        "/widget/{account_key}/session",
    ): "a visitor is nobody yet; paced by address, gets a signed token",
    ("GET", "/widget/{account_key}/messages"): "the visitor's own words; the signed token is the right",
    (
        "POST",
        "/widget/{account_key}/uploads",
    ): "the visitor's own file; signed token, paced, typed by content",
    ("POST", "/widget/{account_key}/typing"): "the visitor's own window; signed token, nothing stored",
    ("GET", "/widget/{account_key}/events"): "hints for the visitor; signed token, few streams each",
    ("GET", "/healthz"): "process monitors; tells nothing but that the process answers",
    ("GET", "/{path:path}"): "the built pages; no data in them",
}

LOGIN_FAILED = RefusalKind(
    "access.login_failed", 401, "登录名、密码或验证码不正确", "Wrong log-in name, password or code"
)
TOTP_NEEDED = RefusalKind(
    "access.totp_needed", 401, "请输入动态验证码", "Enter the code of your authenticator app"
)
LOCKED = RefusalKind(
    "access.locked", 429, "失败次数过多，请稍后再试", "Too many failures: wait, then try again"
)
NO_SHOP = RefusalKind(
    "access.no_shop", 403, "账号没有任何店铺的权限，请联系店长", "No rights in any shop: ask the shop manager"
)
FOREIGN_ORIGIN = RefusalKind(
    "access.foreign_origin", 403, "请求来自其他网站，已拒绝", "Refused: the request comes from another site"
)
SESSION_NEEDED = RefusalKind(
    "access.session_needed", 403, "此操作需要本人登录，不能使用令牌", "Log in yourself: not with a token"
)
WEAK_PASSWORD = RefusalKind(
    "access.weak_password", 422, "密码不符合要求，请按提示更换", "The password is too weak: see the detail"
)
LOGIN_TAKEN = RefusalKind("access.login_taken", 409, "登录名已被使用，请换一个", "The log-in name is taken")
INVITATION_GONE = RefusalKind(
    "access.invitation_gone",
    410,
    "链接已使用、撤回或过期，请联系店长重发",
    "The link is used, withdrawn or expired",
)
ALREADY_MEMBER = RefusalKind(
    "access.already_member", 409, "您已经是这家店铺的成员", "You are a member of this shop already"
)
ABOVE_YOU = RefusalKind(
    "access.above_you", 403, "不能授予或调整与您同级或更高的角色", "Not for a role at or above your own"
)
LAST_OWNER = RefusalKind(
    "access.last_owner", 409, "店铺至少要有一位老板，请先指定另一位", "A shop keeps at least one owner"
)
MEMBER_ELSEWHERE = RefusalKind(
    "access.member_elsewhere",
    409,
    "此人也在其他店铺，请由本人或系统管理员处理",
    "Also a member of another shop",
)
TOTP_ON = RefusalKind("access.totp_on", 409, "动态验证码已启用", "The authenticator is on already")
TOTP_OFF = RefusalKind("access.totp_off", 409, "动态验证码未启用", "The authenticator is not on")


@dataclass(frozen=True)
class AccessPolicy:
    """How log-ins behave on this installation. Source: reliability.md R13, §3.1; NIST SP 800-63B-4 §2.2.3.

    Units: `_s` seconds. `allowed_origins`: 'https://host[:port]' pages that may use the cookie besides the
    host that the request names (a proxy that rewrites it). `totp_roles`: roles that may do nothing but switch
    the second factor on while it is off (ASVS 6.3.3). `totp_drift_steps`: how many 30-second steps before or
    after the present one a code may be of (RFC 6238 §5.2); each is used once. `secure_cookie`: behind
    a proxy that ends TLS and hides it from us.
    """

    password_profile: Profile = "asvs"
    session_idle_s: int = 2 * 3_600
    session_absolute_s: int = 24 * 3_600
    max_sessions: int = 20
    lockout_failures: int = 5
    lockout_s: int = 900
    network_failures: int = 30
    invitation_s: int = 24 * 3_600
    reset_s: int = 2 * 3_600
    token_max_days: int = 365
    cache_s: float = 2.0
    allowed_origins: frozenset[str] = field(default_factory=frozenset)
    totp_roles: frozenset[str] = field(default_factory=frozenset)
    totp_drift_steps: int = 1
    secure_cookie: bool = False


def may_govern(own_role: str, other_role: str) -> bool:
    """Tell whether `own_role` may grant or take `other_role`: owners any, others only what is below them."""
    return own_role == "owner" or _RANK[other_role] < _RANK.get(own_role, 0)


def locked_until(failed_at: Sequence[datetime], policy: AccessPolicy) -> datetime | None:
    """Return until when a log-in name is locked by its failures, or None.

    Shape: `failed_at` newest first; only the newest `lockout_failures` count.
    Source: reliability.md R13: five failures within 15 minutes lock for 15 minutes from the fifth.
    """
    if len(failed_at) < policy.lockout_failures:
        return None
    span = timedelta(seconds=policy.lockout_s)
    newest, oldest = failed_at[0], failed_at[policy.lockout_failures - 1]
    return newest + span if newest - oldest < span else None


def network_of(ip: str) -> str:
    """Return what one attacker easily owns: the IPv4 address, the /64 of an IPv6 address."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)


def login_key(login: str) -> str:
    """Return a log-in name as it is compared: 'Ａlice ' and 'alice' are one person."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def is_login(login: str) -> bool:
    """Tell whether `login` can be a log-in name: 2–64 letters, digits, Chinese characters or . _ @ + -"""
    return bool(re.fullmatch(r"[\w.@+-]{2,64}", login_key(login)))
