import { expect, test } from "vitest";
import { staleKeys } from "@/app/otherEvents";

test.each([
  ["trade.order_changed", [["trade"]]], ["shop.live_session_started", [["shop", "live-sessions"]]], ["inbox.message_received", []],
  ["routing.rules_changed", [["settings", "routing"]]], ["routing.presence_changed", []],
])("%s makes %j old", (name, keys) => expect(staleKeys(name)).toEqual(keys));
