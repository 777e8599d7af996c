import { expect, test } from "vitest";
import { withFigures } from "@/features/sla/live";
import type { Figures, Today } from "@/features/sla/api";

const figures = (round_count: number): Figures => ({
  round_count, answered_count: 0, unanswered_count: 0, excluded_count: 0, breached_count: 0, average_s: null, target_average_s: 45, penalty_s: 600,
  unanswered_left: 3, first_response_count: 0, first_response_average_s: null, queue_wait_average_s: null });
const today: Today = { on_date: "2026-11-22", shop: figures(1), agents: [{ agent_id: 5, ...figures(1) }], lost_count: 0 };

test("new figures replace the shop's, or those of one agent, and leave the rest", () => {
  expect(withFigures(today, "sla.today_changed", { on_date: "2026-11-22", ...figures(9) })!.shop.round_count).toBe(9);
  const after = withFigures(today, "sla.agent_today_changed", { on_date: "2026-11-22", agent_id: 4, ...figures(2) })!;
  expect(after.agents.map((a) => [a.agent_id, a.round_count])).toEqual([[4, 2], [5, 1]]);
  expect(after.shop).toBe(today.shop);
});

test("at midnight the page asks again instead of mixing two days", () => {
  expect(withFigures(today, "sla.today_changed", { on_date: "2026-11-23", ...figures(9) })).toBeNull();
});
