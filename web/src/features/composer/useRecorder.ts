import { useCallback, useEffect, useRef, useState } from "react";

export interface Recorder {
  /** Seconds recorded so far, or null while nothing is recorded. */
  seconds: number | null;
  start(): Promise<void>;
  stop(): void;
}

const MAX_S = 60;
const TYPES = ["audio/mp4", "audio/webm;codecs=opus", "audio/ogg;codecs=opus"];

/** Returns a name for a recording that says what it holds. */
export function recordingName(mime: string): string {
  return mime.startsWith("audio/mp4") ? "voice.m4a" : mime.startsWith("audio/ogg") ? "voice.ogg" : "voice.webm";
}

/** Records the microphone, at most a minute, and hands over the file. Raises in `start` when the browser refuses. */
export function useRecorder(onDone: (file: File) => void): Recorder {
  const [seconds, setSeconds] = useState<number | null>(null);
  const recorder = useRef<MediaRecorder | null>(null);
  const done = useRef(onDone);
  done.current = onDone;
  const stop = useCallback(() => recorder.current?.stop(), []);
  const start = useCallback(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
    const fresh = new MediaRecorder(stream, mimeType ? { mimeType } : {});
    const pieces: Blob[] = [];
    const began = performance.now();
    const timer = setInterval(() => {
      const passed = Math.floor((performance.now() - began) / 1_000);
      setSeconds(passed);
      if (passed >= MAX_S) fresh.stop();
    }, 250);
    fresh.ondataavailable = (event) => pieces.push(event.data);
    fresh.onstop = () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      recorder.current = null;
      setSeconds(null);
      const mime = fresh.mimeType || "audio/webm";
      done.current(new File(pieces, recordingName(mime), { type: mime }));
    };
    recorder.current = fresh;
    setSeconds(0);
    fresh.start();
  }, []);
  useEffect(() => () => stop(), [stop]);
  return { seconds, start, stop };
}
