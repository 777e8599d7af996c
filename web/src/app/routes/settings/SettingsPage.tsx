import { lazy, Suspense, type ComponentType, type LazyExoticComponent } from "react";
import { Lock } from "lucide-react";
import { Link, Navigate, useParams } from "@tanstack/react-router";
import { t, type TextKey } from "@/lib/i18n";
import { EmptyState, LoadingRows } from "@/ui/State";
import { can, useSession } from "@/app/session";
import styles from "@/app/routes/settings/settings.module.css";

interface Page {
  key: string;
  title: TextKey;
  group: TextKey;
  needs: string;
  view: LazyExoticComponent<ComponentType>;
}

const page = (key: string, group: TextKey, needs: string, load: () => Promise<{ default: ComponentType }>): Page => ({ key, title: `settings.${key}` as TextKey, group, needs, view: lazy(load) });

const PAGES: readonly Page[] = [
  page("me", "settings.group.me", "session", () => import("@/features/settings/me/MePage")),
  page("people", "settings.group.team", "access.manage", () => import("@/features/settings/people/PeoplePage")),
  page("groups", "settings.group.team", "staff.read", () => import("@/features/settings/team/TeamPage")),
  page("channels", "settings.group.shop", "channels.read", () => import("@/features/settings/channels/ChannelsPage")),
  page("policies", "settings.group.shop", "shop.read", () => import("@/features/settings/policies/PoliciesPage")),
  page("routing", "settings.group.shop", "routing.read", () => import("@/features/settings/routing/RoutingRulesPage")),
  page("live", "settings.group.shop", "shop.read", () => import("@/features/settings/live/LiveSessionsPage")),
  page("replies", "settings.group.shop", "phrasebook.manage", () => import("@/features/settings/replies/QuickRepliesPage")),
  page("labels", "settings.group.shop", "inbox.assign", () => import("@/features/settings/labels/LabelsPage")),
  page("imports", "settings.group.data", "importing.run", () => import("@/features/importing/ImportsPage")),
  page("figures", "settings.group.data", "insight.manage", () => import("@/features/settings/figures/FiguresPage")),
  page("backups", "settings.group.data", "system.backup", () => import("@/features/backups/BackupsPage")),
  page("webhooks", "settings.group.system", "webhooks.manage", () => import("@/features/settings/webhooks/WebhooksPage")),
  page("deliveries", "settings.group.system", "jobs.read", () => import("@/features/settings/deliveries/DeliveriesPage")),
  page("audit", "settings.group.system", "access.audit", () => import("@/features/settings/audit/AuditPage")),
];

/** On a phone the pages stand in one line: the current one is brought into sight. */
const intoSight = (link: HTMLAnchorElement | null) => link?.scrollIntoView({ block: "nearest", inline: "center" });

/** Settings and administration: the pages that one's role may see, by group. */
export function SettingsPage() {
  const session = useSession();
  const { page: wanted } = useParams({ strict: false });
  const allowed = PAGES.filter((one) => can(session, one.needs));
  const current = allowed.find((one) => one.key === wanted);
  if (!wanted) return <Navigate to="/settings/$page" params={{ page: allowed[0]?.key ?? "me" }} replace />;
  const groups = [...new Set(allowed.map((one) => one.group))];
  return (
    <div className={styles.settings}>
      <nav className={`${styles.nav} scroll`} aria-label={t("nav.settings")}>
        {groups.map((group) => (
          <div key={group}>
            <h2>{t(group)}</h2>
            {allowed.filter((one) => one.group === group).map((one) => (
              <Link key={one.key} ref={one.key === wanted ? intoSight : null} to="/settings/$page" params={{ page: one.key }} className={one.key === wanted ? styles.on : ""} aria-current={one.key === wanted ? "page" : undefined}>{t(one.title)}</Link>
            ))}
          </div>
        ))}
      </nav>
      <div className={`${styles.content} scroll`}>
        {current ? (
          <div className={styles.sheet}>
            <Suspense fallback={<LoadingRows rows={6} />}><current.view /></Suspense>
          </div>
        ) : PAGES.some((one) => one.key === wanted) ? <EmptyState icon={<Lock />} title={t("state.forbidden")} hint={t("state.askManager")} /> : <EmptyState title={t("state.missing")} hint={t("state.missingHint")} />}
      </div>
    </div>
  );
}
