import { useCallback, useEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent, type ReactNode } from "react";
import { ImagePlus, SendHorizontal, StickyNote, TriangleAlert, Zap } from "lucide-react";
import { t } from "@/lib/i18n";
import { useShortcuts } from "@/lib/keys";
import { IconButton } from "@/ui/IconButton";
import { findQuick, slashSearch, type QuickReply } from "@/features/composer/quick";
import { charsOf, MOST_CHARS } from "@/features/composer/length";
import { completeMention, mentionSearch, type Mentionable } from "@/features/composer/mentions";
import { MentionMenu } from "@/features/composer/components/MentionMenu";
import { QuickMenu } from "@/features/composer/components/QuickMenu";
import { AttachmentTray } from "@/features/composer/components/AttachmentTray";
import type { Upload } from "@/features/composer/uploads";
import styles from "@/features/composer/components/composer.module.css";

export interface ComposerProps {
  conversationId: number;
  draft: string;
  onDraft: (text: string) => void;
  note: string;
  onNoteDraft: (text: string) => void;
  onSend: (text: string) => void;
  onNote: (text: string) => void;
  onTyping: () => void;
  quickReplies: readonly QuickReply[];
  /** Returns the text of a quick reply, or null when picking it did something else. */
  fill: (reply: QuickReply) => string | null;
  uploads: readonly Upload[];
  onFiles: (files: File[]) => void;
  onRemoveUpload: (key: string) => void;
  maxChars: number | null;
  enterSends: boolean;
  /** Why nothing can be sent now, or null. Notes can always be written. */
  blocked: string | null;
  canSend: boolean;
  colleagues: readonly Mentionable[];
  window: ReactNode;
  tools?: ReactNode;
}

/** Whether the browser lets a field grow with its text; measuring it at every key costs a layout of the page. */
const GROWS_BY_ITSELF = globalThis.CSS?.supports?.("field-sizing", "content") ?? false;

/** Where an answer is written. Keeps its text in the drafts at every key, so that nothing can lose it. */
export function Composer(props: ComposerProps) {
  const { conversationId, draft, onDraft, note, onNoteDraft: setNote, blocked, maxChars, uploads } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [noting, setNoting] = useState(false);
  const [refused, setRefused] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [dropping, setDropping] = useState(false);
  const text = noting ? note : draft;
  const hasQuick = props.quickReplies.length > 0;
  const search = noting || !hasQuick ? null : slashSearch(draft);
  const found = search === null ? [] : findQuick(props.quickReplies, search);
  const [caret, setCaret] = useState(0);
  const wanted = noting ? mentionSearch(note, caret) : null;
  const people = wanted === null ? [] : props.colleagues.filter((one) => one.name.includes(wanted)).slice(0, 6);
  const mention = (name: string) => { setNote(completeMention(note, caret, name)); field.current?.focus(); };

  useEffect(() => { setNoting(false); setRefused(0); setChosen(0); field.current?.focus(); }, [conversationId]);
  useEffect(() => setChosen(0), [search]);
  useEffect(() => {
    const area = field.current;
    if (!area || GROWS_BY_ITSELF) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
  }, [text, noting]);

  const change = useCallback((value: string) => {
    setRefused(value.length > MOST_CHARS ? value.length : 0);
    if (value.length > MOST_CHARS) return;
    if (noting) setNote(value);
    else { onDraft(value); props.onTyping(); }
  }, [noting, setNote, onDraft, props.onTyping]);

  const chars = charsOf(text);
  const tooLong = !noting && maxChars !== null && chars > maxChars;
  const trouble = refused > 0 ? t("composer.refused", { n: refused.toLocaleString(), max: MOST_CHARS.toLocaleString() }) : tooLong ? t("composer.tooLong", { over: chars - maxChars }) : !noting && blocked && text !== "" ? t("composer.blockedKept", { why: blocked }) : null;
  const ready = noting ? text.trim() !== "" : !blocked && props.canSend && !tooLong && (text.trim() !== "" || uploads.length > 0) && uploads.every((u) => u.state === "ready");
  const send = () => {
    if (!ready) return;
    if (noting) { props.onNote(text.trim()); setNoting(false); } else props.onSend(text.trim());
    field.current?.focus();
  };
  const pick = (reply: QuickReply) => {
    const filled = props.fill(reply);
    change(filled ?? "");
    if (filled !== null) field.current?.focus();
  };
  const openQuick = () => { setNoting(false); if (draft === "") onDraft("/"); field.current?.focus(); };

  useShortcuts([
    { keys: "Alt+I", label: "keys.focusComposer", group: "keys.answer", typing: true, run: () => field.current?.focus() },
    { keys: "/", label: "keys.quick", group: "keys.answer", enabled: hasQuick, run: openQuick },
    { keys: "Alt+M", label: "keys.note", group: "keys.answer", typing: true, run: () => { setNoting((on) => !on); field.current?.focus(); } },
    { keys: "Alt+P", label: "keys.attach", group: "keys.answer", typing: true, run: () => picker.current?.click() },
  ]);

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    const menu = found.length || people.length;
    if (menu > 0) {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0) { event.preventDefault(); setChosen((chosen + step + menu) % menu); return; }
      if (event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        if (found[chosen]) pick(found[chosen]);
        else if (people.length > 0) mention(people[chosen % people.length]!.name);
        return;
      }
      if (event.key === "Escape" && found.length > 0) { event.preventDefault(); event.stopPropagation(); onDraft(""); return; }
    }
    if (event.key === "Escape" && noting) { event.stopPropagation(); setNoting(false); return; }
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    const chord = event.ctrlKey || event.metaKey;
    if (props.enterSends !== chord) { event.preventDefault(); send(); }
    else if (chord) { event.preventDefault(); insert("\n"); }
  };
  const insert = (piece: string) => {
    const area = field.current;
    const at = area?.selectionStart ?? text.length;
    change(text.slice(0, at) + piece + text.slice(area?.selectionEnd ?? at));
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    const pasted = event.clipboardData.getData("text/plain").length;
    if (files.length === 0 && text.length + pasted > MOST_CHARS) { event.preventDefault(); setRefused(text.length + pasted); }
    if (files.length > 0) { event.preventDefault(); props.onFiles(files); }
  };

  return (
    <section data-tour="composer" className={`${styles.composer} ${noting ? styles.noting : ""} ${dropping ? styles.dropping : ""}`} aria-label={t("composer.label")}
      onDragOver={(e) => { e.preventDefault(); setDropping(true); }} onDragLeave={() => setDropping(false)}
      onDrop={(e) => { e.preventDefault(); setDropping(false); props.onFiles([...e.dataTransfer.files]); }}>
      {people.length > 0 && <MentionMenu people={people} chosen={chosen % people.length} onPick={mention} />}
      {search !== null && <QuickMenu found={found} chosen={chosen} search={search} onPick={pick} onHover={setChosen} />}
      <div className={styles.tools}>
        {hasQuick && <IconButton label={t("composer.quick")} keys="/" icon={<Zap />} onClick={openQuick} placement="top" />}
        <IconButton label={t("composer.attach")} keys="Alt+P" icon={<ImagePlus />} onClick={() => picker.current?.click()} placement="top" />
        <IconButton label={t("composer.note")} keys="Alt+M" icon={<StickyNote />} active={noting} onClick={() => setNoting(!noting)} placement="top" />
        {props.tools}
        <span className={styles.window}>{!noting && props.window}</span>
      </div>
      {!noting && <AttachmentTray uploads={uploads} onRemove={props.onRemoveUpload} />}
      {trouble && <p className={styles.trouble} role="alert"><TriangleAlert size={14} aria-hidden />{trouble}</p>}
      <div className={styles.writing}>
        <textarea ref={field} className={`${styles.field} scroll`} value={text} rows={2} onChange={(e) => { setCaret(e.target.selectionStart); change(e.target.value); }} onKeyDown={onKeyDown} onPaste={onPaste}
          placeholder={noting ? t("composer.notePlaceholder") : (blocked ?? t(hasQuick ? "composer.placeholder" : "composer.placeholderPlain"))} aria-label={noting ? t("composer.note") : t("composer.field")}
          aria-autocomplete="list" {...(found.length > 0 ? { "aria-controls": "quick-menu" } : {})} spellCheck={false} />
        <div className={styles.send}>
          <span className={`${styles.count} num`} data-over={tooLong || undefined}>{maxChars !== null && chars > maxChars * 0.7 ? `${chars}/${maxChars}` : ""}</span>
          <span data-tip="" data-tip-keys={props.enterSends ? "Enter" : "Ctrl+Enter"} data-tip-side="top">
            <button type="button" className={styles.go} onClick={send} disabled={!ready}><SendHorizontal size={15} aria-hidden />{noting ? t("composer.saveNote") : t("composer.send")}</button>
          </span>
        </div>
      </div>
      <input ref={picker} type="file" multiple hidden accept="image/*,video/mp4,audio/*,application/pdf" onChange={(e) => { props.onFiles([...(e.target.files ?? [])]); e.target.value = ""; }} />
    </section>
  );
}
