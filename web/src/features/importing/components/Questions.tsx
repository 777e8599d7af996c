import { useState } from "react";
import { Button, DatePicker, Select } from "antd";
import dayjs from "dayjs";
import { said, t, tOr } from "@/lib/i18n";
import type { Answers, Kind, Preview } from "@/features/importing/api";
import { mapped, missingFields, openQuestions, type Item } from "@/features/importing/model";
import { answer } from "@/features/importing/tray";
import { MappingTable } from "@/features/importing/components/MappingTable";
import styles from "@/features/importing/importing.module.css";

const PLATFORMS = ["douyin", "tmall", "jd", "pinduoduo"] as const;

/** What the file leaves open: its kind, its columns, its shop, its days. Nothing is written before it is clear. */
export function Questions({ item, preview, kinds }: { item: Item; preview: Preview; kinds: readonly Kind[] }) {
  const [answers, setAnswers] = useState<Answers>({ ...item.answers, kind: item.answers.kind || preview.kind || preview.guess });
  const [busy, setBusy] = useState(false);
  const kind = kinds.find((one) => one.code === answers.kind);
  const asks = openQuestions(preview, kinds, answers);
  const missing = missingFields(preview, kind, answers.mapping);
  const set = (change: Partial<Answers>) => setAnswers((old) => ({ ...old, ...change }));
  const send = async () => {
    setBusy(true);
    await answer(item.key, answers);
    setBusy(false);
  };
  return (
    <div className={styles.questions}>
      {preview.reason_zh && !item.problem && <p>{said(preview.reason_zh)}</p>}
      <div className={styles.asked}>
        <label>{t("imports.kind")}<Select value={answers.kind || null} placeholder={t("imports.chooseKind")} onChange={(value) => set({ kind: value, mapping: {} })} options={kinds.map((one) => ({ value: one.code, label: tOr(`importKind.${one.code}`, one.name_zh) }))} /></label>
        {asks.store && <label>{t("imports.store")}<Select value={answers.store || null} placeholder={t("imports.chooseStore")} onChange={(store) => set({ store })} options={preview.stores.map((value) => ({ value, label: value }))} /></label>}
        {asks.period && <label>{t("imports.period")}<DatePicker.RangePicker value={answers.from_on ? [dayjs(answers.from_on), dayjs(answers.to_on)] : null} onChange={(days) => set({ from_on: days?.[0]?.format("YYYY-MM-DD") ?? "", to_on: days?.[1]?.format("YYYY-MM-DD") ?? "" })} /></label>}
        {asks.platform && <label>{t("insight.platform")}<Select value={answers.platform || "douyin"} onChange={(platform) => set({ platform })} options={PLATFORMS.map((value) => ({ value, label: t(`platform.${value}`) }))} /></label>}
        {asks.agents && <label>{t("imports.agents")}<Select mode="tags" value={answers.agents} onChange={(agents) => set({ agents })} placeholder={t("imports.agentsHint")} /></label>}
      </div>
      {kind && preview.columns.length > 0 && preview.kind === "" && (
        <>
          <MappingTable columns={preview.columns} kind={kind} mapping={answers.mapping} onMap={(header, target, recognised) => set({ mapping: mapped(answers.mapping, header, target, recognised) })} />
          {missing.length > 0 && <p className={styles.remark}>{t("imports.missing", { names: missing.join("、") })}</p>}
        </>
      )}
      <div><Button type="primary" loading={busy} disabled={!answers.kind || (asks.store && !answers.store)} onClick={() => void send()}>{t("imports.again")}</Button></div>
    </div>
  );
}
