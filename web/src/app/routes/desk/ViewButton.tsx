import { lazy, memo, Suspense, useMemo, useState } from "react";
import { Popover } from "antd";
import { useQuery } from "@tanstack/react-query";
import { ListFilter as FilterIcon } from "lucide-react";
import { t } from "@/lib/i18n";
import { entryWords } from "@/lib/i18n/catalogue/list";
import { useShortcuts } from "@/lib/keys";
import { IconButton } from "@/ui/IconButton";
import { LoadingRows } from "@/ui/State";
import { labelsQuery } from "@/features/inbox/api";
import type { Choices } from "@/features/inbox/components/ViewMenu";
import type { ListFilter } from "@/features/inbox/rows";
import { isNarrow } from "@/features/inbox/views";
import { useNames } from "@/app/names";
import { can, useSession } from "@/app/session";

const ViewMenu = lazy(() => import("@/features/inbox/components/ViewMenu").then((found) => ({ default: found.ViewMenu })));
const CHANNELS = ["doudian", "douyin_im", "widget", "bridge"] as const;
const ENTRIES = ["product_page", "order_page", "private_message", "live", "other"] as const satisfies readonly (keyof typeof entryWords)[];

/** Returns what a list can be narrowed by, with the names that people know. */
export function useChoices(): Choices {
  const { agents, groups } = useNames();
  const labels = useQuery(labelsQuery);
  return useMemo(() => ({
    channel: CHANNELS.map((value) => ({ value, label: t(`channel.${value}`) })),
    entry: ENTRIES.map((value) => ({ value: entryWords[value], label: t(`entry.${value}`) })),
    group_id: Object.entries(groups).map(([id, label]) => ({ value: Number(id), label })),
    agent_id: Object.entries(agents).map(([id, label]) => ({ value: Number(id), label })),
    label_id: (labels.data ?? []).map((label) => ({ value: label.id, label: label.name_zh })),
  }), [agents, groups, labels.data]);
}

/** Opens saved views and filters. Drawn anew only when they change, not with every change of the list. */
export const ViewButton = memo(function ViewButton({ filter, choices, onFilter }: { filter: ListFilter; choices: Choices; onFilter: (filter: ListFilter) => void }) {
  const session = useSession();
  const [open, setOpen] = useState(false);
  useShortcuts([{ keys: "Alt+V", label: "keys.views", group: "keys.list", typing: true, run: () => setOpen((on) => !on) }]);
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomLeft" destroyOnHidden
      content={<Suspense fallback={<div style={{ width: 284 }}><LoadingRows rows={4} height={30} /></div>}><ViewMenu filter={filter} choices={choices} mayShare={can(session, "inbox.labels")} onFilter={onFilter} onDone={() => setOpen(false)} /></Suspense>}>
      <span><IconButton label={t("views.open")} keys="Alt+V" icon={<FilterIcon />} active={isNarrow(filter)} onClick={() => setOpen(true)} /></span>
    </Popover>
  );
});
