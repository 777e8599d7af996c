"""Public verbs of `access`. Others use: create_user, grant_role, remove_member, set_groups, end_sessions_of."""

from miaohui.access.actions.attempts import (
    check_network,
    clear_failures,
    forgive_attempt,
    is_locked,
    note_failure,
    start_attempt,
)
from miaohui.access.actions.invitations import (
    Offer,
    accept,
    accept_reset,
    check_only_here,
    invite,
    offer_reset,
    withdraw_invitation,
)
from miaohui.access.actions.members import Change, grant_role, remove_member, set_groups
from miaohui.access.actions.people import create_user, renew_hash, set_password
from miaohui.access.actions.purge import purge_expired
from miaohui.access.actions.sessions import Origin, end_session, end_sessions_of, open_session, touch_session
from miaohui.access.actions.tokens import TokenGrant, create_token, revoke_token, touch_token
from miaohui.access.actions.totp import (
    confirm_totp,
    enrol_totp,
    plain_code,
    remove_totp,
    renew_recovery_codes,
    use_recovery_code,
    use_step,
)
from miaohui.access.actions.trail import audit_person

__all__ = [
    "Change",
    "Offer",
    "Origin",
    "TokenGrant",
    "accept",
    "accept_reset",
    "audit_person",
    "check_network",
    "check_only_here",
    "clear_failures",
    "confirm_totp",
    "create_token",
    "create_user",
    "end_session",
    "end_sessions_of",
    "enrol_totp",
    "forgive_attempt",
    "grant_role",
    "invite",
    "is_locked",
    "note_failure",
    "offer_reset",
    "open_session",
    "plain_code",
    "purge_expired",
    "remove_member",
    "remove_totp",
    "renew_hash",
    "renew_recovery_codes",
    "revoke_token",
    "set_groups",
    "set_password",
    "start_attempt",
    "touch_session",
    "touch_token",
    "use_recovery_code",
    "use_step",
    "withdraw_invitation",
]
