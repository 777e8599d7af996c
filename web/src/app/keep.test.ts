import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { keepFew } from "@/app/keep";

function look(client: QueryClient, id: number): () => void {
  const queryKey = ["inbox", "opened", id];
  client.setQueryData(queryKey, { id }, { updatedAt: id });
  return new QueryObserver(client, { queryKey, enabled: false }).subscribe(() => undefined);
}

test("of the chats nobody looks at only the newest few stay; the one on the screen always does", () => {
  const client = new QueryClient();
  const stop = keepFew(client, 5);
  look(client, 1);
  for (let id = 2; id <= 40; id++) look(client, id)();
  const kept = client.getQueryCache().findAll({ queryKey: ["inbox", "opened"] }).map((query) => query.queryKey[2]);
  expect(kept.toSorted((a, b) => Number(a) - Number(b))).toEqual([1, 36, 37, 38, 39, 40]);
  stop();
});

test("lists without a number of their own are left alone", () => {
  const client = new QueryClient();
  const stop = keepFew(client, 0);
  client.setQueryData(["inbox", "counts"], {});
  new QueryObserver(client, { queryKey: ["inbox", "counts"], enabled: false }).subscribe(() => undefined)();
  expect(client.getQueryData(["inbox", "counts"])).toEqual({});
  stop();
});
