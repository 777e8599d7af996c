"""Registers every room's tables on the one metadata: for migrations, reference pages and empty databases."""

from __future__ import annotations

import miaohui.access.store
import miaohui.app.anchors
import miaohui.buyers.store
import miaohui.importing.store
import miaohui.inbox.store.conversations
import miaohui.inbox.store.deliveries
import miaohui.inbox.store.messages
import miaohui.inbox.store.work
import miaohui.insight.store
import miaohui.kit.audit
import miaohui.kit.feed
import miaohui.kit.jobs
import miaohui.routing.store
import miaohui.shop.store
import miaohui.sla.store
import miaohui.staff.store
import miaohui.trade.store
import miaohui.webhooks.store

ROOMS = [miaohui]
