"""Public verbs of a shop's settings."""

from miaohui.shop.actions.accounts import (
    NewAccount,
    add_channel_account,
    begin_authorisation,
    edit_channel_account,
    mark_channel_needs_login,
    record_channel_check,
    refuse_authorisation,
    save_channel_token,
    set_channel_secrets,
    set_channel_state,
)
from miaohui.shop.actions.calendar import remove_calendar_exception, set_calendar_exception
from miaohui.shop.actions.live import (
    LivePlan,
    cancel_live_session,
    edit_live_session,
    end_live_session,
    extend_live_session,
    plan_live_session,
    start_live_session,
)
from miaohui.shop.actions.policies import Edit, set_policy, undo_policy
from miaohui.shop.actions.promotions import (
    PromotionPlan,
    cancel_promotion,
    edit_promotion,
    plan_promotion,
)
from miaohui.shop.actions.shops import create_shop, edit_shop
from miaohui.shop.actions.tiers import decide_tier_proposal, propose_tier

__all__ = [
    "Edit", "LivePlan", "NewAccount", "PromotionPlan", "add_channel_account", "begin_authorisation",
    "cancel_live_session", "cancel_promotion", "create_shop", "decide_tier_proposal",
    "edit_channel_account", "edit_live_session", "edit_promotion", "edit_shop", "end_live_session",
    "extend_live_session", "mark_channel_needs_login", "plan_live_session", "plan_promotion",
    "propose_tier", "record_channel_check", "refuse_authorisation", "remove_calendar_exception",
    "save_channel_token", "set_calendar_exception", "set_channel_secrets", "set_channel_state",
    "set_policy", "start_live_session", "undo_policy",
]  # fmt: skip
