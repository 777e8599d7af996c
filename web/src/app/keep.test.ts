import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepFew } from "@/app/keep";

const keyOf = (id: number) => ["inbox", "opened", id];

function look(client: QueryClient, id: number): () => void {
  client.setQueryData(keyOf(id), { id });
  return new QueryObserver(client, { queryKey: keyOf(id), enabled: false }).subscribe(() => undefined);
}

const keptIn = (client: QueryClient) => client.getQueryCache().findAll({ queryKey: ["inbox", "opened"] }).map((query) => Number(query.queryKey[2])).toSorted((a, b) => a - b);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("of the chats nobody looks at only those looked at last stay; the one on the screen always does", () => {
  const client = new QueryClient();
  const stop = keepFew(client, 5, 1_000);
  look(client, 1);
  for (let id = 2; id <= 40; id++) look(client, id)();
  look(client, 7)();
  client.setQueryData(keyOf(2), { id: 2, news: true }, { updatedAt: Date.now() + 9_000 });
  vi.advanceTimersByTime(1_000);
  expect(keptIn(client)).toEqual([1, 7, 37, 38, 39, 40]);
  stop();
});

test("what was fetched ahead and never looked at is forgotten too", async () => {
  const client = new QueryClient();
  const stop = keepFew(client, 3, 1_000);
  for (let id = 1; id <= 9; id++) await client.prefetchQuery({ queryKey: keyOf(id), queryFn: () => Promise.resolve({ id }) });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(keptIn(client)).toEqual([7, 8, 9]);
  stop();
});

test("who goes from one to the next fetches it once, into the cache", async () => {
  const client = new QueryClient();
  const stop = keepFew(client, 0, 1_000);
  const asked: number[] = [];
  const of = (id: number) => ({ queryKey: keyOf(id), queryFn: async () => { asked.push(id); await Promise.resolve(); return { id }; }, staleTime: 60_000 });
  const observer = new QueryObserver<{ id: number }>(client, of(1));
  const leave = observer.subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(2_000);
  client.getQueryCache().build(client, client.defaultQueryOptions(of(2))); // as React does while it draws
  observer.setOptions(of(2));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(keptIn(client)).toEqual([2]);
  expect(observer.getCurrentQuery()).toBe(client.getQueryCache().find({ queryKey: keyOf(2) }));
  expect(asked).toEqual([1, 2]);
  leave();
  stop();
});

test("nothing that was forgotten waits for its time in the cache to pass", () => {
  const client = new QueryClient({ defaultOptions: { queries: { gcTime: 600_000 } } });
  const stop = keepFew(client, 5, 1_000);
  for (let id = 1; id <= 40; id++) look(client, id)();
  vi.advanceTimersByTime(1_000);
  expect(vi.getTimerCount()).toBe(5);
  stop();
});

test("lists without a number of their own are left alone", () => {
  const client = new QueryClient();
  const stop = keepFew(client, 0, 1_000);
  client.setQueryData(["inbox", "counts"], {});
  new QueryObserver(client, { queryKey: ["inbox", "counts"], enabled: false }).subscribe(() => undefined)();
  vi.advanceTimersByTime(1_000);
  expect(client.getQueryData(["inbox", "counts"])).toEqual({});
  stop();
});
