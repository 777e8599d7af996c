import { expect, test } from "vitest";
import type { Kind, Preview } from "@/features/importing/api";
import { countsOf } from "@/features/importing/counts";
import { afterEvent, linesOf, mapped, missingFields, newItem, NO_ANSWERS, openQuestions, sureness, understood } from "@/features/importing/model";
import { sampleTable } from "@/features/importing/sample";

const preview = (change: Partial<Preview> = {}): Preview => ({
  upload_id: 7, file_name: "a.csv", size: 1, form_zh: "", encoding: "", kind: "douyin_orders", kind_zh: "", guess: "douyin_orders", score: 1, reason_zh: "", template_zh: "",
  columns: [{ header: "A", target: "", understood_zh: "", type_zh: "", example: "" }, { header: "B", target: "order_id", understood_zh: "", type_zh: "", example: "" }],
  unknown: [], stores: [], from_on: "", to_on: "", row_count: null, notes_zh: [], sample: [], bad_rows: [], ...change,
});
const kind = (code: string, table: string): Kind => ({ code, name_zh: code, platform: "douyin", table, fields: [{ target: "order_id", name_zh: "order", type_zh: "", is_needed: true }, { target: "created_ms", name_zh: "created", type_zh: "", is_needed: true }, { target: "sku", name_zh: "sku", type_zh: "", is_needed: false }] });
const KINDS = [kind("douyin_orders", "orders"), kind("feige_shop", "service"), kind("chat_text", "messages")];
const tray = [{ ...newItem("f1", "a.csv", 1), preview: preview() }, newItem("f2", "b.csv", 1)];

test("a file that is recognised waits for a click; an unknown one, or two shops in one, is a question", () => {
  expect(understood(preview(), NO_ANSWERS).stage).toBe("ready");
  expect(understood(preview({ kind: "" }), NO_ANSWERS).stage).toBe("ask");
  expect(understood(preview({ stores: ["x", "y"] }), NO_ANSWERS).stage).toBe("ask");
  expect(understood(preview({ stores: ["x", "y"] }), { ...NO_ANSWERS, store: "x" }).stage).toBe("ready");
});

test("progress, end and refusal reach the file they belong to and no other", () => {
  const going = afterEvent(tray, { name: "importing.progress", data: { upload_id: 7, rows: 500, share: 0.5 } });
  expect(going.map((item) => [item.stage, item.rows, item.share])).toEqual([["importing", 500, 0.5], ["uploading", 0, null]]);
  const done = afterEvent(going, { name: "importing.finished", data: { upload_id: 7, batch_id: 3, rows: 900, new: 880, bad: 2 } });
  expect(done[0]).toMatchObject({ stage: "done", added: 880, bad: 2, batchId: 3 });
  const refused = afterEvent(tray, { name: "importing.refused", data: { upload_id: 7, message: "no", detail: { reasons: ["row 2"] } } });
  expect(refused[0]).toMatchObject({ stage: "refused", problem: "no", problems: ["row 2"] });
  expect(afterEvent(tray, { name: "importing.finished", data: { upload_id: 99 } })).toBe(tray);
});

test("a refusal's facts become lines", () => {
  expect(linesOf({ problems: ["a", "b"] })).toEqual(["a", "b"]);
  expect(linesOf({ stores: ["x", "y"] })).toEqual(["x", "y"]);
  expect(linesOf({ reason: "why" })).toEqual(["why"]);
  expect(linesOf({ batch_id: 3 })).toEqual([]);
  expect(linesOf(undefined)).toEqual([]);
});

test("what is asked follows from the kind: days of figures, platform and names of chats", () => {
  expect(openQuestions(preview({ kind: "", guess: "feige_shop" }), KINDS, NO_ANSWERS)).toEqual({ period: true, platform: false, agents: false, store: false });
  expect(openQuestions(preview({ kind: "chat_text" }), KINDS, NO_ANSWERS)).toEqual({ period: false, platform: true, agents: true, store: false });
  expect(openQuestions(preview({ stores: ["x", "y"] }), KINDS, NO_ANSWERS).store).toBe(true);
});

test("needed fields that no column has are named until one is mapped", () => {
  expect(missingFields(preview(), KINDS[0], {})).toEqual(["created"]);
  expect(missingFields(preview(), KINDS[0], { A: "created_ms" })).toEqual([]);
  expect(missingFields(preview(), KINDS[0], { A: "created_ms", B: "sku" })).toEqual(["order"]);
  expect(missingFields(preview(), undefined, {})).toEqual([]);
});

test("a column put back to what was recognised is no longer part of the mapping", () => {
  expect(mapped({ A: "sku" }, "B", "created_ms", "order_id")).toEqual({ A: "sku", B: "created_ms" });
  expect(mapped({ A: "sku", B: "created_ms" }, "B", "order_id", "order_id")).toEqual({ A: "sku" });
});

test("sureness stays between 0 and 100, although a full match with a name scores above one", () => {
  expect([1.02, 0.94, -1].map((score) => sureness(preview({ score })))).toEqual([100, 94, 0]);
});

test("sample rows become one table; times and money are written for people", () => {
  const table = sampleTable([{ item_id: "1", created_ms: 1_795_000_000_000, pay_fen: 12_345, extra: "{}" }, { item_id: "2", sku: "L" }], { item_id: "Order line" });
  expect(table.columns).toEqual(["Order line", "created", "pay", "sku"]);
  expect(table.rows[0]?.[2]).toContain("123.45");
  expect(table.rows[1]).toEqual(["2", "–", "–", "L"]);
});

test("counts of an import that did not end are nothing; only totals that disagree are shown", () => {
  expect(countsOf({})).toMatchObject({ rows: 0, added: 0, span: null, sums: [] });
  const counts = countsOf({ rows: 5, new: 4, from_ms: 1, to_ms: 2, check_sums: [{ column_zh: "a", stated: 3, added: 3 }, { column_zh: "b", stated: 3, added: 4 }] });
  expect(counts).toMatchObject({ rows: 5, added: 4, span: [1, 2], sums: [{ column: "b", stated: 3, added: 4 }] });
});
