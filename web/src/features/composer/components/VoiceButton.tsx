import { App } from "antd";
import { Mic, Square } from "lucide-react";
import { stopwatch } from "@/lib/format";
import { t } from "@/lib/i18n";
import { IconButton } from "@/ui/IconButton";
import { useRecorder } from "@/features/composer/useRecorder";

/** Records a voice answer; a second click ends it and puts it into the tray, to be sent or thrown away. */
export function VoiceButton({ onFile }: { onFile: (file: File) => void }) {
  const { message } = App.useApp();
  const recorder = useRecorder(onFile);
  if (recorder.seconds !== null) return <IconButton label={t("composer.recording", { time: stopwatch(recorder.seconds) })} icon={<><Square fill="currentColor" /><span className="num">{stopwatch(recorder.seconds)}</span></>} active onClick={recorder.stop} placement="top" />;
  return <IconButton label={t("composer.record")} icon={<Mic />} onClick={() => void recorder.start().catch(() => message.warning(t("composer.noMicrophone")))} placement="top" />;
}
