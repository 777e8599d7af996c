"""Public verbs of outgoing webhooks."""

from miaohui.webhooks.actions.endpoints import (
    Endpoint,
    add_endpoint,
    change_secret,
    edit_endpoint,
    secret_context,
    set_endpoint_state,
)
from miaohui.webhooks.actions.outcomes import record_attempt, replay_delivery, replay_failed, send_test
from miaohui.webhooks.actions.queue import (
    Claimed,
    add_delivery,
    claim_deliveries,
    is_wanted,
    move_place,
    purge_deliveries,
    take_events,
    wake_later,
)

__all__ = [
    "Claimed", "Endpoint", "add_delivery", "add_endpoint", "change_secret", "claim_deliveries", "edit_endpoint",
    "is_wanted", "move_place", "purge_deliveries", "record_attempt", "replay_delivery", "replay_failed",
    "secret_context", "send_test", "set_endpoint_state", "take_events", "wake_later",
]  # fmt: skip
