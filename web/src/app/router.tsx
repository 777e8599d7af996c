import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { ApiError } from "@/api/client";
import { deskSearch } from "@/app/deskSearch";
import { queryClient } from "@/app/query";
import { can, sessionQuery, type Session } from "@/app/session";
import { Crashed, Missing, Waiting } from "@/app/routes/edges";
import { insightSearch } from "@/app/routes/insight/search";
import { LoginPage } from "@/app/routes/login";
import { Protected } from "@/app/routes/protected";

const root = createRootRoute({ notFoundComponent: Missing, errorComponent: Crashed });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: LoginPage,
  validateSearch: (search: Record<string, unknown>): { next?: string; why?: string } => ({
    ...(typeof search["next"] === "string" && search["next"].startsWith("/") && !search["next"].startsWith("//") ? { next: search["next"] } : {}),
    ...(search["why"] === "ended" ? { why: "ended" } : {}),
  }),
});

const join = createRoute({ getParentRoute: () => root, path: "/join", component: lazyRouteComponent(() => import("@/app/routes/link"), "JoinPage") });
const reset = createRoute({ getParentRoute: () => root, path: "/reset", component: lazyRouteComponent(() => import("@/app/routes/link"), "ResetPage") });

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Protected,
  pendingComponent: Waiting,
  errorComponent: Crashed,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(sessionQuery);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) throw redirect({ to: "/login", search: { next: location.href } });
      throw error;
    }
  },
});

/** Returns the page that somebody sees first: the desk, the floor or the day. */
export function homeOf(session: Pick<Session, "permissions" | "role">, narrow: boolean): "/desk" | "/board" | "/today" {
  if ((session.role === "owner" || session.role === "manager") && narrow) return "/today";
  return can(session, "inbox.reply") && session.role === "agent" ? "/desk" : can(session, "routing.manage") ? "/board" : "/desk";
}

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: async () => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    throw redirect({ to: homeOf(session, globalThis.innerWidth < 760) });
  },
});

const desk = createRoute({ getParentRoute: () => inside, path: "/desk", validateSearch: deskSearch, component: lazyRouteComponent(() => import("@/app/routes/desk/DeskPage"), "DeskPage") });
const chat = createRoute({
  getParentRoute: () => desk,
  path: "$conversationId",
  params: { parse: (raw) => ({ conversationId: Number(raw.conversationId) }), stringify: (params) => ({ conversationId: String(params.conversationId) }) },
});
const board = createRoute({ getParentRoute: () => inside, path: "/board", component: lazyRouteComponent(() => import("@/app/routes/board/BoardPage"), "BoardPage") });
const today = createRoute({ getParentRoute: () => inside, path: "/today", component: lazyRouteComponent(() => import("@/app/routes/today/TodayPage"), "TodayPage") });
const insight = createRoute({ getParentRoute: () => inside, path: "/insight", validateSearch: insightSearch, component: lazyRouteComponent(() => import("@/app/routes/insight/InsightPage"), "InsightPage") });
const settings = createRoute({ getParentRoute: () => inside, path: "/settings", component: lazyRouteComponent(() => import("@/app/routes/settings/SettingsPage"), "SettingsPage") });
const settingsPage = createRoute({ getParentRoute: () => settings, path: "$page" });

const tree = root.addChildren([login, join, reset, inside.addChildren([home, desk.addChildren([chat]), board, today, insight, settings.addChildren([settingsPage])])]);

export const router = createRouter({ routeTree: tree, defaultPendingComponent: Waiting, defaultPendingMs: 300, defaultGcTime: 0, defaultErrorComponent: Crashed, defaultNotFoundComponent: Missing, context: {} });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
