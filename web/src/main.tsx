import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import { speak } from "@/lib/i18n/speak";
import { preferences } from "@/lib/preferences";
import "@/ui/base.css";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
void speak(preferences.get().locale).then(() => createRoot(root).render(<App />));
