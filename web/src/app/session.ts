import { useSuspenseQuery } from "@tanstack/react-query";
import { api, ApiError, ask, chooseShop } from "@/api/client";
import type { components } from "@/api/schema";
import { preferences } from "@/lib/preferences";
import { queryClient } from "@/app/query";

type Me = components["schemas"]["Me"];

/** Who is logged in, and what they may do in the shop on the screen. */
export interface Session extends Omit<Me, "role"> {
  role: Role;
  name: string;
}

export type Role = "owner" | "manager" | "supervisor" | "agent" | "inspector" | "viewer";

export const sessionQuery = {
  queryKey: ["session"] as const,
  queryFn: async (): Promise<Session> => asSession(await askForMe()),
  staleTime: 60_000,
};

async function askForMe(): Promise<Me> {
  try {
    return await ask(api.GET("/api/session"));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      chooseShop(null);
      return ask(api.GET("/api/session"));
    }
    throw error;
  }
}

function asSession(me: Me): Session {
  return { ...me, role: me.role as Role, name: me.display_name || me.login };
}

/** Returns the session of a page that is shown only to people who are logged in. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** Tells whether a person holds a permission; "session" asks only for a log-in. */
export function can(session: Pick<Session, "permissions">, permission: string): boolean {
  return permission === "session" || session.permissions.includes(permission);
}

/** Logs in. Raises: ApiError with access.totp_needed when the authenticator's code is asked for. */
export async function logIn(login: string, password: string, code: string): Promise<void> {
  const me = await ask(api.POST("/api/session", { body: { login, password, code } }));
  chooseShop(me.shop_id);
  queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, asSession(me));
}

/** Ends the session; the server has the browser forget everything, so drafts must be kept there before. Preferences stay. */
export async function logOut(): Promise<void> {
  await ask(api.DELETE("/api/session")).catch(() => undefined);
  preferences.set((old) => ({ ...old }));
  globalThis.location.assign("/login");
}

/** Changes to another of one's shops: everything on the page is of that shop from now on. */
export function switchShop(id: number): void {
  chooseShop(id);
  globalThis.location.assign("/");
}
