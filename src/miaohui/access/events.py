"""What happened to people and their rights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PersonJoined:
    """Somebody got a role in a shop: new, or back again."""

    shop_id: int
    user_id: int
    display_name: str
    role: str
    group_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class RoleChanged:
    """A member's role in a shop changed; their sessions ended in the same transaction."""

    shop_id: int
    user_id: int
    role: str
    previous_role: str
    at: datetime


@dataclass(frozen=True)
class PersonLeft:
    """A member lost every right in a shop."""

    shop_id: int
    user_id: int
    previous_role: str
    at: datetime


@dataclass(frozen=True)
class SessionsEnded:
    """Sessions of a person ended: logged out, killed, or revoked with the password or the role."""

    user_id: int
    session_ids: tuple[int, ...]
    reason: str
    at: datetime
