"""What the inbox does later or with the network: send replies, look up outcomes, pump deliveries, keep house."""

from miaohui.inbox.jobs.deliver import deliver_reply, look_up_reply
from miaohui.inbox.jobs.media import fetch_media
from miaohui.inbox.jobs.ports import adapter_of, blobs_of, book_of
from miaohui.inbox.jobs.pump import pumps
from miaohui.inbox.jobs.typing import show_typing
from miaohui.inbox.jobs.upkeep import TIMERS, purge_deliveries, sweep_replies, watch_silence
from miaohui.kit.worker import JobHandler, Periodic

HANDLERS: dict[str, JobHandler] = {
    "inbox.deliver_reply": deliver_reply,
    "inbox.look_up_reply": look_up_reply,
    "inbox.fetch_media": fetch_media,
    "inbox.sweep_replies": sweep_replies,
    "inbox.watch_silence": watch_silence,
    "inbox.purge_deliveries": purge_deliveries,
}
PERIODIC = [
    Periodic("inbox.sweep_replies", "inbox.sweep_replies", 60),
    Periodic("inbox.watch_silence", "inbox.watch_silence", 60),
    Periodic("inbox.purge_deliveries", "inbox.purge_deliveries", 3_600),
]

__all__ = ["HANDLERS", "PERIODIC", "TIMERS", "adapter_of", "blobs_of", "book_of", "pumps", "show_typing"]
