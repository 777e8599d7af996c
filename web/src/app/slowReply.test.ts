import { expect, test } from "vitest";
import { slowReplyOf } from "@/app/slowReply";

const event = (name: string, data: object) => ({ type: "event" as const, id: 1, shop_id: 1, name, at_ms: 0, data: data as Record<string, unknown> });

test("only one's own slow replies pop up, led by the longest wait", () => {
  expect(slowReplyOf(event("sla.slow_reply", { agent_id: 5, conversation_id: 8, count: 3 }), 5)).toEqual({ conversationId: 8, count: 3 });
  expect(slowReplyOf(event("sla.slow_reply", { agent_id: 6, conversation_id: 8, count: 3 }), 5)).toBeNull();
  expect(slowReplyOf(event("sla.clock_warned", { agent_id: 5, conversation_id: 8 }), 5)).toBeNull();
});
