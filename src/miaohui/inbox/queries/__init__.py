"""Public reads of the inbox; they never write."""

from miaohui.inbox.queries.accounts import AccountBook, account_of
from miaohui.inbox.queries.conversations import (
    Conversation,
    can_see_conversation,
    check_visible,
    count_open_by_agent,
    find_conversation,
    find_last_agent,
    get_conversation,
    list_changes,
    list_of_buyer,
    list_open_of_agent,
    list_unassigned,
    scope_of,
)
from miaohui.inbox.queries.lists import count_boxes, list_conversations
from miaohui.inbox.queries.messages import (
    Message,
    get_message,
    list_messages,
    list_messages_after,
    scrub_messages,
)
from miaohui.inbox.queries.search import Search, search_messages
from miaohui.inbox.queries.transcript import transcript_html, transcript_text

__all__ = [
    "AccountBook", "Conversation", "Message", "Search", "account_of", "can_see_conversation",
    "check_visible", "count_boxes", "count_open_by_agent", "find_conversation", "find_last_agent",
    "get_conversation", "get_message", "list_changes", "list_conversations", "list_messages",
    "list_messages_after", "list_of_buyer", "list_open_of_agent", "list_unassigned", "scope_of",
    "scrub_messages", "search_messages", "transcript_html", "transcript_text",
]  # fmt: skip
