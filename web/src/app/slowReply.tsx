import { App, Button } from "antd";
import { t } from "@/lib/i18n";
import type { FeedEvent } from "@/live/protocol";

interface SlowFacts {
  agent_id?: number;
  conversation_id?: number;
  count?: number;
}

/** Returns how many of one's buyers wait too long and whom to open first, or null when the event is not about oneself. */
export function slowReplyOf(event: FeedEvent, me: number): { conversationId: number; count: number } | null {
  const facts = event.data as SlowFacts;
  if (event.name !== "sla.slow_reply" || facts.agent_id !== me || facts.conversation_id === undefined) return null;
  return { conversationId: facts.conversation_id, count: facts.count ?? 1 };
}

/** Returns what pops up once when buyers have waited as long as the policy says (千牛: 100 seconds). */
export function useSlowReplyPopup(me: number): (event: FeedEvent) => void {
  const { notification } = App.useApp();
  return (event) => {
    const slow = slowReplyOf(event, me);
    if (!slow) return;
    const open = () => {
      notification.destroy("slow-reply");
      globalThis.dispatchEvent(new CustomEvent("miaohui:open", { detail: slow.conversationId }));
    };
    notification.warning({ key: "slow-reply", title: t("notify.slow", { n: slow.count }), description: t("notify.slowHint"), duration: 20, actions: <Button type="primary" size="small" onClick={open}>{t("notify.slowOpen")}</Button> });
  };
}
