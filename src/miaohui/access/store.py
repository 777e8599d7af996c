"""Tables of `access`. Private to the room.

People, their log-ins and their second factors belong to the installation: one person may work in several
shops, so these tables have no `shop_id`. What a person may do hangs on a membership of one shop.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from miaohui.kit.db import Id, Json, Sql, UtcTime, id_column, metadata

users = Table(
    "access_users",
    metadata,
    id_column(),
    Column("login", Text, nullable=False),
    Column("login_key", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text),
    Column("password_set_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
)
# One row per change; the highest number is in force and is the version. Role NULL: left the shop.
memberships = Table(
    "access_memberships",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("access_users.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("role", Text),
    Column("group_ids", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by_user_id", Id),
    Column("reason", Text, nullable=False),
    # A log-in starts from the person, not from a shop.
    Index("ix_access_memberships_user", "user_id", "shop_id", "number"),
)
sessions = Table(
    "access_sessions",
    metadata,
    id_column(),
    Column("user_id", Id, ForeignKey("access_users.id"), nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("strength", Text, nullable=False),
    Column("ip", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Index("ix_access_sessions_user", "user_id", "id"),
)
session_ends = Table(
    "access_session_ends",
    metadata,
    Column("session_id", Id, ForeignKey("access_sessions.id"), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by_user_id", Id),
    Column("reason", Text, nullable=False),
)
# What a person has set for herself, on whatever computer: a name and a small value.
preferences = Table(
    "access_preferences",
    metadata,
    Column("user_id", Id, ForeignKey("access_users.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Json, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)
api_tokens = Table(
    "access_api_tokens",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("user_id", Id, ForeignKey("access_users.id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("hint", Text, nullable=False),
    Column("permissions", Json, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Index("ix_access_api_tokens_shop", "shop_id", "id"),
)
token_ends = Table(
    "access_token_ends",
    metadata,
    Column("token_id", Id, ForeignKey("access_api_tokens.id"), primary_key=True),
    Column("shop_id", Id, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by_user_id", Id),
    Column("reason", Text, nullable=False),
)
# `user_id` NULL: an invitation to join; else a new password for that person, who is a member of this shop only.
invitations = Table(
    "access_invitations",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("group_ids", Json, nullable=False),
    Column("user_id", Id, ForeignKey("access_users.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("by_user_id", Id),
    Index("ix_access_invitations_shop", "shop_id", "id"),
)
# The primary key makes an invitation good for one use: accepted or withdrawn, never both, never twice.
invitation_ends = Table(
    "access_invitation_ends",
    metadata,
    Column("invitation_id", Id, ForeignKey("access_invitations.id"), primary_key=True),
    Column("shop_id", Id, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("user_id", Id),
    Column("at", UtcTime, nullable=False),
)
totp_enrolments = Table(
    "access_totp_enrolments",
    metadata,
    id_column(),
    Column("user_id", Id, ForeignKey("access_users.id"), nullable=False),
    Column("secret_sealed", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_access_totp_enrolments_user", "user_id", "id"),
)
totp_changes = Table(
    "access_totp_changes",
    metadata,
    Column("enrolment_id", Id, ForeignKey("access_totp_enrolments.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by_user_id", Id),
)
# One row per accepted 30-second step; the primary key makes a code good for one use (ASVS 6.5.1).
totp_uses = Table(
    "access_totp_uses",
    metadata,
    Column("enrolment_id", Id, ForeignKey("access_totp_enrolments.id"), primary_key=True),
    Column("step", BigInteger, primary_key=True),
)
recovery_codes = Table(
    "access_recovery_codes",
    metadata,
    id_column(),
    Column("enrolment_id", Id, ForeignKey("access_totp_enrolments.id"), nullable=False),
    Column("code_hash", Text, nullable=False),
    Index("ix_access_recovery_codes_hash", "enrolment_id", "code_hash"),
)
recovery_uses = Table(
    "access_recovery_uses",
    metadata,
    Column("code_id", Id, ForeignKey("access_recovery_codes.id"), primary_key=True),
    Column("at", UtcTime, nullable=False),
)
# `login_key` is a keyed hash: people type their password into the wrong field.
attempts = Table(
    "access_attempts",
    metadata,
    id_column(),
    Column("login_key", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("ix_access_attempts_login", "login_key", "at"),
    Index("ix_access_attempts_network", "network", "at"),
    Index("ix_access_attempts_at", "at"),
)

_CURRENT = (
    " AND NOT EXISTS (SELECT 1 FROM access_memberships n WHERE n.shop_id = m.shop_id"
    " AND n.user_id = m.user_id AND n.number > m.number)"
)
MEMBERSHIPS_OF_USER = Sql(
    "SELECT m.shop_id, m.role, m.group_ids FROM access_memberships m"
    " WHERE m.user_id = ? AND m.role IS NOT NULL" + _CURRENT + " ORDER BY m.shop_id"
)
MEMBERSHIP = Sql(
    "SELECT number, role, group_ids FROM access_memberships WHERE shop_id = ? AND user_id = ?"
    " ORDER BY number DESC LIMIT 1"
)
MEMBERS = Sql(
    "SELECT u.id, u.login, u.display_name, m.role, m.group_ids, m.number, m.at,"
    " EXISTS (SELECT 1 FROM access_totp_enrolments e JOIN access_totp_changes c ON c.enrolment_id = e.id"
    " AND c.kind = 'confirmed' WHERE e.user_id = u.id AND NOT EXISTS (SELECT 1 FROM access_totp_changes r"
    " WHERE r.enrolment_id = e.id AND r.kind = 'removed')),"
    " (SELECT max(s.seen_at) FROM access_sessions s WHERE s.user_id = u.id)"
    " FROM access_memberships m JOIN access_users u ON u.id = m.user_id WHERE m.shop_id = ? AND u.id > ?"
    + _CURRENT
    + " ORDER BY u.id LIMIT ?"
)
OWNER_COUNT = Sql(
    "SELECT count(*) FROM access_memberships m WHERE m.shop_id = ? AND m.role = 'owner'" + _CURRENT
)
# PostgreSQL only (one process writes SQLite): two processes that each take one of two owners wait for each other.
LOCK_OWNERS = Sql("SELECT number FROM access_memberships WHERE shop_id = ? AND role = 'owner' FOR UPDATE")
# The same for attempts on one account: the count of another process is seen, not overtaken.
LOCK_LOGIN = Sql("SELECT pg_advisory_xact_lock(hashtext(?))")
ADD_MEMBERSHIP = Sql(
    "INSERT INTO access_memberships (shop_id, user_id, number, role, group_ids, at, by_user_id, reason)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
ADD_USER = Sql(
    "INSERT INTO access_users (id, login, login_key, display_name, password_hash, password_set_at, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
SESSION = Sql(
    "SELECT s.id, s.user_id, u.display_name, s.expires_at, s.seen_at, s.strength FROM access_sessions s"
    " JOIN access_users u ON u.id = s.user_id WHERE s.token_hash = ?"
    " AND NOT EXISTS (SELECT 1 FROM access_session_ends e WHERE e.session_id = s.id)"
)
TOUCH_SESSION = Sql("UPDATE access_sessions SET seen_at = ? WHERE id = ? AND seen_at < ?")
END_SESSION = Sql(
    "INSERT INTO access_session_ends (session_id, at, by_user_id, reason) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
OPEN_SESSIONS = Sql(
    "SELECT s.id, s.created_at, s.expires_at, s.seen_at, s.strength, s.ip, s.user_agent FROM access_sessions s"
    " WHERE s.user_id = ? AND s.expires_at > ? AND s.seen_at > ?"
    " AND NOT EXISTS (SELECT 1 FROM access_session_ends e WHERE e.session_id = s.id) ORDER BY s.seen_at DESC"
)
TOKEN = Sql(
    "SELECT t.id, t.shop_id, t.user_id, u.display_name, t.label, t.permissions, t.expires_at, t.used_at"
    " FROM access_api_tokens t JOIN access_users u ON u.id = t.user_id WHERE t.token_hash = ?"
    " AND NOT EXISTS (SELECT 1 FROM access_token_ends e WHERE e.token_id = t.id)"
)
TOUCH_TOKEN = Sql("UPDATE access_api_tokens SET used_at = ? WHERE id = ?")
END_TOKEN = Sql(
    "INSERT INTO access_token_ends (token_id, shop_id, at, by_user_id, reason) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
END_INVITATION = Sql(
    "INSERT INTO access_invitation_ends (invitation_id, shop_id, outcome, user_id, at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
TOTP = Sql(
    "SELECT e.id, e.secret_sealed, e.created_at,"
    " EXISTS (SELECT 1 FROM access_totp_changes c WHERE c.enrolment_id = e.id AND c.kind = 'confirmed')"
    " FROM access_totp_enrolments e WHERE e.user_id = ? AND NOT EXISTS (SELECT 1 FROM access_totp_changes r"
    " WHERE r.enrolment_id = e.id AND r.kind = 'removed') ORDER BY e.id DESC"
)
ADD_TOTP_CHANGE = Sql(
    "INSERT INTO access_totp_changes (enrolment_id, kind, at, by_user_id) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
USE_TOTP_STEP = Sql(
    "INSERT INTO access_totp_uses (enrolment_id, step) SELECT ?, ? WHERE NOT EXISTS"
    " (SELECT 1 FROM access_totp_uses WHERE enrolment_id = ? AND step >= ?) ON CONFLICT DO NOTHING"
)
RECOVERY_CODE = Sql(
    "SELECT c.id FROM access_recovery_codes c WHERE c.enrolment_id = ? AND c.code_hash = ?"
    " AND NOT EXISTS (SELECT 1 FROM access_recovery_uses u WHERE u.code_id = c.id)"
)
USE_RECOVERY_CODE = Sql("INSERT INTO access_recovery_uses (code_id, at) VALUES (?, ?) ON CONFLICT DO NOTHING")
RECOVERY_LEFT = Sql(
    "SELECT count(*) FROM access_recovery_codes c WHERE c.enrolment_id = ?"
    " AND NOT EXISTS (SELECT 1 FROM access_recovery_uses u WHERE u.code_id = c.id)"
)
FAILURES_OF_LOGIN = Sql(
    "SELECT at FROM access_attempts WHERE login_key = ? AND outcome = 'failed' AND at > ? ORDER BY at DESC LIMIT ?"
)
FAILURES_OF_NETWORK = Sql(
    "SELECT count(*), min(at) FROM access_attempts WHERE network = ? AND outcome = 'failed' AND at > ?"
)
# A complete log-in clears what failed before it, this attempt included; other accounts' failures stay.
CLEAR_FAILURES = Sql(
    "UPDATE access_attempts SET outcome = 'cleared' WHERE login_key = ? AND outcome = 'failed' AND at > ?"
)
PURGE_ATTEMPTS = Sql("DELETE FROM access_attempts WHERE at < ?")
PURGE_TOTP_USES = Sql("DELETE FROM access_totp_uses WHERE step < ?")
