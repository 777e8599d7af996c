import { App, Button, Rate, Select } from "antd";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";
import { t } from "@/lib/i18n";
import { LoadingRows } from "@/ui/State";
import { IconButton } from "@/ui/IconButton";
import { Pill } from "@/ui/Pill";
import styles from "@/features/settings/form.module.css";

type Skill = components["schemas"]["SkillIn"];

const skillsQuery = (userId: number) => queryOptions({ queryKey: ["settings", "team", "skills", userId] as const, queryFn: () => ask(api.GET("/api/agents/{user_id}/skills", { params: { path: { user_id: userId } } })) });
const kindsQuery = queryOptions({ queryKey: ["settings", "team", "skill-kinds"] as const, queryFn: async () => (await ask(api.GET("/api/skills"))).items });

/** What one agent can do, from 1 to 5; dispatch and rosters read it. */
export function AgentSkills({ userId }: { userId: number }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const skills = useQuery(skillsQuery(userId));
  const kinds = useQuery(kindsQuery);
  if (!skills.data) return <LoadingRows rows={2} height={28} />;
  const { items, version } = skills.data;
  const plain: Skill[] = items.map(({ code, level, expires_on }) => ({ code, level, expires_on: expires_on ?? null }));
  const save = (list: Skill[]) => void ask(api.PUT("/api/agents/{user_id}/skills", { params: { path: { user_id: userId } }, body: { skills: list, version } })).then(
    (fresh) => client.setQueryData(skillsQuery(userId).queryKey, fresh),
    (error: Error) => { void message.error(error.message); void skills.refetch(); },
  );
  const missing = (kinds.data ?? []).filter((kind) => !items.some((item) => item.code === kind.code));
  return (
    <div className={styles.wide}>
      {items.map((item) => (
        <div key={item.code} className={styles.line}>
          <b style={{ minWidth: 120 }}>{item.name_zh}</b>
          <Rate count={5} value={item.level} allowClear={false} onChange={(level) => save(plain.map((one) => (one.code === item.code ? { ...one, level } : one)))} />
          {item.expires_on && <Pill tone={item.is_expired ? "breached" : "plain"}>{t("team.until", { day: item.expires_on })}</Pill>}
          <IconButton label={t("common.delete")} icon={<Trash2 />} danger onClick={() => save(plain.filter((one) => one.code !== item.code))} />
        </div>
      ))}
      {items.length === 0 && <p className="quiet">{t("team.noSkills")}</p>}
      {missing.length > 0 && <Select size="small" style={{ width: 200 }} placeholder={t("team.addSkill")} value={null} options={missing.map((kind) => ({ value: kind.code, label: kind.name_zh }))} onChange={(code: string | null) => { if (code) save([...plain, { code, level: 3, expires_on: null }]); }} />}
      {kinds.isError && <Button size="small" onClick={() => void kinds.refetch()}>{t("common.retry")}</Button>}
    </div>
  );
}
