import { useState, type ReactNode } from "react";
import { App, Button, Checkbox, Input, Popconfirm, Select } from "antd";
import { useQuery } from "@tanstack/react-query";
import { Pencil, Trash2, UsersRound } from "lucide-react";
import { t } from "@/lib/i18n";
import { IconButton } from "@/ui/IconButton";
import type { ListFilter } from "@/features/inbox/rows";
import { isNarrow, shownBy, useViewChanges, viewOf, viewsQuery, type Narrowing, type View } from "@/features/inbox/views";
import styles from "@/features/inbox/components/views.module.css";

export interface Choice {
  value: string | number;
  label: string;
}

export type Choices = Readonly<Record<keyof Narrowing, readonly Choice[]>>;

interface Props {
  filter: ListFilter;
  choices: Choices;
  mayShare: boolean;
  onFilter: (filter: ListFilter) => void;
  onDone: () => void;
}

const FIELDS = ["channel", "group_id", "agent_id", "label_id", "entry"] as const;

/** Saved views and what narrows the list; what is on the screen can be kept under a name. */
export function ViewMenu({ filter, choices, mayShare, onFilter, onDone }: Props) {
  const views = useQuery(viewsQuery);
  const found = views.data ?? [];
  const current = viewOf(found, filter);
  const set = (name: keyof Narrowing, value: string | number | undefined) => {
    const { [name]: _, ...rest } = filter;
    onFilter(value === undefined ? rest : { ...rest, [name]: value });
  };
  return (
    <div className={styles.panel} role="group" aria-label={t("views.title")} onKeyDown={(event) => { if (event.key === "Escape") onDone(); }}>
      <h4>{t("views.title")}</h4>
      {found.length === 0 && <p className="quiet">{t("views.none")}</p>}
      <ul className={`${styles.list} scroll`}>
        {found.map((view) => <ViewLine key={view.id} view={view} isOn={view.id === current?.id} mayChange={!view.is_shared || mayShare} onPick={() => { onFilter(shownBy(view)); onDone(); }} />)}
      </ul>
      <h4>{t("views.filter")}</h4>
      <div className={styles.fields}>
        {FIELDS.map((name, n) => (
          <label key={name}>{t(`views.by.${name}`)}
            <Select size="small" allowClear showSearch={{ optionFilterProp: "label" }} value={filter[name] ?? undefined} options={[...choices[name]]} placeholder={t("views.any")} autoFocus={n === 0 && found.length === 0}
              onChange={(value: string | number | undefined) => set(name, value)} aria-label={t(`views.by.${name}`)} />
          </label>
        ))}
      </div>
      {current === null && (isNarrow(filter) || filter.box !== "mine") && <Keep filter={filter} position={found.length} mayShare={mayShare} />}
    </div>
  );
}

function Keep({ filter, position, mayShare }: { filter: ListFilter; position: number; mayShare: boolean }) {
  const { save } = useViewChanges();
  const { message } = App.useApp();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const keep = () => save.mutate({ name_zh: name.trim(), filter, is_shared: shared, position }, {
    onSuccess: () => void message.success(t("views.saved", { name: name.trim() })), onError: (error) => void message.error(error.message),
  });
  return (
    <form className={styles.keep} onSubmit={(event) => { event.preventDefault(); if (name.trim()) keep(); }}>
      <Input size="small" value={name} onChange={(event) => setName(event.target.value)} placeholder={t("views.name")} aria-label={t("views.name")} maxLength={60} />
      {mayShare && <Checkbox checked={shared} onChange={(event) => setShared(event.target.checked)}>{t("views.share")}</Checkbox>}
      <Button size="small" type="primary" htmlType="submit" disabled={!name.trim()} loading={save.isPending}>{t("views.save")}</Button>
    </form>
  );
}

function ViewLine({ view, isOn, mayChange, onPick }: { view: View; isOn: boolean; mayChange: boolean; onPick: () => void }) {
  const { change, remove } = useViewChanges();
  const { message } = App.useApp();
  const [renaming, setRenaming] = useState(false);
  const failed = (error: Error) => void message.error(error.message);
  const rename = (name: string) => {
    setRenaming(false);
    if (name.trim() && name.trim() !== view.name_zh) change.mutate({ view, name_zh: name.trim() }, { onError: failed });
  };
  const name: ReactNode = renaming
    ? <Input size="small" defaultValue={view.name_zh} autoFocus maxLength={60} aria-label={t("views.name")} onBlur={(event) => rename(event.target.value)}
        onKeyDown={(event) => { if (event.key === "Enter") rename(event.currentTarget.value); if (event.key === "Escape") { event.stopPropagation(); setRenaming(false); } }} />
    : <button type="button" className={styles.pick} aria-current={isOn || undefined} onClick={onPick}><span className="clip">{view.name_zh}</span>{view.is_shared && <UsersRound size={13} aria-label={t("views.shared")} />}</button>;
  return (
    <li className={isOn ? styles.on : ""}>
      {name}
      {mayChange && !renaming && <span className={styles.acts}><IconButton label={t("views.rename")} icon={<Pencil />} onClick={() => setRenaming(true)} />
        <Popconfirm title={t("views.removeAsk", { name: view.name_zh })} description={view.is_shared ? t("views.removeShared") : undefined} okText={t("common.delete")} okButtonProps={{ danger: true }} cancelText={t("common.cancel")} onConfirm={() => remove.mutateAsync(view).catch(failed)}>
          <span><IconButton label={t("common.delete")} icon={<Trash2 />} danger /></span>
        </Popconfirm></span>}
    </li>
  );
}
