import { expect, test } from "vitest";
import { alarmOf } from "@/app/notify";

const event = (name: string, data: object) => ({ type: "event" as const, id: 1, shop_id: 1, name, at_ms: 0, data: data as Record<string, unknown> });
const row = (agent: number | null) => ({ conversation: { id: 1, agent_id: agent, buyer_name_zh: "王", last_text: "在吗" } });
const called = (user: number, state = "called") => ({ call: { user_id: user, state, waited_s: 95, waiting_count: 3 } });

test.each([
  ["inbox.message_received", row(5), "message"], ["inbox.message_received", row(6), null], ["inbox.message_received", row(null), null],
  ["sla.clock_warned", { ...row(5) }, "urgent"], ["sla.clock_breached", { agent_id: 5 }, "urgent"], ["inbox.conversation_assigned", row(5), "handed"],
  ["inbox.conversation_assigned", { ...row(5), previous_agent_id: 5 }, null], ["inbox.reply_sent", row(5), null],
  ["routing.reserve_call_changed", called(5), "called"], ["routing.reserve_call_changed", called(6), null], ["routing.reserve_call_changed", called(5, "accepted"), null],
])("%s %j is %s for agent 5", (name, data, alarm) => expect(alarmOf(event(name, data), 5)).toBe(alarm));
