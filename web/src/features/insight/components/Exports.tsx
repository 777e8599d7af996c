import { useState } from "react";
import { App, Button } from "antd";
import { Download } from "lucide-react";
import { t } from "@/lib/i18n";
import { reportFile, type FileForm, type Span } from "@/features/insight/api";

const FORMS: readonly FileForm[] = ["xlsx", "pdf", "html"];

/** The same report as a file to hand over. What the server cannot make is said with what to install. */
export function Exports({ span }: { span: Span }) {
  const { message } = App.useApp();
  const [busy, setBusy] = useState<FileForm | null>(null);
  const save = async (form: FileForm) => {
    setBusy(form);
    try {
      const address = URL.createObjectURL(await reportFile(span, form));
      const link = document.createElement("a");
      link.href = address;
      link.download = t("insight.fileName", { from: span.from, to: span.to, form });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    } catch (error) {
      void message.error(error instanceof Error ? error.message : t("state.failed"), 8);
    }
    setBusy(null);
  };
  return <>{FORMS.map((form) => <Button key={form} icon={<Download size={14} />} loading={busy === form} disabled={busy !== null && busy !== form} onClick={() => void save(form)}>{t(`insight.export.${form}`)}</Button>)}</>;
}
