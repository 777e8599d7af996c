"""Public verbs of the inbox. Each runs in the caller's transaction and commits nothing itself."""

from miaohui.inbox.actions.buyers import follow_merge, follow_split
from miaohui.inbox.actions.conversation import (
    assign_conversation,
    close_conversation,
    reopen_conversation,
    set_due,
    set_priority,
)
from miaohui.inbox.actions.deliveries import store_delivery
from miaohui.inbox.actions.facts import apply_fact
from miaohui.inbox.actions.labels import create_label, put_label, take_label
from miaohui.inbox.actions.notes import add_note
from miaohui.inbox.actions.receive import receive_message
from miaohui.inbox.actions.reply import reply
from miaohui.inbox.actions.snooze import snooze_conversation, wake

__all__ = [
    "add_note", "apply_fact", "assign_conversation", "close_conversation",
    "create_label", "follow_merge", "follow_split", "put_label", "receive_message", "reopen_conversation",
    "reply", "set_due", "set_priority", "snooze_conversation", "store_delivery", "take_label", "wake",
]  # fmt: skip
