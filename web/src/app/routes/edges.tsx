import { Compass, TriangleAlert } from "lucide-react";
import { Button } from "antd";
import { ApiError } from "@/api/client";
import { t } from "@/lib/i18n";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/State";

/** There is no such page. */
export function Missing() {
  return <EmptyState icon={<Compass />} title={t("state.missing")} hint={t("state.missingHint")} action={<a href="/">{t("state.home")}</a>} />;
}

/** A page is on its way. */
export function Waiting() {
  return <LoadingRows rows={8} />;
}

/** Something broke: a refused fetch says why, a bug says that the rest still works. */
export function Crashed({ error, reset }: { error: unknown; reset?: () => void }) {
  const again = () => (reset ? reset() : globalThis.location.reload());
  if (error instanceof ApiError) return <ErrorState error={error} onRetry={again} />;
  return <EmptyState icon={<TriangleAlert />} title={t("state.crashed")} hint={`${t("state.crashedHint")} ${error instanceof Error ? error.message : ""}`} action={<Button onClick={again}>{t("common.retry")}</Button>} />;
}
