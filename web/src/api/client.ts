import createClient from "openapi-fetch";
import { fill, locale, type TextKey } from "@/lib/i18n";
import { catalogue } from "@/lib/i18n/catalogue";
import { read, write } from "@/lib/store";
import type { paths } from "@/api/schema";

/** The one shape of every error of the back end (docs/house.md §7). */
export interface ErrorBody {
  code: string;
  message: string;
  message_en: string;
  detail?: Record<string, unknown>;
  trace_id?: string;
}

/** An answer that is not the wished one. `status` 0 means that the server was not reached. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly body: ErrorBody) {
    super(locale() === "zh" ? body.message : body.message_en);
    this.name = "ApiError";
  }

  get code(): string {
    return this.body.code;
  }

  get isOffline(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 504;
  }
}

function bothTexts(key: TextKey): { message: string; message_en: string } {
  return { message: catalogue[key][0], message_en: catalogue[key][1] };
}

export const OFFLINE: ErrorBody = { code: "web.offline", ...bothTexts("api.offline") };

export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin", headers: { "X-Miaohui-Csrf": "1" } });

const SHOP_KEY = "miaohui.shop";
let shopId: number | null = Number(read<{ id: number }>(SHOP_KEY).id) || null;

/** Returns the shop that every request is about, or null for the person's first one. */
export function chosenShop(): number | null {
  return shopId;
}

/** Chooses the shop of all further requests; remembered on this computer. */
export function chooseShop(id: number | null): void {
  shopId = id;
  write(SHOP_KEY, { id });
}

/** Returns an address with the shop in it, for what cannot carry a header: sockets, pictures, downloads. */
export function withShop(address: string): string {
  return shopId === null ? address : `${address}${address.includes("?") ? "&" : "?"}shop=${shopId}`;
}

api.use({
  onRequest({ request }) {
    if (shopId !== null) request.headers.set("X-Miaohui-Shop", String(shopId));
  },
});

/** What a route answers to GET, by its address: holds when two rooms name a schema alike. */
export type Got<P extends keyof paths> = paths[P] extends { get: { responses: { 200: { content: { "application/json": infer T } } } } } ? T : never;

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Returns the data of an answer. Raises: ApiError, also when the server was not reached. */
export async function ask<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch {
    throw new ApiError(0, OFFLINE);
  }
  if (answer.response.ok) return answer.data as T;
  throw new ApiError(answer.response.status, errorBody(answer.error, answer.response));
}

function errorBody(found: unknown, response: Response): ErrorBody {
  if (typeof found === "object" && found !== null && "code" in found) return found as ErrorBody;
  const { message, message_en } = bothTexts("api.answered");
  return { code: `http.${response.status}`, message: fill(message, { status: response.status }), message_en: fill(message_en, { status: response.status }) };
}
