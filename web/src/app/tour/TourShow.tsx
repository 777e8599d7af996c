import { useEffect, useMemo, useState } from "react";
import { Tour } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { t } from "@/lib/i18n";
import { HOME, STEPS, type TourName } from "@/app/tour/steps";
import { useTour } from "@/app/tour/tour";

const SETTLE_MS = 350;

/** The tour itself, over the real page with whatever burns there now: arrows or Enter go on, Escape ends it. */
export default function TourShow({ name }: { name: TourName }) {
  const { done } = useTour(name);
  const go = useNavigate();
  const [current, setCurrent] = useState(0);
  const [isReady, setReady] = useState(false);
  const steps = STEPS[name];
  useEffect(() => {
    if (!globalThis.location.pathname.startsWith(HOME[name])) void go({ to: HOME[name] });
    // The answer box and the side panel are there only beside an open chat: the most urgent one is opened.
    const timer = setTimeout(() => {
      const first = document.querySelector('[role="option"][id^="conversation-"]');
      if (name === "agent" && first && !document.querySelector("[data-conversation]")) globalThis.dispatchEvent(new CustomEvent("miaohui:open", { detail: Number(first.id.split("-")[1]) }));
      setTimeout(() => setReady(true), SETTLE_MS);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [go, name]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (event.key === "Escape") done();
      else if (by !== 0) setCurrent((now) => Math.max(0, Math.min(steps.length - 1, now + by)));
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  });
  useEffect(() => {
    const timer = setTimeout(() => document.querySelector<HTMLElement>(".ant-tour-next-btn")?.focus(), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [current, isReady]);
  const shown = useMemo(() => steps.map((step, n) => ({
    title: t(step.title),
    description: t(step.text),
    target: step.target === null ? null : () => document.querySelector<HTMLElement>(step.target!),
    nextButtonProps: { children: t(n === steps.length - 1 ? "tour.finish" : "tour.next") },
    prevButtonProps: { children: t("tour.back") },
  })) as NonNullable<React.ComponentProps<typeof Tour>["steps"]>, [steps]);
  if (!isReady) return null;
  return <Tour open current={current} onChange={setCurrent} onClose={done} onFinish={done} steps={shown} scrollIntoViewOptions={false} indicatorsRender={(now, total) => <span className="num quiet">{now + 1}/{total}</span>} />;
}
