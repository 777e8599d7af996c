import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";
import type { ListFilter } from "@/features/inbox/rows";

export type View = components["schemas"]["ViewOut"];

/** What narrows a box. The address of the desk carries it under the same names. */
export type Narrowing = Omit<ListFilter, "box">;

const NUMBERS = ["agent_id", "group_id", "label_id"] as const;
const WORDS = ["channel", "entry"] as const;

/** Returns the narrowing that an address asks for; what is no number or no word there is left out. */
export function narrowingOf(search: Readonly<Record<string, unknown>>): Narrowing {
  const found: Narrowing = {};
  for (const name of NUMBERS) {
    const value = Number(search[name]);
    if (Number.isSafeInteger(value) && value > 0) found[name] = value;
  }
  for (const name of WORDS) {
    const value = search[name];
    if (typeof value === "string" && value !== "" && value.length <= 40) found[name] = value;
  }
  return found;
}

/** Tells whether a filter shows less than its whole box. */
export function isNarrow(narrowing: Narrowing): boolean {
  return [...NUMBERS, ...WORDS].some((name) => narrowing[name] !== undefined);
}

const wide = { agent_id: null, group_id: null, label_id: null, channel: "", entry: "" };

/** Returns a list's filter as the back end keeps it in a view. */
export function kept(filter: ListFilter): View["filter"] {
  return { account_id: null, buyer_id: null, ...wide, ...filter };
}

/** Returns the list's filter of a saved view. */
export function shownBy(view: Pick<View, "filter">): ListFilter {
  return { box: view.filter.box, ...narrowingOf(view.filter as unknown as Record<string, unknown>) };
}

/** Returns the view that shows just this filter, or null. */
export function viewOf(views: readonly View[], filter: ListFilter): View | null {
  const wanted = JSON.stringify(ordered(filter));
  return views.find((view) => JSON.stringify(ordered(shownBy(view))) === wanted) ?? null;
}

function ordered(filter: ListFilter): unknown[] {
  const narrow = narrowingOf(filter as unknown as Record<string, unknown>);
  return [filter.box, ...[...NUMBERS, ...WORDS].map((name) => narrow[name] ?? null)];
}

export const viewsQuery = queryOptions({ queryKey: ["inbox", "views"] as const, queryFn: async () => (await ask(api.GET("/api/views"))).items, staleTime: 5 * 60_000 });

const path = (view_id: number) => ({ params: { path: { view_id } } });


/** Returns what saves, renames and removes views; the list of views is fetched again after each. */
export function useViewChanges() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: viewsQuery.queryKey });
  const save = useMutation({
    mutationFn: (wish: { name_zh: string; filter: ListFilter; is_shared: boolean; position: number }) => ask(api.POST("/api/views", { body: { ...wish, filter: kept(wish.filter) } })),
    onSettled,
  });
  const change = useMutation({
    mutationFn: (wish: { view: View; name_zh: string; filter?: ListFilter }) => ask(api.PUT("/api/views/{view_id}", {
      ...path(wish.view.id), body: { name_zh: wish.name_zh, filter: wish.filter ? kept(wish.filter) : wish.view.filter, position: wish.view.position, version: wish.view.version },
    })),
    onSettled,
  });
  const remove = useMutation({ mutationFn: (view: View) => ask(api.DELETE("/api/views/{view_id}", path(view.id))), onSettled });
  return { save, change, remove };
}
