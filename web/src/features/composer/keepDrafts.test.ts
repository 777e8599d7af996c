import { afterEach, expect, test, vi } from "vitest";
import { unkept, withKept } from "@/features/composer/keepDrafts";

const put: { id: number; text: string; version: number }[] = [];
let stored: Record<number, { text: string; version: number }>;
let isDown = false;

function answer(status: number, body: object): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

async function server(request: Request): Promise<Response> {
  if (isDown) throw new TypeError("no network");
  const id = Number(/conversations\/(\d+)\//.exec(request.url)?.[1]);
  if (request.method === "GET") return answer(200, { items: Object.entries(stored).map(([conversation_id, draft]) => ({ conversation_id: Number(conversation_id), parts: [], updated_at: "", ...draft })) });
  const { text, version } = (await request.json()) as { text: string; version: number };
  if (text.length > 10) return answer(422, { code: "inbox.text_too_long", message: "太长", message_en: "too long" });
  const current = stored[id]?.version ?? 0;
  if (current !== version) return answer(409, { code: "kit.stale", message: "旧", message_en: "stale", detail: { version: current } });
  put.push({ id, text, version });
  stored[id] = { text, version: version + 1 };
  return answer(200, { version: version + 1 });
}

vi.stubGlobal("location", { origin: "http://here" });
vi.mock("@/api/client", async (load) => {
  const real = await load<typeof import("@/api/client")>();
  const { default: createClient } = await import("openapi-fetch");
  return { ...real, api: createClient({ baseUrl: "http://here", fetch: server }) };
});
afterEach(() => { put.length = 0; isDown = false; });

test("before logging out every draft is brought to the server; what is there already is left alone", async () => {
  stored = { 1: { text: "在", version: 2 }, 2: { text: "旧的", version: 5 } };
  expect(await unkept({ 1: "在", 2: "新的", 3: "全新" })).toEqual([]);
  expect(put).toEqual([{ id: 2, text: "新的", version: 5 }, { id: 3, text: "全新", version: 0 }]);
});

test("what the server does not take is said: too long, a note, or everything while the line is down", async () => {
  stored = {};
  expect(await unkept({ 4: "字".repeat(11), 5: "好", [-5]: "备注" })).toEqual([4, -5]);
  isDown = true;
  expect(await unkept({ 5: "好" })).toEqual([5]);
  expect(await unkept({})).toEqual([]);
});

test("drafts from elsewhere come in where nothing is typed here", () => {
  const kept = new Map([[1, { text: "那边", version: 1 }], [2, { text: "那边二", version: 1 }], [3, { text: "", version: 0 }]]);
  expect(withKept({ 1: "这边" }, kept)).toEqual({ 1: "这边", 2: "那边二" });
  const same = { 1: "这边", 2: "x" };
  expect(withKept(same, kept)).toBe(same);
});
