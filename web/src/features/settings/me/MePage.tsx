import { App, Button } from "antd";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { fullTime } from "@/lib/format";
import { t } from "@/lib/i18n";
import { ErrorState, LoadingRows } from "@/ui/State";
import { Pill } from "@/ui/Pill";
import { Part, Rows, Sheet } from "@/ui/Sheet";
import { PasswordForm } from "@/features/settings/me/PasswordForm";
import { SecondFactor } from "@/features/settings/me/SecondFactor";

const sessionsQuery = queryOptions({ queryKey: ["settings", "sessions"] as const, queryFn: async () => (await ask(api.GET("/api/sessions"))).items });

/** Returns a short name of a browser from what it says of itself. */
export function browserName(agent: string): string {
  const name = /Edg\//.test(agent) ? "Edge" : /Chrome\//.test(agent) ? "Chrome" : /Firefox\//.test(agent) ? "Firefox" : /Safari\//.test(agent) ? "Safari" : agent.slice(0, 30);
  const system = /Windows/.test(agent) ? "Windows" : /iPhone|iPad/.test(agent) ? "iOS" : /Mac OS/.test(agent) ? "macOS" : /Android/.test(agent) ? "Android" : /Linux/.test(agent) ? "Linux" : "";
  return [name, system].filter(Boolean).join(" · ");
}

/** One's own log-ins, password and second factor. */
export default function MePage() {
  return (
    <Sheet title={t("settings.me")} hint={t("me.hint")}>
      <Part title={t("me.password")}><PasswordForm /></Part>
      <SecondFactor />
      <Sessions />
    </Sheet>
  );
}

function Sessions() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const sessions = useQuery(sessionsQuery);
  const end = async (work: Promise<unknown>) => {
    await work.catch((error: Error) => void message.error(error.message));
    await client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  };
  const endOne = (id: number) => void end(ask(api.DELETE("/api/sessions/{session_id}", { params: { path: { session_id: id } } })));
  return (
    <Part title={t("me.sessions")} hint={t("me.sessionsHint")} actions={<Button onClick={() => void end(ask(api.DELETE("/api/sessions")))}>{t("me.endOthers")}</Button>}>
      {sessions.isPending ? <LoadingRows rows={2} /> : sessions.isError ? <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} /> : (
        <Rows rows={sessions.data} keyOf={(row) => row.id}
          columns={[
            { name: t("me.device"), value: (row) => <>{browserName(row.user_agent)} {row.is_current && <Pill tone="good">{t("me.thisOne")}</Pill>}</> },
            { name: t("audit.ip"), value: (row) => <span className="num">{row.ip}</span>, narrow: true },
            { name: t("me.seen"), value: (row) => <span className="num">{fullTime(row.seen_at)}</span>, narrow: true },
            { name: "", value: (row) => !row.is_current && <Button size="small" onClick={() => endOne(row.id)}>{t("me.end")}</Button>, narrow: true },
          ]} />
      )}
    </Part>
  );
}
