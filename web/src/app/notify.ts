import { duration } from "@/lib/format";
import { t } from "@/lib/i18n";
import { preferences } from "@/lib/preferences";
import type { FeedEvent } from "@/live/protocol";
import { tame } from "@/features/inbox/text";

interface Facts {
  call?: { user_id: number; state: string; waited_s: number; waiting_count: number };
  conversation?: { id: number; agent_id: number | null; buyer_name_zh: string; last_text: string };
}

export type Alarm = "message" | "urgent" | "handed" | "called" | null;

/** Returns what an event means to a person: her buyer wrote, her clock warns, she got a chat, the reserve is called; null for all else. */
export function alarmOf(event: FeedEvent, me: number): Alarm {
  const facts = event.data as Facts & { previous_agent_id?: number | null; agent_id?: number | null };
  if (facts.call) return event.name === "routing.reserve_call_changed" && facts.call.user_id === me && facts.call.state === "called" ? "called" : null;
  const mine = facts.conversation ? facts.conversation.agent_id === me : facts.agent_id === me;
  if (!mine) return null;
  if (event.name === "inbox.message_received") return "message";
  if (event.name === "sla.clock_warned" || event.name === "sla.clock_breached") return "urgent";
  if (event.name === "inbox.conversation_assigned" && facts.previous_agent_id !== me) return "handed";
  return null;
}

let audio: AudioContext | null = null;
const NOTES: Record<Exclude<Alarm, null>, number[]> = { message: [660], handed: [523, 659], urgent: [880, 880], called: [659, 784, 988] };

/** Plays a short soft sound. Silent until the person has touched the page, as browsers ask. */
export function chime(kind: Exclude<Alarm, null>): void {
  if (!globalThis.AudioContext) return;
  audio ??= new AudioContext();
  if (audio.state !== "running") void audio.resume();
  NOTES[kind].forEach((pitch, n) => {
    const at = audio!.currentTime + n * 0.16;
    const tone = audio!.createOscillator();
    const loud = audio!.createGain();
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(0.12, at + 0.015);
    loud.gain.exponentialRampToValueAtTime(0.0008, at + 0.22);
    tone.connect(loud).connect(audio!.destination);
    tone.start(at);
    tone.stop(at + 0.24);
  });
}

let lastChime = 0;

/** Tells the person about an event in the way she chose: sound, desktop. At most one sound in 800 ms. */
export function alertPerson(event: FeedEvent, me: number): void {
  const alarm = alarmOf(event, me);
  if (!alarm || Date.now() - event.at_ms > 60_000) return;
  const wish = preferences.get();
  if (wish.sound && performance.now() - lastChime > 800) {
    lastChime = performance.now();
    chime(alarm);
  }
  if (!wish.desktop || !document.hidden || globalThis.Notification?.permission !== "granted") return;
  const about = (event.data as Facts).conversation;
  const { title, body, tag } = wordsOf(alarm, event.data as Facts);
  const shown = new Notification(title, { body, tag, silent: true });
  shown.onclick = () => {
    globalThis.focus();
    if (about) globalThis.dispatchEvent(new CustomEvent("miaohui:open", { detail: about.id }));
    shown.close();
  };
}

function wordsOf(alarm: Exclude<Alarm, null>, { conversation, call }: Facts): { title: string; body: string; tag: string } {
  if (call) return { title: t("reserve.called"), body: t("reserve.why", { n: call.waiting_count, time: duration(call.waited_s) }), tag: "reserve" };
  const title = alarm === "urgent" ? t("notify.urgent") : (conversation?.buyer_name_zh ?? t("app.name"));
  return { title, body: tame(conversation?.last_text ?? ""), tag: `conversation-${conversation?.id ?? 0}` };
}
