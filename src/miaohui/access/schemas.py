"""What `access` takes and gives over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from miaohui.kit.http import Schema

Login = Annotated[str, Field(min_length=1, max_length=128, description="登录名")]
Typed = Annotated[str, Field(min_length=1, max_length=512, description="密码，原样校验，不截断")]
Code = Annotated[str, Field(max_length=64, description="动态验证码或恢复码")]
Secret = Annotated[str, Field(min_length=1, max_length=200, description="一次性链接中的密钥")]
Reason = Annotated[str, Field(max_length=200, description="原因，记入审计")]
Name = Annotated[str, Field(min_length=1, max_length=40, description="显示名")]
GroupIds = Annotated[list[Annotated[int, Field(ge=0, lt=2**53)]], Field(max_length=200)]


class LogIn(Schema):
    login: Login
    password: Typed
    code: Code = ""


class ShopOfMine(Schema):
    id: int
    name: str
    role: str
    role_zh: str


class Me(Schema):
    """The person who is logged in, and what they may do in this shop."""

    user_id: int
    login: str
    display_name: str
    has_totp: bool
    must_enrol_totp: bool
    shop_id: int
    role: str
    role_zh: str
    permissions: list[str]
    group_ids: list[int] | None
    shops: list[ShopOfMine]
    is_token: bool
    now: datetime


class SessionRow(Schema):
    id: int
    created_at: datetime
    expires_at: datetime
    seen_at: datetime
    strength: str
    ip: str
    user_agent: str
    is_current: bool


class SessionList(Schema):
    items: list[SessionRow]
    next_cursor: str | None = None


class Ended(Schema):
    """How many sessions ended."""

    ended_count: int


class PasswordChange(Schema):
    current: Typed
    new: Typed


class TotpState(Schema):
    is_on: bool
    recovery_codes_left: int


class TotpEnrol(Schema):
    password: Typed


class TotpOffer(Schema):
    """Shown once: scan `uri` as a QR code, or type `secret`; then confirm with the first code."""

    enrolment_id: int
    secret: str
    uri: str


class TotpConfirm(Schema):
    enrolment_id: int
    code: Code


class RecoveryCodes(Schema):
    """Shown once; each works once."""

    codes: list[str]


class Reproof(Schema):
    """The password again, and the code where the authenticator is on."""

    password: Typed
    code: Code = ""


class MemberRow(Schema):
    user_id: int
    login: str
    display_name: str
    role: str | None
    role_zh: str
    group_ids: list[int]
    version: int
    since_at: datetime
    has_totp: bool
    seen_at: datetime | None


class MemberList(Schema):
    items: list[MemberRow]
    next_cursor: str | None = None


class RoleChange(Schema):
    role: str
    version: int
    reason: Reason = ""


class Departure(Schema):
    version: int
    reason: Reason = ""


class Invite(Schema):
    display_name: Name
    role: str
    group_ids: GroupIds = []


class LinkOffer(Schema):
    """A one-use link. `secret` is shown once: hand it over yourself."""

    id: int
    secret: str
    expires_at: datetime


class InvitationRow(Schema):
    id: int
    display_name: str
    role: str
    role_zh: str
    group_ids: list[int]
    for_user_id: int | None
    created_at: datetime
    expires_at: datetime
    by_user_id: int | None


class InvitationList(Schema):
    items: list[InvitationRow]
    next_cursor: str | None = None


class Newcomer(Schema):
    secret: Secret
    login: Login
    display_name: Name
    password: Typed


class Join(Schema):
    secret: Secret


class Joined(Schema):
    shop_id: int
    user_id: int


class ResetAccept(Schema):
    secret: Secret
    password: Typed


class TokenCreate(Schema):
    label: Annotated[str, Field(min_length=1, max_length=60)]
    permissions: Annotated[list[str], Field(min_length=1, max_length=100)]
    days: Annotated[int, Field(ge=1, le=3_650)] = 90


class TokenOffer(Schema):
    """`secret` is shown once."""

    id: int
    secret: str


class TokenRow(Schema):
    id: int
    user_id: int
    label: str
    hint: str
    permissions: list[str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class TokenList(Schema):
    items: list[TokenRow]
    next_cursor: str | None = None


class RoleRow(Schema):
    role: str
    name_zh: str
    permissions: list[str]
    can_grant: bool


class PermissionRow(Schema):
    permission: str
    name_zh: str


class Roles(Schema):
    roles: list[RoleRow]
    permissions: list[PermissionRow]


class AuditRow(Schema):
    """One row of the chain. `result`: ok, refused or failed."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: int | None
    actor_name: str
    ip: str
    action: str
    subject: str
    detail: dict[str, Any]
    result: str
    hash: str


class AuditList(Schema):
    items: list[AuditRow]
    next_cursor: str | None = None


class AuditVerdict(Schema):
    """Whether the whole chain of the installation is unbroken; `broken_at` is the first row that does not fit."""

    is_intact: bool
    row_count: int
    broken_at: int | None
    reason: str
