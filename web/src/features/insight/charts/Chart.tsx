import { lazy, Suspense, useMemo, useSyncExternalStore } from "react";
import type { EChartsCoreOption } from "echarts/core";
import { LoadingRows } from "@/ui/State";
import type { Ink } from "@/features/insight/charts/options";

const EChart = lazy(() => import("@/features/insight/charts/EChart"));

function onScheme(changed: () => void): () => void {
  const watch = new MutationObserver(changed);
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-scheme"] });
  return () => watch.disconnect();
}

function readInk(): Ink {
  const styles = getComputedStyle(document.documentElement);
  const read = (name: string) => styles.getPropertyValue(`--${name}`).trim();
  return { ink: read("ink"), ink2: read("ink-2"), ink3: read("ink-3"), line: read("line"), surface: read("raised"), accent: read("accent"), accentSoft: read("accent-soft"), calm: read("calm"), near: read("near"), breached: read("breached"), good: read("good"), font: read("font") };
}

interface Props {
  label: string;
  height?: number;
  option: (ink: Ink) => EChartsCoreOption;
}

/** A chart in the colours of the scheme in force; a screen reader hears `label`, the figures stand in the tables. */
export function Chart({ label, height = 220, option }: Props) {
  const scheme = useSyncExternalStore(onScheme, () => document.documentElement.dataset.scheme ?? "light");
  const made = useMemo(() => ({ scheme, option: option(readInk()) }), [scheme, option]);
  return (
    <figure role="img" aria-label={label} style={{ minHeight: height }}>
      <Suspense fallback={<LoadingRows rows={3} height={48} />}><EChart option={made.option} height={height} /></Suspense>
    </figure>
  );
}
