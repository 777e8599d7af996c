"""Public reads of a shop's settings; they never write."""

from miaohui.shop.queries.channels import (
    find_channel_account,
    find_channel_token,
    get_channel_account,
    list_channel_accounts,
    list_channel_checks,
    list_channel_states,
    list_live_accounts,
    list_unsettled_accounts,
)
from miaohui.shop.queries.policies import (
    current_version,
    find_policy,
    get_policy,
    list_policies,
    list_policy_history,
)
from miaohui.shop.queries.rulebook import get_rulebook, read_rulebook
from miaohui.shop.queries.schedule import (
    get_live_session,
    get_promotion,
    list_calendar_exceptions,
    list_live_changes,
    list_live_sessions,
    list_promotions,
)
from miaohui.shop.queries.shops import (
    find_shop,
    get_shop,
    get_tier,
    get_tier_proposal,
    list_shop_ids,
    list_shops,
    list_tier_proposals,
)

__all__ = [
    "current_version", "find_channel_account", "find_channel_token", "find_policy", "find_shop",
    "get_channel_account", "get_live_session", "get_policy", "get_promotion", "get_rulebook", "get_shop",
    "get_tier", "get_tier_proposal", "list_calendar_exceptions", "list_channel_accounts",
    "list_channel_checks", "list_channel_states", "list_live_accounts", "list_live_changes",
    "list_live_sessions", "list_policies", "list_policy_history", "list_promotions", "list_shop_ids",
    "list_shops", "list_tier_proposals", "list_unsettled_accounts", "read_rulebook",
]  # fmt: skip
